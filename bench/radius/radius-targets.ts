import type { DatabaseName } from "../results.ts";
import { type Goal, isMet, type Measured, type Verdict } from "../targets.ts";
import type { RadiusResult, TheirSummary } from "./radius-results.ts";

interface RadiusTarget extends Goal {
  measure(result: RadiusResult): Measured | undefined;
}

const besideTheirs = (
  database: DatabaseName,
  id: string,
  what: string,
  limit: Pick<Goal, "atLeast" | "atMost">,
  measured: (theirs: TheirSummary) => Measured,
): RadiusTarget => ({
  what: `${id}: ${what}`,
  database,
  unit: "ratio",
  ...limit,
  measure(result) {
    const theirs = result.operations[id]?.theirs;
    return theirs && measured(theirs);
  },
});

const rate = (database: DatabaseName, id: string, atLeast: number): RadiusTarget =>
  besideTheirs(database, id, "packets per second by FreeRADIUS'", { atLeast }, ({ rateRatio }) => ({ value: rateRatio.median }));

const p99 = (database: DatabaseName, id: string): RadiusTarget =>
  besideTheirs(database, id, "p99 by FreeRADIUS'", { atMost: 1 }, ({ p99Ratio }) => ({ value: p99Ratio.median }));

/** Every target of the RADIUS door, for one process. Rates count here: FreeRADIUS may use both cores, and one process of ours may not. */
export const radiusTargets: readonly RadiusTarget[] = (["sqlite", "postgres"] as const).flatMap((database) => [
  rate(database, "PAP", 1.3),
  p99(database, "PAP"),
  rate(database, "PAP-timed", 1.3),
  p99(database, "PAP-timed"),
  rate(database, "Interim", 1.5),
  p99(database, "Interim"),
]);

/** Holds results against the targets. What no result speaks of is not measured, and that is no pass. */
export const judgeRadius = (results: readonly RadiusResult[]): Verdict<Goal>[] =>
  radiusTargets.map((target) => {
    const result = results.find(({ database, workers }) => database === target.database && workers === 1);
    const measured = result && target.measure(result);
    const concernsThisRun = result !== undefined;
    if (!measured || Number.isNaN(measured.value)) return { target, measured: undefined, verdict: "not measured", concernsThisRun };
    return { target, measured, verdict: isMet(target, measured) ? "pass" : "miss", concernsThisRun };
  });
