import type { Family } from "../metrics/family.ts";
import type { Order, Task, Word } from "./messages.ts";

/** A worker that answers requests. */
export interface RunningWorker {
  /** Where it listens, as a URL without a path. */
  readonly address: string;
  figures(): Promise<readonly Family[]>;
  /** What keeps it from its work; empty where nothing does. */
  troubles(): readonly string[];
  /** Ends what runs, in order. */
  close(): Promise<void>;
}

/** What a worker may ask of the primary. */
export interface Primary {
  /** The metrics of all workers, as text. */
  gatherMetrics(): Promise<string>;
  /** What keeps the other workers from their work, as last reported. */
  troublesOfOthers(): readonly string[];
}

/** What ends the process in order; without a listener each would end it at once. A terminal that is closed sends SIGHUP. */
export const endingSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** How long open requests may take to end before the process does. */
export const closingPatienceMs = 10_000;

const say = (word: Word, then?: () => void): void => {
  // The primary may have died; then this process is about to end, too.
  if (process.connected) process.send!(word, undefined, undefined, () => then?.());
  else then?.();
};

/**
 * Runs this process as a worker: waits for its task, starts, and ends when the primary says so. Signals are the
 * primary's business, for a terminal and a service manager send them to all processes at once.
 */
export const runWorker = async (
  start: (task: Task, primary: Primary) => Promise<RunningWorker>,
  explain: (error: unknown) => string,
): Promise<void> => {
  for (const signal of endingSignals) process.on(signal, () => {});
  endWithPrimary(() => isEnding);
  // Node tells of a primary that died while it is spoken to here, and of its end by the event after it.
  process.on("error", () => {});
  const metrics = askForMetrics();
  let troublesOfOthers: readonly string[] = [];
  let running: Promise<RunningWorker> | undefined;
  let isListening = false;
  let isEnding = false;

  const begin = (task: Task) => {
    running = start(task, { gatherMetrics: metrics.ask, troublesOfOthers: () => troublesOfOthers });
    running.then(
      ({ address, troubles }) => {
        isListening = true;
        say({ kind: "listening", address });
        tellTroubles(troubles);
      },
      (error: unknown) => say({ kind: "failed", reason: explain(error) }, () => process.exit(1)),
    );
  };
  const end = async () => {
    if (isEnding) return;
    isEnding = true;
    // A start waits for other workers, which end as well, and nobody was answered yet.
    if (!isListening) process.exit();
    setTimeout(() => process.exit(1), closingPatienceMs).unref();
    await (await running)?.close();
    process.disconnect?.();
  };
  process.on("message", (order: Order) => {
    if (order.kind === "begin") begin(order.task);
    else if (order.kind === "end") end().catch(() => process.exit(1));
    else if (order.kind === "troubles") troublesOfOthers = order.troubles;
    else if (order.kind === "metrics") metrics.hear(order.id, order.text);
    else running?.then(async ({ figures }) => say({ kind: "report", id: order.id, families: await figures() })).catch(() => {});
  });
  say({ kind: "loaded" });
};

/**
 * Ends at once when the primary was killed: another server may be about to start. An exit would wait for what threads are at, such
 * as a long read, and keep the sockets meanwhile; whatever was not answered was not done, as with the primary's own end.
 */
const endWithPrimary = (isEnding: () => boolean): void => {
  // Before what node:cluster does at this event, which is to exit.
  process.prependOnceListener("disconnect", () => {
    if (!isEnding()) process.kill(process.pid, "SIGKILL");
  });
};

/** Looks each second whether something keeps this worker from its work, and tells what has changed. */
const tellTroubles = (troubles: () => readonly string[]): void => {
  let reported = "[]";
  setInterval(() => {
    const now = troubles();
    const text = JSON.stringify(now);
    if (text === reported) return;
    reported = text;
    say({ kind: "troubles", troubles: now });
  }, 1_000).unref();
};

/** Questions for the metrics of all, and their answers. */
const askForMetrics = () => {
  const awaited = new Map<number, PromiseWithResolvers<string>>();
  let ids = 0;
  return {
    ask(): Promise<string> {
      ids += 1;
      const answer = Promise.withResolvers<string>();
      awaited.set(ids, answer);
      say({ kind: "metrics", id: ids });
      return answer.promise;
    },
    hear(id: number, text: string | undefined) {
      if (text === undefined) awaited.get(id)?.reject(new Error("The primary could not put the metrics together; its log says why."));
      else awaited.get(id)?.resolve(text);
      awaited.delete(id);
    },
  };
};
