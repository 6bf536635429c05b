import type { Child } from "./child.ts";
import type { LoadAnswer, LoadQuestion } from "./load-generator.ts";
import { type BenchRequest, type Operation, operations } from "./operations.ts";
import { readTree } from "./process-tree.ts";
import { randomFrom } from "./random.ts";
import { type RecordedAnswer, recordAnswer } from "./recorded-answer.ts";
import type { Figures, OperationResult, Round, Spread, Summary } from "./results.ts";
import { median } from "./statistics.ts";

/** What stands ready for measuring. */
export interface Stage {
  readonly token: string;
  readonly users: number;
  readonly gatehouse: { readonly pid: number; readonly address: string };
  /** The database server's first process, where there is one. */
  readonly databasePid: number | undefined;
  readonly bare: Child<readonly RecordedAnswer[], string>;
  readonly load: Child<LoadQuestion, LoadAnswer>;
  readonly rounds: number;
  readonly seconds: number;
  /** Requests answered by Gatehouse so far. */
  answered: number;
}

/** Makes every round of this bench ask for other records, in the same order in every run. */
let seed = 0;
/** Two runs on one database must not make the same names. */
const run = Date.now().toString(36);

/** Measures one operation: warms both servers up, then lets them answer in turns, each beginning every other round. */
export const measureOperation = async (stage: Stage, operation: Operation): Promise<OperationResult> => {
  const bareAddress = await teachBare(stage, operation);
  const warmUp = { seconds: Math.min(1, stage.seconds), ...(operation.amount === undefined ? {} : { amount: 1 }) };
  await putLoad(stage, operation, bareAddress, undefined, warmUp);
  await putLoad(stage, operation, stage.gatehouse.address, stage.gatehouse.pid, warmUp);
  const rounds: Round[] = [];
  for (let round = 0; round < stage.rounds; round += 1) {
    const bare = () => putLoad(stage, operation, bareAddress, undefined);
    const ours = () => putLoad(stage, operation, stage.gatehouse.address, stage.gatehouse.pid);
    if (round % 2 === 0) rounds.push({ bare: await bare(), ours: await ours() });
    else {
      const first = await ours();
      rounds.push({ bare: await bare(), ours: first });
    }
  }
  return { summary: summarize(rounds), rounds };
};

/** Asks Gatehouse once for each kind of request and hands the answers to the bare server; returns where that listens. */
const teachBare = async (stage: Stage, operation: Operation): Promise<string> => {
  const answers: RecordedAnswer[] = [];
  for (const kind of new Set(operation.kinds)) {
    const request = kind.make({ users: stage.users, pick: randomFrom(1), value: randomFrom(2), freshName: () => freshPrefix() });
    answers.push(await recordSuccess(stage, operation, request, kind.begins));
  }
  const address = await stage.bare.ask(answers);
  for (const answer of answers) await requireSame(stage, address, answer);
  return address;
};

const recordSuccess = async (stage: Stage, operation: Operation, request: BenchRequest, begins: string): Promise<RecordedAnswer> => {
  const answer = await recordAnswer(stage.gatehouse.address, stage.token, request, begins);
  if (answer.status > 299) {
    const body = Buffer.from(answer.body).toString().slice(0, 500);
    throw new Error(`${operation.id}: ${request.method} ${request.path} was answered ${answer.status}: ${body}`);
  }
  return answer;
};

const requireSame = async (stage: Stage, address: string, expected: RecordedAnswer): Promise<void> => {
  const [method, path] = expected.begins.split(" ") as [BenchRequest["method"], string];
  const given = await recordAnswer(address, stage.token, { method, path, ...(method === "GET" ? {} : { body: "{}" }) }, expected.begins);
  const same = given.status === expected.status && Buffer.compare(given.body, expected.body) === 0;
  if (!same || JSON.stringify(given.headers) !== JSON.stringify(expected.headers)) {
    throw new Error(`The bare server does not answer ${expected.begins} as Gatehouse does.`);
  }
};

