import type { LoadTool } from "./load-tools.ts";
import type { Machine } from "./machine.ts";

/** What one round measured of one server. */
export interface Figures {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU seconds of the server's processes. */
  readonly applicationCpuSeconds: number;
  /** CPU seconds of the database server's processes; 0 where the database runs inside the application. */
  readonly databaseCpuSeconds: number;
  /** CPU seconds of the load generator: near `seconds`, it is what held the round up. */
  readonly clientCpuSeconds: number;
}

/** One after the other, in alternating order. */
export interface Round {
  readonly bare: Figures;
  readonly ours: Figures;
}

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** The middle of the rounds, with the least and the most of the ratios. */
export interface Summary {
  readonly requestsPerSecond: number;
  readonly bareRequestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU seconds per 1,000 requests. */
  readonly applicationCpu: number;
  readonly databaseCpu: number;
  readonly bareCpu: number;
  /** CPU per request of what it is compared with, by that of everything that serves the request here. */
  readonly cpuRatio: Spread;
  readonly requestsRatio: Spread;
  /** How busy the load generator was with the bare server, of one core: near 1 the bare server could have done more. */
  readonly clientLoad: number;
}

export interface OperationResult {
  readonly summary: Summary;
  readonly rounds: readonly Round[];
}

/** The event loop's delay in seconds beyond its sampling, as the server says of itself. */
export interface LoopDelay {
  readonly p99: number;
  readonly most: number;
}

export interface LoopAttempt {
  /** While nothing was asked of the server, just before. */
  readonly idle: LoopDelay;
  readonly loaded: LoopDelay;
}

/** The middle of the attempts. */
export interface LoopResult extends LoopAttempt {
  readonly attempts: readonly LoopAttempt[];
}

export interface MemoryResult {
  /** Requests answered before. */
  readonly requests: number;
  readonly residentBytes: number;
}

export interface SoakResult {
  readonly samples: readonly MemoryResult[];
  /** Bytes per request over the second half. */
  readonly slope: number;
}

export const databaseNames = ["sqlite", "postgres"] as const;
export type DatabaseName = (typeof databaseNames)[number];

/** What a run is about. */
export interface Configuration {
  readonly database: DatabaseName;
  readonly workers: number;
  readonly users: number;
}

/** What every result that is kept says of its run. */
export interface KeptResult extends Configuration {
  readonly format: 1;
  readonly date: string;
  readonly commit: string;
  readonly machine: Machine;
}

/** On which database a result was measured. */
export interface MeasuredDatabase {
  readonly databaseVersion: string;
  readonly databaseSettings: Readonly<Record<string, string>>;
}

/** Everything that one run measured of one configuration. */
export interface Result extends KeptResult, MeasuredDatabase {
  readonly settings: { readonly rounds: number; readonly seconds: number; readonly tool: LoadTool };
  readonly startMs: readonly number[];
  readonly operations: Readonly<Record<string, OperationResult>>;
  /** What was compared with statements that run without a server, instead of with the bare one. */
  readonly references: Readonly<Record<string, OperationResult>>;
  /** Two bare servers on one port (`ours`) beside one, where Gatehouse runs as several processes; absent in older results. */
  readonly barePair?: OperationResult | undefined;
  /** Undefined where the server does not tell. */
  readonly eventLoop: Readonly<Record<string, LoopResult>> | undefined;
  /** What part of the CPU time of reads by id each busy process took, the least first. */
  readonly shares: readonly number[];
  readonly memory: MemoryResult;
  readonly soak: SoakResult | undefined;
}

/** The name of a configuration: of its file, and in what people read. */
export const nameOf = ({ database, workers, users }: Configuration): string => `${database}-${workers}-${users}`;
