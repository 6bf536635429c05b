export { keptCount, keptCountStore } from "./kept-count.store.ts";
export {
  addToCounts,
  type Counting,
  type CountMoved,
  keptCountsHandler,
  type MovedAccount,
  type MovedRecords,
} from "./kept-counts.handler.ts";
