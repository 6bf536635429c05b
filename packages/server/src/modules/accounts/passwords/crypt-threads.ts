import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { DomainError } from "../../../kernel/errors.ts";
import type { CryptAnswer, CryptQuestion, CryptThreadData } from "./crypt-thread-work.ts";
import { priceOf } from "./password-price.ts";
import { dearAtOnce, dearFrom } from "./turnstile.ts";

/** Makes the crypt(3) string of a password under the scheme, rounds and salt of a stored one. */
export type Crypt = (password: Buffer, stored: string) => Promise<string>;

/** Threads for the schemes that are written in JavaScript: millions of rounds would hold the event loop, and everybody on it. */
export interface CryptThreads {
  /** Rejects with `server.unavailable` where the thread died or the threads were closed: nothing is known of the password then. */
  readonly crypt: Crypt;
  /** Ends the threads; what they had not answered is rejected. */
  close(): Promise<void>;
}

/** Threads for quick strings; the dear ones have as many as the turnstile lets through. */
const quickThreads = 2;

interface Asked {
  readonly question: CryptQuestion;
  resolve(made: string): void;
  reject(error: unknown): void;
}

const unavailable = (cause?: unknown) =>
  new DomainError("server.unavailable", "The password could not be checked. Try again.", cause === undefined ? {} : { cause });

/**
 * A thread begins when all others of its kind work: many installations never need one, and each costs some 10 MB. Dear strings have
 * threads of their own, with a low priority, behind which no quick one waits.
 */
export const createCryptThreads = (work = new URL(`./crypt-thread-work${extname(import.meta.url)}`, import.meta.url)): CryptThreads => {
  const quick = createPool(work, quickThreads, { isDear: false });
  const dear = createPool(work, dearAtOnce, { isDear: true });
  return {
    crypt: (password, stored) => (priceOf(stored) > dearFrom ? dear : quick).crypt(password, stored),
    async close() {
      await Promise.all([quick.close(), dear.close()]);
    },
  };
};

const createPool = (work: URL, mostThreads: number, workerData: CryptThreadData): CryptThreads => {
  const threads = new Set<Worker>();
  const idle: Worker[] = [];
  const working = new Map<Worker, Asked>();
  const waiting: Asked[] = [];
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
      const asked = working.get(thread);
      working.delete(thread);
      idle.push(thread);
      // Only who is waited for keeps the process alive.
      thread.unref();
      if ("made" in answer) asked?.resolve(answer.made);
      else asked?.reject(new Error(answer.fault));
      begin();
    });
    thread.on("error", (error) => lose(thread, error));
    thread.on("exit", () => lose(thread));
    return thread;
  };

  const begin = (): void => {
    while (waiting.length > 0 && (idle.length > 0 || threads.size < mostThreads)) {
      const asked = waiting.shift()!;
      const thread = idle.pop() ?? start();
      working.set(thread, asked);
      thread.ref();
      thread.postMessage(asked.question);
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
