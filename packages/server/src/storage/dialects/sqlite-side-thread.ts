import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { DatabaseUnavailable } from "../database.ts";
import { encode } from "./sqlite-statements.ts";
import type { ThreadAnswer, ThreadQuestion } from "./sqlite-thread-work.ts";

interface Waiting {
  resolve(rows: readonly unknown[]): void;
  reject(error: unknown): void;
}

/** A thread for what may take long: SQLite would hold the event loop meanwhile. */
export interface SideThread {
  read<Row>(text: string, values: readonly unknown[]): Promise<readonly Row[]>;
  /** Copies what the log holds into the database's file, as far as nobody reads an older state. */
  checkpoint(): Promise<void>;
  /** What is damaged in the file, in SQLite's words; undefined where nothing is. Takes as long as reading all of it. */
  quickCheck(): Promise<string | undefined>;
  /** Whether something is asked of it that is not answered yet. */
  isBusy(): boolean;
  close(): Promise<void>;
}

/** The thread begins when it is first asked: many installations never need it, and it costs some 20 MB. */
export const sideThreadOf = (file: string): SideThread => {
  let thread: Worker | undefined;
  let lastId = 0;
  const waiting = new Map<number, Waiting>();

  const lose = (lost: Worker, cause?: unknown) => {
    if (thread !== lost) return;
    thread = undefined;
    for (const { reject } of waiting.values()) reject(new DatabaseUnavailable("The thread beside ended.", { cause }));
    waiting.clear();
  };

  const start = (): Worker => {
    const started = new Worker(new URL(`./sqlite-thread-work${extname(import.meta.url)}`, import.meta.url), {
      workerData: file,
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
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

  const ask = (question: (id: number) => ThreadQuestion): Promise<readonly unknown[]> =>
    new Promise((resolve, reject) => {
      thread ??= start();
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      thread.postMessage(question(lastId));
    });

  return {
    read: <Row>(text: string, values: readonly unknown[]) => ask((id) => ({ id, text, values: encode(values) })) as Promise<readonly Row[]>,
    checkpoint: async () => void (await ask((id) => ({ id, checkpoint: true }))),
    quickCheck: async () => (await ask((id) => ({ id, quickCheck: true })))[0] as string | undefined,
    isBusy: () => waiting.size > 0,
    async close() {
      const ending = thread;
      if (ending) lose(ending);
      await ending?.terminate();
    },
  };
};
