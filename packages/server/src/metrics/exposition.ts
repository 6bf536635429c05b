import type { Family } from "./family.ts";

/** The content type of the text format that every version of Prometheus reads. */
export const contentType = "text/plain; version=0.0.4; charset=utf-8";

type Reports = readonly (readonly Family[])[];

/** The library is loaded at the first scrape: a server that nobody scrapes starts without its 25 ms and 8 MB. */
const joined = async (reports: Reports) => {
  const { AggregatorRegistry } = await import("prom-client");
  return AggregatorRegistry.aggregate(reports as unknown as object[]);
};

/** Writes the families of one or more processes as one text, joined by each family's aggregator. */
export const exposition = async (reports: Reports): Promise<string> => (await joined(reports)).metrics();

/** The families of several reports as one report. */
export const addUp = async (reports: Reports): Promise<readonly Family[]> =>
  (await (await joined(reports)).getMetricsAsJSON()) as unknown as readonly Family[];
