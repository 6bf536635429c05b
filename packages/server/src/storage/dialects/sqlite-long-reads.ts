import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { DatabaseUnavailable } from "../database.ts";
import type { ThreadAnswer, ThreadQuestion } from "./sqlite-reading-thread.ts";
import { encode } from "./sqlite-statements.ts";

interface Waiting {
  resolve(rows: readonly unknown[]): void;
  reject(error: unknown): void;
}

/** Reads that may take long, on a thread of their own: SQLite would hold the event loop for as long as they take. */
export interface LongReads {
  read<Row>(text: string, values: readonly unknown[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** The thread begins at the first such read: many installations never ask for one, and it costs some 20 MB. */
export const longReadsOf = (file: string): LongReads => {
  let thread: Worker | undefined;
  let lastId = 0;
  const waiting = new Map<number, Waiting>();

  const lose = (lost: Worker, cause?: unknown) => {
    if (thread !== lost) return;
    thread = undefined;
    for (const { reject } of waiting.values()) reject(new DatabaseUnavailable("The reading thread ended.", { cause }));
    waiting.clear();
  };

  const start = (): Worker => {
    const started = new Worker(new URL(`./sqlite-reading-thread${extname(import.meta.url)}`, import.meta.url), { workerData: file });
    started.on("message", (answer: ThreadAnswer) => {
      const asked = waiting.get(answer.id);
      waiting.delete(answer.id);
      if ("rows" in answer) asked?.resolve(answer.rows);
      else asked?.reject(new Error(answer.message));
    });
    started.on("error", (error) => lose(started, error));
    started.on("exit", () => lose(started));
    started.unref();
    return started;
  };

  return {
    read: <Row>(text: string, values: readonly unknown[]) =>
      new Promise<readonly Row[]>((resolve, reject) => {
        thread ??= start();
        lastId += 1;
        waiting.set(lastId, { resolve: resolve as Waiting["resolve"], reject });
        thread.postMessage({ id: lastId, text, values: encode(values) } satisfies ThreadQuestion);
      }),
    async close() {
      const ending = thread;
      if (ending) lose(ending);
      await ending?.terminate();
    },
  };
};
