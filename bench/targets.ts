import type { Configuration, DatabaseName, Result, Spread } from "./results.ts";
import { median } from "./statistics.ts";

/** The size that the targets speak of. */
export const referenceUsers = 100_000;
/** The sizes that must serve as fast, or nearly. */
const largerSizes = [1_000_000, 10_000_000];

export type Unit = "ratio" | "seconds" | "milliseconds" | "megabytes" | "megabytes per million requests";

export interface Measured {
  readonly value: number;
  /** What is worth knowing beside it: the same by requests per second, or the idle event loop. */
  readonly beside?: number;
  readonly besideWhat?: string;
}

/** What a target wants, without how it is measured. */
export interface Goal {
  readonly what: string;
  readonly database: DatabaseName;
  readonly unit: Unit;
  readonly atLeast?: number;
  readonly atMost?: number;
  /** What would be better still. */
  readonly aim?: number;
}

export interface Target extends Goal {
  measure(find: Find): Measured | undefined;
}

type Find = (configuration: Configuration) => Result | undefined;

const at = (find: Find, database: DatabaseName, workers = 1, users = referenceUsers) => find({ database, workers, users });

const ofOperation = (result: Result | undefined, id: string): Measured | undefined => {
  const summary = result?.operations[id]?.summary;
  return summary && { value: summary.cpuRatio.median, beside: summary.requestsRatio.median };
};

const ofReference = (result: Result | undefined, id: string): Measured | undefined => {
  const summary = result?.references[id]?.summary;
  return summary && { value: summary.cpuRatio.median, beside: summary.requestsRatio.median };
};

/** How many times one operation costs what another one does, each beside the bare server of its own rounds. */
const timesDearer = (one: Spread | undefined, other: Spread | undefined): Measured | undefined =>
  one && other && { value: other.median / one.median };

const cpuRatioOf = (result: Result | undefined, id: string): Spread | undefined => result?.operations[id]?.summary.cpuRatio;

const besideBare = (database: DatabaseName, id: string, atLeast: number, aim?: number): Target => ({
  what: `${id}: bare node:http's CPU per request by ours`,
  database,
  unit: "ratio",
  atLeast,
  ...(aim === undefined ? {} : { aim }),
  measure: (find) => ofOperation(at(find, database), id),
});

const besideStatements = (database: DatabaseName, id: string, what: string, atLeast: number): Target => ({
  what: `${id}: the CPU of ${what} by ours`,
  database,
  unit: "ratio",
  atLeast,
  measure: (find) => ofReference(at(find, database), id),
});

const besideList = (database: DatabaseName, id: string, atMost: number): Target => ({
  what: `${id}: CPU per request by L1's`,
  database,
  unit: "ratio",
  atMost,
  measure: (find) => timesDearer(cpuRatioOf(at(find, database), id), cpuRatioOf(at(find, database), "L1")),
});

const asFastWith = (database: DatabaseName, users: number, id: string): Target => ({
  what: `${id} at ${users.toLocaleString("en")} users: its ratio by that at ${referenceUsers.toLocaleString("en")}`,
  database,
  unit: "ratio",
  atLeast: 0.8,
  measure(find) {
    const larger = at(find, database, 1, users);
    return larger && timesDearer(cpuRatioOf(at(find, database), id), cpuRatioOf(larger, id));
  },
});

const asCheapWithTwo = (database: DatabaseName, id: string): Target => ({
  what: `${id} by two workers: CPU per request by that of one`,
  database,
  unit: "ratio",
  atMost: 1.1,
  measure(find) {
    const two = at(find, database, 2);
    const dearer = two && timesDearer(cpuRatioOf(two, id), cpuRatioOf(at(find, database), id));
    const pair = two?.barePair?.summary.cpuRatio.median;
    return dearer && pair ? { ...dearer, beside: 1 / pair, besideWhat: "two bare servers" } : dearer;
  },
});

const loopHeld = (database: DatabaseName, scenario: string, what: string, figure: "most" | "p99", atMost: number): Target => ({
  what: `${what}: the event loop's ${figure === "most" ? "longest delay" : "delay, p99"} (beside it: idle)`,
  database,
  unit: "milliseconds",
  atMost,
  measure(find) {
    const found = at(find, database)?.eventLoop?.[scenario];
    return found && { value: found.loaded[figure] * 1_000, beside: found.idle[figure] * 1_000 };
  },
});

const megabyte = 1_000_000;

