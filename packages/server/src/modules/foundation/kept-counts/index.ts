export { type Counted, keptCountsHandler, readKeptCount } from "./kept-counts.ts";
