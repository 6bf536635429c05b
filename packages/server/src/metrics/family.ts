/** One line of a metric: its labels and its value. `metricName` is given where it is not the family's, as for buckets. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly metricName?: string;
}

/** A metric with all its lines, as plain data: it travels between processes as it is. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram" | "summary";
  /** How the lines of several processes become one. */
  readonly aggregator: "sum" | "max";
  readonly values: readonly Sample[];
}

/** Something that has figures to show. Each call may begin a new period. */
export type Collector = () => readonly Family[];

/** A figure that only grows while its process lives. */
export const counter = (name: string, help: string, values: readonly Sample[] | number): Family => ({
  name,
  help,
  type: "counter",
  aggregator: "sum",
  values: samplesOf(values),
});

/** A figure of this moment. */
export const gauge = (
  name: string,
  help: string,
  values: readonly Sample[] | number,
  aggregator: Family["aggregator"] = "sum",
): Family => ({
  name,
  help,
  type: "gauge",
  aggregator,
  values: samplesOf(values),
});

const samplesOf = (values: readonly Sample[] | number): readonly Sample[] =>
  typeof values === "number" ? [{ labels: {}, value: values }] : values;
