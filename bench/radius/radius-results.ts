import type { Figures, KeptResult, MeasuredDatabase, MemoryResult, Round, Spread, Summary } from "../results.ts";

/** What one round measured of one server. */
export interface RadiusFigures extends Figures {
  /** Requests that were not answered at the first asking; none of them counts as answered. */
  readonly lost: number;
}

/** One after the other, each first in turn. */
export interface RadiusRound extends Round {
  readonly bare: RadiusFigures;
  readonly ours: RadiusFigures;
  readonly theirs?: RadiusFigures;
}

/** FreeRADIUS beside Gatehouse; ratios are taken round by round. */
export interface TheirSummary {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU seconds per 1,000 packets, the database server's included. */
  readonly cpu: number;
  /** Our packets per second by theirs, our p99 by theirs, and their CPU per packet by ours. */
  readonly rateRatio: Spread;
  readonly p99Ratio: Spread;
  readonly cpuRatio: Spread;
  readonly lost: number;
}

export interface RadiusCaseResult {
  readonly summary: Summary;
  readonly theirs: TheirSummary | undefined;
  /** Of ours, in all rounds. */
  readonly lost: number;
  readonly rounds: readonly RadiusRound[];
}

/** Everything that one run measured on one kind of database. `users` are the accounts of each kind. */
export interface RadiusResult extends KeptResult, MeasuredDatabase {
  readonly settings: { readonly rounds: number; readonly seconds: number; readonly window: number };
  /** Its version; undefined where it was not measured. */
  readonly freeRadius: string | undefined;
  readonly operations: Readonly<Record<string, RadiusCaseResult>>;
  readonly memory: { readonly ours: MemoryResult; readonly theirs: MemoryResult | undefined };
}
