import type { Family } from "./family.ts";

/** The content type of the text format that every version of Prometheus reads. */
export const contentType = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Writes the families of one or more processes as one text, joined by each family's aggregator. The library is loaded at
 * the first scrape: a server that nobody scrapes starts without its 25 ms and 8 MB.
 */
export const exposition = async (reports: readonly (readonly Family[])[]): Promise<string> => {
  const { AggregatorRegistry } = await import("prom-client");
  return AggregatorRegistry.aggregate(reports as unknown as object[]).metrics();
};
