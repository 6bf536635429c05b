import { createHistogram } from "node:perf_hooks";
import autocannon from "autocannon";
import { answerParent } from "./child.ts";
import type { LoadTool } from "./load-tools.ts";
import { type BenchRequest, type Operation, operationOf, type RequestContext } from "./operations.ts";
import { readTree } from "./process-tree.ts";
import { type Random, randomFrom } from "./random.ts";
import { requestHeaders } from "./recorded-answer.ts";
import { runWrk } from "./wrk.ts";

/** One round of load. */
export interface LoadQuestion {
  readonly address: string;
  readonly token: string;
  readonly operation: string;
  readonly users: number;
  readonly seed: number;
  /** Begins all names that the round makes, so that no two rounds make the same. */
  readonly namePrefix: string;
  readonly seconds: number;
  /** Requests instead of seconds. */
  readonly amount?: number;
  readonly connections?: number;
  readonly tool: LoadTool;
}

/** What came of it. Times are from the first request to the last answer. */
export interface LoadAnswer {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuSeconds: number;
  /** Answers by status where it is not a success, and connections that broke. */
  readonly faults: Readonly<Record<string, number>>;
}

/** Requests that each connection sends before it begins again; the second half writes other values to the same records. */
const listLength = 1_000;

const contextOf = (question: LoadQuestion, connection: number): RequestContext => {
  let made = 0;
  return {
    users: question.users,
    pick: randomFrom(question.seed * 1_000 + connection),
    value: randomFrom(question.seed * 1_000 + connection + 500),
    freshName: () => `${question.namePrefix}.${connection}.${(made++).toString(36)}`,
  };
};

/** A list that is made before the first request is sent. Connections begin at different places of the mix. */
const madeBefore = (operation: Operation, question: LoadQuestion, connection: number, length = listLength): BenchRequest[] => {
  const context = contextOf(question, connection);
  const makeHalf = (pick: Random) =>
    Array.from({ length: length / 2 }, (_, index) => {
      const kind = operation.kinds[(index + connection) % operation.kinds.length]!;
      return kind.make({ ...context, pick });
    });
  const seed = question.seed * 1_000 + connection;
  return [...makeHalf(randomFrom(seed)), ...makeHalf(randomFrom(seed))];
};

const toAutocannon = (request: BenchRequest, token: string): autocannon.Request => ({
  method: request.method,
  path: request.path,
  headers: requestHeaders(token, request),
  body: request.body,
});

/** A request that is made anew each time. */
const madeWhenSent = (operation: Operation, context: RequestContext, question: LoadQuestion): autocannon.Request[] => [
  {
    setupRequest: (defaults) => ({ ...defaults, ...toAutocannon(operation.kinds[0]!.make(context), question.token) }),
  },
];

/** Requests of a second that nobody answers faster: of those that may be sent once only, so many are made. */
const fastest = 20_000;

/** By wrk, whose one thread sends one list for all connections. It counts no amounts: those are autocannon's. */
const putLoadByWrk = async (question: LoadQuestion): Promise<LoadAnswer> => {
  const operation = operationOf(question.operation);
  const connections = question.connections ?? operation.connections;
  const length = operation.isFresh ? fastest * question.seconds : listLength * connections;
  const requests = madeBefore(operation, question, 0, length);
  const before = readTree(process.pid).cpuSeconds;
  const figures = await runWrk({ address: question.address, token: question.token, seconds: question.seconds, connections, requests });
  return { ...figures, cpuSeconds: readTree(process.pid).cpuSeconds - before };
};

const putLoad = async (question: LoadQuestion): Promise<LoadAnswer> => {
  if (question.tool === "wrk" && question.amount === undefined) return putLoadByWrk(question);
  const operation = operationOf(question.operation);
  const histogram = createHistogram();
  const faults: Record<string, number> = {};
  let requests = 0;
  let lastAnswerMs = 0;
  let connection = 0;
  const cpuBefore = process.cpuUsage();
  let startedMs = performance.now();
  await new Promise<void>((resolve, reject) => {
    const instance = autocannon(
      {
        url: question.address,
        connections: question.connections ?? operation.connections,
        ...(question.amount === undefined ? { duration: question.seconds } : { amount: question.amount }),
        // How often it looks whether the round is over.
        sampleInt: 20,
        timeout: 30,
        setupClient(client) {
          client.setRequests(
            operation.isFresh
              ? madeWhenSent(operation, contextOf(question, connection), question)
              : madeBefore(operation, question, connection).map((request) => toAutocannon(request, question.token)),
          );
          connection += 1;
          startedMs = performance.now();
        },
      },
      (error, result) => {
        if (error) return reject(error);
        if (result.errors > 0) faults["broken connections"] = result.errors;
        resolve();
      },
    );
    const connected = new Set<autocannon.Client>();
    instance.on("response", (client, status, _bytes, tookMs) => {
      requests += 1;
      lastAnswerMs = performance.now();
      // The first request of a connection waited for the connection, and for the lists of the others to be made.
      if (connected.has(client)) histogram.record(Math.max(1, Math.round(tookMs * 1_000)));
      else connected.add(client);
      if (status < 200 || status > 299) faults[status] = (faults[status] ?? 0) + 1;
    });
  });
  const cpu = process.cpuUsage(cpuBefore);
  return {
    requests,
    seconds: (lastAnswerMs - startedMs) / 1_000,
    p50Ms: histogram.percentile(50) / 1_000,
    p99Ms: histogram.percentile(99) / 1_000,
    cpuSeconds: (cpu.user + cpu.system) / 1_000_000,
    faults,
  };
};

answerParent(putLoad);
