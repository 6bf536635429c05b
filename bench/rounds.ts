import { type BenchRequest, type Operation, operationOf } from "./operations.ts";
import { randomFrom } from "./random.ts";
import { type RecordedAnswer, recordAnswer } from "./recorded-answer.ts";
import type { Figures, OperationResult, Round } from "./results.ts";
import { freshPrefix, loadBare, loadGatehouse, type Stage } from "./stage.ts";
import { summarize } from "./summary.ts";

/** Requests that a server answers before anything is measured, and how long it may take for them. */
const warmRequests = 30_000;
const warmPatienceMs = 20_000;

/**
 * Lets Gatehouse answer the mix until Node has compiled what it will compile: by requests, for on a busy machine the
 * first seconds answer too few, and the first operation would pay for the compiler.
 */
export const warmUp = async (stage: Stage): Promise<void> => {
  const startedMs = performance.now();
  while (stage.answered < warmRequests && performance.now() - startedMs < warmPatienceMs) {
    await loadGatehouse(stage, operationOf("M1"), { seconds: 2 });
  }
};

/**
 * Measures operations beside the bare server, in passes: each has one round of every operation. A machine has better and worse minutes, and
 * so each of them falls on all operations, not on one. What leaves more behind comes later, and in passes of its own.
 */
export const measureOperations = async (
  stage: Stage,
  operations: readonly Operation[],
  onRounds: (done: number) => void,
): Promise<Record<string, OperationResult>> => {
  const results: Record<string, OperationResult> = {};
  let done = 0;
  for (const traces of [0, 1, 2, 3]) {
    const group = operations.filter((operation) => tracesOf(operation) === traces);
    const prepared: Prepared[] = [];
    for (const operation of group) prepared.push(await prepare(stage, operation));
    for (let round = 0; round < stage.rounds; round += 1) {
      for (const { operation, answers, rounds } of prepared) {
        const address = await stage.bare.ask({ answers, port: 0, isShared: false });
        rounds.push(
          await measureRound(
            round,
            () => loadBare(stage, operation, address),
            () => loadGatehouse(stage, operation),
          ),
        );
        done += 1;
        onRounds(done);
      }
    }
    for (const { operation, rounds } of prepared) results[operation.id] = { summary: summarize(rounds), rounds };
  }
  return results;
};

interface Prepared {
  readonly operation: Operation;
  /** What the bare server answers. */
  readonly answers: readonly RecordedAnswer[];
  readonly rounds: Round[];
}

/** How much an operation leaves behind for the next round, in steps: nothing, by a tenth of its requests, by each, by each many rows. */
const tracesOf = ({ kinds, rows }: Operation): number => {
  const writes = kinds.filter(({ begins }) => !begins.startsWith("GET ")).length;
  if (writes < kinds.length) return writes === 0 ? 0 : 1;
  return rows === undefined ? 2 : 3;
};

/** Lets both servers answer an operation for half a round, at most a second, before its first one. */
const prepare = async (stage: Stage, operation: Operation): Promise<Prepared> => {
  const { address, answers } = await teachBare(stage, operation);
  const before = { seconds: Math.min(1, stage.seconds / 2), ...(operation.amount === undefined ? {} : { amount: 1 }) };
  await loadBare(stage, operation, address, before);
  await loadGatehouse(stage, operation, before);
  return { operation, answers, rounds: [] };
};

/** Measures two in turns. */
export const inTurns = async (count: number, bare: () => Promise<Figures>, ours: () => Promise<Figures>): Promise<OperationResult> => {
  const rounds: Round[] = [];
  for (let round = 0; round < count; round += 1) rounds.push(await measureRound(round, bare, ours));
  return { summary: summarize(rounds), rounds };
};

/** Each begins every other round, so that neither always follows the other. */
const measureRound = async (round: number, bare: () => Promise<Figures>, ours: () => Promise<Figures>): Promise<Round> => {
  if (round % 2 === 0) return { bare: await bare(), ours: await ours() };
  const first = await ours();
  return { bare: await bare(), ours: first };
};

/** Asks Gatehouse once for each kind of request and hands the answers to the bare server; returns them, and where that listens. */
export const teachBare = async (stage: Stage, operation: Operation): Promise<{ address: string; answers: readonly RecordedAnswer[] }> => {
  const answers: RecordedAnswer[] = [];
  for (const kind of new Set(operation.kinds)) {
    const context = { users: stage.users, pick: randomFrom(1), value: randomFrom(2), freshName: freshPrefix };
    const request = kind.make(context);
    answers.push(await recordSuccess(stage, operation, request, kind.begins));
  }
  const address = await stage.bare.ask({ answers, port: 0, isShared: false });
  for (const answer of answers) await requireSame(stage, address, answer);
  return { address, answers };
};

const recordSuccess = async (stage: Stage, operation: Operation, request: BenchRequest, begins: string): Promise<RecordedAnswer> => {
  const answer = await recordAnswer(stage.gatehouse.address, stage.token, request, begins);
  if (answer.status > 299) {
    const body = Buffer.from(answer.body).toString().slice(0, 500);
    throw new Error(`${operation.id}: ${request.method} ${request.path} was answered ${answer.status}: ${body}`);
  }
  return answer;
};

/** The yardstick is one only while it answers the same bytes. */
const requireSame = async (stage: Stage, address: string, expected: RecordedAnswer): Promise<void> => {
  const [method, path] = expected.begins.split(" ") as [BenchRequest["method"], string];
  const request = { method, path, ...(method === "GET" ? {} : { body: "{}" }) };
  const given = await recordAnswer(address, stage.token, request, expected.begins);
  const same = given.status === expected.status && Buffer.compare(given.body, expected.body) === 0;
  const headersOf = ({ headers, keepAliveSeconds }: RecordedAnswer) => JSON.stringify([headers, keepAliveSeconds]);
  if (!same || headersOf(given) !== headersOf(expected)) {
    throw new Error(`The bare server does not answer ${expected.begins} as Gatehouse does.`);
  }
};
