import { createHistogram } from "node:perf_hooks";
import autocannon from "autocannon";
import { answerParent } from "./child.ts";
import { type BenchRequest, type Operation, operationOf, type RequestContext } from "./operations.ts";
import { type Random, randomFrom } from "./random.ts";
import { requestHeaders } from "./recorded-answer.ts";

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

const toAutocannon = (request: BenchRequest, token: string): autocannon.Request => ({
  method: request.method,
  path: request.path,
  headers: requestHeaders(token, request),
  body: request.body,
});

/** A list that is made before the first request is sent. Connections begin at different places of the mix. */
const madeBefore = (operation: Operation, context: RequestContext, question: LoadQuestion, connection: number): autocannon.Request[] => {
  const half = listLength / 2;
  const makeHalf = (pick: Random) =>
    Array.from({ length: half }, (_, index) => {
      const kind = operation.kinds[(index + connection) % operation.kinds.length]!;
      return toAutocannon(kind.make({ ...context, pick }), question.token);
    });
  const seed = question.seed * 1_000 + connection;
  return [...makeHalf(randomFrom(seed)), ...makeHalf(randomFrom(seed))];
};

/** A request that is made anew each time. */
const madeWhenSent = (operation: Operation, context: RequestContext, question: LoadQuestion): autocannon.Request[] => [
  {
    setupRequest: (defaults) => ({ ...defaults, ...toAutocannon(operation.kinds[0]!.make(context), question.token) }),
  },
];

const putLoad = async (question: LoadQuestion): Promise<LoadAnswer> => {
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
          const context = contextOf(question, connection);
          const isFresh = operation.isFresh;
          client.setRequests(isFresh ? madeWhenSent(operation, context, question) : madeBefore(operation, context, question, connection));
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
