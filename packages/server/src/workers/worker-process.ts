import type { Family } from "../metrics/family.ts";
import type { Order, Task, Word } from "./messages.ts";

/** A worker that answers requests. */
export interface RunningWorker {
  /** Where it listens, as a URL without a path. */
  readonly address: string;
  figures(): readonly Family[];
  /** Ends what runs, in order. */
  close(): Promise<void>;
}

/** What a worker may ask of the primary. */
export interface Primary {
  /** The metrics of all workers, as text. */
  gatherMetrics(): Promise<string>;
}

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
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});
  const asked = new Map<number, (text: string) => void>();
  const primary: Primary = {
    gatherMetrics: () =>
      new Promise((resolve) => {
        const id = asked.size === 0 ? 1 : Math.max(...asked.keys()) + 1;
        asked.set(id, resolve);
        say({ kind: "metrics", id });
      }),
  };
  let running: Promise<RunningWorker> | undefined;
  let isEnding = false;

  const begin = (task: Task) => {
    running = start(task, primary);
    running.then(
      ({ address }) => say({ kind: "listening", address }),
      (error: unknown) => say({ kind: "failed", reason: explain(error) }, () => process.exit(1)),
    );
  };
  const end = async () => {
    if (isEnding) return;
    isEnding = true;
    setTimeout(() => process.exit(1), closingPatienceMs).unref();
    await (await running)?.close();
    process.disconnect?.();
  };
  process.on("message", (order: Order) => {
    if (order.kind === "begin") begin(order.task);
    else if (order.kind === "end") void end();
    else if (order.kind === "report") void running?.then(({ figures }) => say({ kind: "report", id: order.id, families: figures() }));
    else {
      asked.get(order.id)?.(order.text);
      asked.delete(order.id);
    }
  });
  say({ kind: "loaded" });
};
