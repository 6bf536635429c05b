import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { DomainError } from "../../../kernel/errors.ts";
import type { CryptAnswer, CryptQuestion, CryptThreadData } from "./crypt-thread-work.ts";
import { costOf } from "./hash-costs.ts";
import { expensiveAtOnce, expensiveFrom } from "./hashing-queue.ts";

/** Makes the crypt(3) string of a password under the scheme, rounds and salt of a stored one. */
export type Crypt = (password: Buffer, stored: string) => Promise<string>;

/** Threads for the schemes that are written in JavaScript: millions of rounds would hold the event loop, and everybody on it. */
export interface CryptThreads {
  /** Rejects with `server.unavailable` where the thread died or the threads were closed: nothing is known of the password then. */
  readonly crypt: Crypt;
  /** Ends the threads; what they had not answered is rejected. */
  close(): Promise<void>;
}

/** Threads for cheap strings. Expensive ones have as many as the queue runs at once. */
const cheapThreads = 2;

interface Task {
  readonly question: CryptQuestion;
  resolve(made: string): void;
  reject(error: unknown): void;
}

const unavailable = (cause?: unknown) =>
  new DomainError("server.unavailable", "The password could not be checked. Try again.", cause === undefined ? {} : { cause });

/**
 * A thread begins when all others of its kind work: many installations never need one, and each costs some 10 MB. Expensive strings have
 * threads of their own, with a low priority, so that no cheap one waits behind them.
 */
export const createCryptThreads = (work = new URL(`./crypt-thread-work${extname(import.meta.url)}`, import.meta.url)): CryptThreads => {
  const cheap = createPool(work, cheapThreads, { isExpensive: false });
  const expensive = createPool(work, expensiveAtOnce, { isExpensive: true });
  return {
    crypt: (password, stored) => (costOf(stored) > expensiveFrom ? expensive : cheap).crypt(password, stored),
    async close() {
      await Promise.all([cheap.close(), expensive.close()]);
    },
  };
};

const createPool = (work: URL, maxThreads: number, workerData: CryptThreadData): CryptThreads => {
  const threads = new Set<Worker>();
  const idle: Worker[] = [];
  const working = new Map<Worker, Task>();
  const waiting: Task[] = [];
  let isClosed = false;

  const lose = (thread: Worker, cause?: unknown): void => {
    if (!threads.delete(thread)) return;
    const index = idle.indexOf(thread);
    if (index >= 0) idle.splice(index, 1);
    working.get(thread)?.reject(unavailable(cause));
    working.delete(thread);
    begin();
  };

  const start = (): Worker => {
    const thread = new Worker(work, { workerData, resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 } });
    threads.add(thread);
    thread.on("message", (answer: CryptAnswer) => {
      const task = working.get(thread);
      working.delete(thread);
      idle.push(thread);
      // Only a thread with a task keeps the process alive.
      thread.unref();
      if ("made" in answer) task?.resolve(answer.made);
      else task?.reject(new Error(answer.fault));
      begin();
    });
    thread.on("error", (error) => lose(thread, error));
    thread.on("exit", () => lose(thread));
    return thread;
  };

  const begin = (): void => {
    while (waiting.length > 0 && (idle.length > 0 || threads.size < maxThreads)) {
      const task = waiting.shift()!;
      const thread = idle.pop() ?? start();
      working.set(thread, task);
      thread.ref();
      thread.postMessage(task.question);
    }
  };

  return {
    crypt: (password, stored) =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(unavailable());
        waiting.push({ question: { password, stored }, resolve, reject });
        begin();
      }),
    async close() {
      isClosed = true;
      for (const { reject } of waiting.splice(0)) reject(unavailable());
      await Promise.all(
        [...threads].map((thread) => {
          lose(thread);
          return thread.terminate();
        }),
      );
    },
  };
};
