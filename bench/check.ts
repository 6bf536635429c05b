import { type Configuration, nameOf, type Summary } from "./results.ts";

/** What the comparison needs of a result: rows with their CPU ratios. */
export interface Comparable extends Configuration {
  readonly operations: Readonly<Record<string, Row>>;
  readonly references?: Readonly<Record<string, Row>>;
}

interface Row {
  readonly summary: Pick<Summary, "cpuRatio">;
}

/** How much dearer a row may become, compared with the bare server, before the check fails: a fifth. */
export const allowance = 1.2;

/** A row whose CPU cost is compared with the committed one. Costs are multiples of what the row is compared with. */
export interface Compared {
  readonly configuration: string;
  readonly row: string;
  /** Undefined where nothing was measured although something is committed. */
  readonly costNow: number | undefined;
  readonly costThen: number;
}

/** The rows of a committed result beside those of today's. Ratios to the bare server hold across machines; seconds would not. */
export const compare = (committed: Comparable, current: Comparable | undefined, only?: ReadonlySet<string>): Compared[] =>
  (["operations", "references"] as const).flatMap((part) =>
    Object.entries(committed[part] ?? {})
      .filter(([id]) => only === undefined || only.has(id))
      .map(([id, then]) => ({
        configuration: nameOf(committed),
        row: part === "operations" ? id : `${id} beside its bare statements`,
        costNow: costOf(current?.[part]?.[id]),
        costThen: costOf(then)!,
      })),
  );

const costOf = (result: Row | undefined): number | undefined => result && 1 / result.summary.cpuRatio.median;

/** Whether a row became too dear, or is measured no more: an operation that nobody measures could cost anything. */
export const isExceeded = ({ costNow, costThen }: Compared): boolean =>
  costNow === undefined || !Number.isFinite(costNow) || costNow > costThen * allowance;

/** What the check says: one sentence for each row that fails it. Comparing nothing fails it, too. */
export const failuresOf = (rows: readonly Compared[]): string[] => {
  if (rows.length === 0) return ["There was nothing to compare: no committed result is of a configuration that was measured."];
  return rows.filter(isExceeded).map(({ configuration, row, costNow, costThen }) => {
    if (costNow === undefined || !Number.isFinite(costNow)) return `${configuration}, ${row}: was not measured, and a result is committed.`;
    const more = Math.round((costNow / costThen - 1) * 100);
    return `${configuration}, ${row}: costs ${costNow.toFixed(2)} times the CPU of its yardstick, committed are ${costThen.toFixed(2)}: ${more} % more.`;
  });
};
