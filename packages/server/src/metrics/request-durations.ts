import type { Collector, Sample } from "./family.ts";

/** Upper bounds in seconds. */
const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
const statusClasses = ["1xx", "2xx", "3xx", "4xx", "5xx"] as const;
/** A cell holds the requests of each bucket, those above the last bound, and the sum of seconds. */
const cellLength = bounds.length + 2;
const metricName = "gatehouse_http_request_duration_seconds";

export interface RequestDurations {
  /** Counts one answered request. `operationId` is undefined where no operation fits, as for pages and unknown paths. */
  observe(operationId: string | undefined, status: number, elapsedMs: number): void;
  readonly collect: Collector;
}

/**
 * Counts requests and their durations by operation and class of status, in one array of numbers: a metrics library's
 * labels are hashed at each call, which would cost more than what is counted here.
 */
export const createRequestDurations = (operationIds: readonly string[]): RequestDurations => {
  const rows = new Map<string | undefined, number>([...operationIds, undefined].map((id, index) => [id, index]));
  const cells = new Float64Array(rows.size * statusClasses.length * cellLength);
  const cellOf = (row: number, statusClass: number) => (row * statusClasses.length + statusClass) * cellLength;

  return {
    observe(operationId, status, elapsedMs) {
      const row = rows.get(operationId) ?? rows.get(undefined)!;
      const cell = cellOf(row, Math.min(Math.max(Math.trunc(status / 100), 1), statusClasses.length) - 1);
      const seconds = elapsedMs / 1000;
      let bucket = 0;
      while (bucket < bounds.length && seconds > bounds[bucket]!) bucket += 1;
      cells[cell + bucket]! += 1;
      cells[cell + cellLength - 1]! += seconds;
    },
    collect() {
      const values: Sample[] = [];
      for (const [operationId, row] of rows) {
        for (const [index, status] of statusClasses.entries()) {
          const start = cellOf(row, index);
          values.push(...samplesOf({ operation: operationId ?? "none", status }, cells.subarray(start, start + cellLength)));
        }
      }
      return [
        {
          name: metricName,
          help: "Requests by operation and class of status, and how long they took; operation none is what has no operation.",
          type: "histogram",
          aggregator: "sum",
          values,
        },
      ];
    },
  };
};

/** A cell as a histogram's lines; nothing for what never happened. */
const samplesOf = (labels: { operation: string; status: string }, cell: Float64Array): Sample[] => {
  let total = 0;
  const buckets: Sample[] = [];
  for (const [index, bound] of [...bounds, "+Inf"].entries()) {
    total += cell[index]!;
    buckets.push({ metricName: `${metricName}_bucket`, labels: { le: String(bound), ...labels }, value: total });
  }
  if (total === 0) return [];
  return [
    ...buckets,
    { metricName: `${metricName}_sum`, labels, value: cell[cellLength - 1]! },
    { metricName: `${metricName}_count`, labels, value: total },
  ];
};