const freshPrefix = (): string => {
  seed += 1;
  return `bench.${run}.${seed.toString(36)}`;
};

/** One server under load. Without a process id it is the bare one. Throws when any answer was no success. */
const putLoad = async (
  stage: Stage,
  operation: Operation,
  address: string,
  pid: number | undefined,
  bounds: { seconds: number; amount?: number } = {
    seconds: stage.seconds,
    ...(operation.amount === undefined ? {} : { amount: operation.amount }),
  },
): Promise<Figures> => {
  const namePrefix = freshPrefix();
  const serving = pid ?? stage.bare.pid;
  const before = readTree(serving).cpuSeconds;
  const databaseBefore = stage.databasePid === undefined ? 0 : readTree(stage.databasePid).cpuSeconds;
  const { token, users } = stage;
  const answer = await stage.load.ask({ address, token, users, operation: operation.id, seed, namePrefix, ...bounds });
  const applicationCpuSeconds = readTree(serving).cpuSeconds - before;
  const databaseCpuSeconds =
    pid === undefined || stage.databasePid === undefined ? 0 : readTree(stage.databasePid).cpuSeconds - databaseBefore;
  const faults = Object.entries(answer.faults);
  if (faults.length > 0 || answer.requests === 0) {
    const told = faults.map(([what, times]) => `${times} × ${what}`).join(", ") || "no answer at all";
    throw new Error(`${operation.id} on ${pid === undefined ? "the bare server" : "Gatehouse"}: ${told} of ${answer.requests} answers.`);
  }
  if (pid !== undefined) stage.answered += answer.requests;
  const { requests, seconds, p50Ms, p99Ms, cpuSeconds: clientCpuSeconds } = answer;
  return { requests, seconds, p50Ms, p99Ms, applicationCpuSeconds, databaseCpuSeconds, clientCpuSeconds };
};

const middle = (values: readonly number[]): number => median(values)!;

const spreadOf = (values: readonly number[]): Spread => ({
  median: middle(values),
  least: Math.min(...values),
  most: Math.max(...values),
});

const cpuPerRequest = (figures: Figures): number => (figures.applicationCpuSeconds + figures.databaseCpuSeconds) / figures.requests;
const requestsPerSecond = (figures: Figures): number => figures.requests / figures.seconds;

/** The middle of each figure; ratios are taken round by round, for what disturbs a round disturbs both of its servers. */
export const summarize = (rounds: readonly Round[]): Summary => {
  const ofOurs = (figure: (figures: Figures) => number) => middle(rounds.map(({ ours }) => figure(ours)));
  const ofBare = (figure: (figures: Figures) => number) => middle(rounds.map(({ bare }) => figure(bare)));
  return {
    requestsPerSecond: ofOurs(requestsPerSecond),
    bareRequestsPerSecond: ofBare(requestsPerSecond),
    p50Ms: ofOurs((figures) => figures.p50Ms),
    p99Ms: ofOurs((figures) => figures.p99Ms),
    applicationCpu: ofOurs((figures) => (figures.applicationCpuSeconds / figures.requests) * 1_000),
    databaseCpu: ofOurs((figures) => (figures.databaseCpuSeconds / figures.requests) * 1_000),
    bareCpu: ofBare((figures) => cpuPerRequest(figures) * 1_000),
    cpuRatio: spreadOf(rounds.map(({ bare, ours }) => cpuPerRequest(bare) / cpuPerRequest(ours))),
    requestsRatio: spreadOf(rounds.map(({ bare, ours }) => requestsPerSecond(ours) / requestsPerSecond(bare))),
    clientLoad: ofBare((figures) => figures.clientCpuSeconds / figures.seconds),
  };
};

export const operationOf = (id: string): Operation => operations.find((operation) => operation.id === id)!;
