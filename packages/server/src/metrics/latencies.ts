import type { Family, Sample } from "./family.ts";

/** Upper bounds in seconds: equipment asks again after one to three. */
const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

export interface Latencies {
  observe(elapsedMs: number): void;
  /** Its lines as those of the histogram of a name, with labels. */
  samples(name: string, labels: Readonly<Record<string, string>>): readonly Sample[];
}

/** Counts how long something took. */
export const createLatencies = (): Latencies => {
  const counts = new Float64Array(bounds.length + 1);
  let sum = 0;
  return {
    observe(elapsedMs) {
      const seconds = elapsedMs / 1000;
      const bucket = bounds.findIndex((bound) => seconds <= bound);
      counts[bucket === -1 ? bounds.length : bucket]! += 1;
      sum += seconds;
    },
    samples(name, labels) {
      let total = 0;
      const buckets = [...bounds, "+Inf"].map((bound, index) => {
        total += counts[index]!;
        return { metricName: `${name}_bucket`, labels: { le: String(bound), ...labels }, value: total };
      });
      return [...buckets, { metricName: `${name}_sum`, labels, value: sum }, { metricName: `${name}_count`, labels, value: total }];
    },
  };
};

/** A histogram of several processes together. */
export const histogram = (name: string, help: string, values: readonly Sample[]): Family => ({
  name,
  help,
  type: "histogram",
  aggregator: "sum",
  values,
});
