import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { TurnsOfPayers } from "../../kernel/turns-of-payers.ts";
import { DatabaseUnavailable } from "../database.ts";
import { encode } from "./sqlite-statements.ts";
import type { ThreadAnswer, ThreadQuestion } from "./sqlite-thread-work.ts";

/**
 * Questions that the thread has at once: one that it works on, and one so that it does not go to sleep in between. Its waking took a
 * third of the CPU time of a page at a deep offset. More of them could not take turns by payer any more.
 */
const questionsUnderWay = 2;

interface Waiting {
  readonly question: ThreadQuestion;
  readonly payer: string;
  resolve(rows: readonly unknown[]): void;
  reject(error: unknown): void;
}

/** A thread for what may take long: SQLite would hold the event loop meanwhile. */
export interface SideThread {
  /** Payers take turns by the time that their reads took. */
  read<Row>(text: string, values: readonly unknown[], payer?: string): Promise<readonly Row[]>;
  /** Copies what the log holds into the database's file, as far as nobody reads an older state. */
  checkpoint(): Promise<void>;
  /** What is damaged in the file, in SQLite's words; undefined where nothing is. Takes as long as reading all of it. */
  quickCheck(): Promise<string | undefined>;
  /** Whether it is at work on something. */
  isBusy(): boolean;
  close(): Promise<void>;
}

/** The thread begins when it is first asked: many installations never need it, and it costs some 20 MB. */
export const sideThreadOf = (file: string): SideThread => {
  let thread: Worker | undefined;
  let lastId = 0;
  const line = new TurnsOfPayers<Waiting>();
  /** What the house needs of it goes first, for all units may wait for it. */
  const urgent: Waiting[] = [];
  const underWay: Waiting[] = [];
  /** When the thread began with the first of them. */
  let sinceMs = 0;

  const lose = (lost: Worker, cause?: unknown) => {
    if (thread !== lost) return;
    thread = undefined;
    const left = [...underWay.splice(0), ...urgent.splice(0), ...line.takeAll()];
    for (const { reject } of left) reject(new DatabaseUnavailable("The thread beside ended.", { cause }));
  };

  const askNext = (): void => {
    while (underWay.length < questionsUnderWay) {
      const next = urgent.shift() ?? line.take()?.item;
      if (next === undefined) return;
      if (underWay.length === 0) sinceMs = performance.now();
      underWay.push(next);
      thread ??= start();
      thread.postMessage(next.question);
    }
  };

  const start = (): Worker => {
    const started = new Worker(new URL(`./sqlite-thread-work${extname(import.meta.url)}`, import.meta.url), {
      workerData: file,
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    started.on("message", (answer: ThreadAnswer) => {
      const [asked] = underWay;
      if (thread !== started || asked?.question.id !== answer.id) return;
      underWay.shift();
      const nowMs = performance.now();
      line.charge(asked.payer, nowMs - sinceMs);
      sinceMs = nowMs;
      askNext();
      if ("rows" in answer) asked.resolve(answer.rows);
      else asked.reject(new Error(answer.message));
    });
    started.on("error", (error) => lose(started, error));
    started.on("exit", () => lose(started));
    started.unref();
    return started;
  };

  const ask = (question: (id: number) => ThreadQuestion, payer?: string): Promise<readonly unknown[]> =>
    new Promise((resolve, reject) => {
      lastId += 1;
      const asked: Waiting = { question: question(lastId), payer: payer ?? "", resolve, reject };
      if (payer === undefined) urgent.push(asked);
      else line.push(payer, asked);
      askNext();
    });

  return {
    read: <Row>(text: string, values: readonly unknown[], payer = "") =>
      ask((id) => ({ id, text, values: encode(values) }), payer) as Promise<readonly Row[]>,
    checkpoint: async () => void (await ask((id) => ({ id, checkpoint: true }))),
    quickCheck: async () => (await ask((id) => ({ id, quickCheck: true })))[0] as string | undefined,
    isBusy: () => underWay.length > 0,
    async close() {
      const ending = thread;
      if (ending) lose(ending);
      await ending?.terminate();
    },
  };
};
