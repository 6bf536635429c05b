import type { BareQuestion } from "./bare-question.ts";
import type { Child } from "./child.ts";
import type { LoadAnswer, LoadQuestion } from "./load-generator.ts";
import type { LoadTool } from "./load-tools.ts";
import type { Operation } from "./operations.ts";
import { readTree } from "./process-tree.ts";
import type { Figures } from "./results.ts";

/** What stands ready for measuring. */
export interface Stage {
  readonly token: string;
  readonly users: number;
  readonly gatehouse: { readonly pid: number; readonly address: string };
  /** The database server's first process, where there is one. */
  readonly databasePid: number | undefined;
  readonly bare: Child<BareQuestion, string>;
  readonly load: Child<LoadQuestion, LoadAnswer>;
  readonly rounds: number;
  readonly seconds: number;
  readonly tool: LoadTool;
  /** Requests answered by Gatehouse so far. */
  answered: number;
}

/** How long a round of load lasts, and by how many connections it comes, where the operation does not say. */
export interface Bounds {
  readonly seconds: number;
  readonly amount?: number;
  readonly connections?: number;
}

/** Rises with every round: each asks for other records than the last, in the same order in every run. */
let seed = 0;
export const nextSeed = (): number => {
  seed += 1;
  return seed;
};

/** Two runs on one database must not make the same names. */
const run = Date.now().toString(36);
/** Begins names that nothing has made yet. */
export const freshPrefix = (): string => `bench.${run}.${nextSeed().toString(36)}`;

/** What the processes that serve have used since, in CPU seconds. */
export const cpuMeter = (pid: number, databasePid: number | undefined) => {
  const application = readTree(pid).cpuSeconds;
  const database = databasePid === undefined ? 0 : readTree(databasePid).cpuSeconds;
  return () => ({
    applicationCpuSeconds: readTree(pid).cpuSeconds - application,
    databaseCpuSeconds: databasePid === undefined ? 0 : readTree(databasePid).cpuSeconds - database,
  });
};

const boundsOf = (stage: Stage, amount: number | undefined): Bounds => ({
  seconds: stage.seconds,
  ...(amount === undefined ? {} : { amount }),
});

/** Gatehouse under the load of an operation. Throws when any answer was no success. */
export const loadGatehouse = async (stage: Stage, operation: Operation, bounds?: Bounds): Promise<Figures> => {
  const meter = cpuMeter(stage.gatehouse.pid, stage.databasePid);
  const answer = await putLoad(stage, operation, stage.gatehouse.address, bounds ?? boundsOf(stage, operation.amount));
  stage.answered += answer.requests;
  return { ...answer, ...meter() };
};

/** The bare server under the same load. */
export const loadBare = async (stage: Stage, operation: Operation, address: string, bounds?: Bounds): Promise<Figures> => {
  const meter = cpuMeter(stage.bare.pid, undefined);
  return { ...(await loadAddress(stage, operation, address, bounds)), ...meter() };
};

/** What listens at an address under the load of an operation, without a look at its processes. */
export const loadAddress = (stage: Stage, operation: Operation, address: string, bounds?: Bounds) =>
  putLoad(stage, operation, address, bounds ?? boundsOf(stage, operation.bareAmount));

const putLoad = async (stage: Stage, operation: Operation, address: string, bounds: Bounds) => {
  const { token, users, tool } = stage;
  const namePrefix = freshPrefix();
  const answer = await stage.load.ask({ address, token, users, tool, operation: operation.id, seed: nextSeed(), namePrefix, ...bounds });
  const { faults, requests, seconds, p50Ms, p99Ms, cpuSeconds: clientCpuSeconds } = answer;
  const told = Object.entries(faults).map(([what, times]) => `${times} × ${what}`);
  if (told.length > 0 || requests === 0) {
    const server = address === stage.gatehouse.address ? "Gatehouse" : "the bare server";
    throw new Error(`${operation.id}: of ${requests} answers of ${server}, no success were: ${told.join(", ") || "there were none"}.`);
  }
  return { requests, seconds, p50Ms, p99Ms, clientCpuSeconds };
};
