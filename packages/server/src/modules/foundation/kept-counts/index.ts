export { type Counted, keptCount, keptCountsHandler } from "./kept-counts.ts";
