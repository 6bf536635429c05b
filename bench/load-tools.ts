/** What can put load on a server: the first comes with the checkout, the others must be installed. */
export const loadTools = ["autocannon", "wrk"] as const;
export type LoadTool = (typeof loadTools)[number];
