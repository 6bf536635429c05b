export { keptCount } from "./kept-count.store.ts";
export { type Counting, type CountMoved, keptCountsHandler, type MovedAccount, type MovedRecords } from "./kept-counts.handler.ts";
