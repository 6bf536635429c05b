export { keptCount, keptCountsHandler } from "./kept-counts.ts";