/** What holds for both databases alike. */
const shared = (database: DatabaseName): Target[] => [
  besideList(database, "L2-cursor", 1.1),
  besideList(database, "L2-offset", 5),
  ...largerSizes.flatMap((users) => ["R1", "L1", "L2-cursor"].map((id) => asFastWith(database, users, id))),
  ...["R1", "L1", "W2", "M1"].map((id) => asCheapWithTwo(database, id)),
  {
    what: "two workers: the part of the reads by id that the less busy one serves",
    database,
    unit: "ratio",
    atLeast: 0.4,
    measure(find) {
      const shares = at(find, database, 2)?.shares ?? [];
      return shares.length === 0 ? undefined : { value: shares.length < 2 ? 0 : shares[0]! };
    },
  },
  {
    what: "resident memory after 1,000,000 requests",
    database,
    unit: "megabytes",
    atMost: 160,
    measure(find) {
      const last = at(find, database)?.soak?.samples.at(-1);
      return last && { value: last.residentBytes / megabyte };
    },
  },
  {
    what: "growth of resident memory over the last 500,000 of them",
    database,
    unit: "megabytes per million requests",
    atMost: 10,
    measure(find) {
      const soaked = at(find, database)?.soak;
      return soaked && { value: soaked.slope };
    },
  },
  loopHeld(database, "W3", "W3", "most", 5),
  loopHeld(database, "search-1", "search for one letter", "most", 5),
  loopHeld(database, "search-2", "search for two letters", "most", 5),
  loopHeld(database, "search-3", "search for three letters", "most", 5),
  loopHeld(database, "search-6", "search for six letters", "most", 5),
  loopHeld(database, "passwords", "20 concurrent creates with passwords", "p99", 10),
];

const start = (database: DatabaseName, atMost: number): Target => ({
  what: "start to /readyz on an existing database",
  database,
  unit: "seconds",
  atMost,
  measure(find) {
    const value = median(at(find, database)?.startMs ?? []);
    return value === undefined ? undefined : { value: value / 1_000 };
  },
});

/** Every target, in the order in which people read them. Ratios are of CPU time, which holds where a machine is noisy. */
export const targets: readonly Target[] = [
  besideBare("sqlite", "R1", 0.45, 0.6),
  besideBare("sqlite", "R2", 0.45, 0.6),
  besideStatements("sqlite", "L1", "the bare statements", 0.6),
  besideBare("sqlite", "W2", 0.2),
  besideBare("sqlite", "M1", 0.18, 0.28),
  besideStatements("sqlite", "W3", "bare inserts in one transaction", 0.5),
  ...shared("sqlite"),
  start("sqlite", 1),
  besideBare("postgres", "R1", 0.18),
  besideBare("postgres", "R2", 0.18),
  besideBare("postgres", "L1", 0.06),
  besideBare("postgres", "W2", 0.1),
  besideBare("postgres", "M1", 0.1),
  besideStatements("postgres", "W3", "a multi-row insert by hand", 0.3),
  ...shared("postgres"),
  start("postgres", 1.5),
];

export interface Verdict<Wanted extends Goal = Target> {
  readonly target: Wanted;
  readonly measured: Measured | undefined;
  /** `not measured` is no pass. */
  readonly verdict: "pass" | "miss" | "not measured";
  /** Whether the target looked at a result of this run, and not at earlier ones alone. */
  readonly concernsThisRun: boolean;
}

/**
 * Holds a run's results against the targets. `others` are what earlier runs left, for targets that compare two
 * configurations; of two results of one configuration this run's counts.
 */
export const judge = (results: readonly Result[], others: readonly Result[] = []): Verdict[] => {
  const fits = (one: Configuration) => (result: Result) =>
    result.database === one.database && result.workers === one.workers && result.users === one.users;
  return targets.map((target) => {
    let concernsThisRun = false;
    const measured = target.measure((configuration) => {
      const found = results.find(fits(configuration));
      concernsThisRun ||= found !== undefined;
      return found ?? others.find(fits(configuration));
    });
    if (!measured || Number.isNaN(measured.value)) return { target, measured: undefined, verdict: "not measured", concernsThisRun };
    return { target, measured, verdict: isMet(target, measured) ? "pass" : "miss", concernsThisRun };
  });
};

/** Whether a figure is within the limits of a goal. */
export const isMet = ({ atLeast, atMost }: Goal, { value }: Measured): boolean =>
  value >= (atLeast ?? Number.NEGATIVE_INFINITY) && value <= (atMost ?? Number.POSITIVE_INFINITY);
