import { keptCountStore } from "./kept-count.store.ts";

export const keptCountModule = {
  name: "foundation/kept-counts",
  stores: { keptCounts: keptCountStore },
} as const;
