export { type CountFollowers, type Follower, keptCount, keptCountsHandler } from "./kept-counts.ts";
