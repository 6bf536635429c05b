import type { AtHand } from "../kernel/at-hand.ts";
import type { Clock } from "../kernel/clock.ts";

export interface WorkQueueLimits {
  /** How many pieces of work run at once. */
  readonly running: number;
  /** How many more may wait; beyond, work is refused. */
  readonly waiting: number;
  /** How long a piece may wait before nobody wants it any more. */
  readonly longestWaitMs: number;
}

/** A piece of work. It never throws nor rejects. */
export interface QueuedWork {
  run(): AtHand<void>;
  /** Called instead of `run` where the work waited too long. */
  drop(): void;
}

/**
 * Runs work with bounds on all sides. What does not fit is refused at once, for the equipment asks again: an answer that
 * comes after it gave up helps nobody and delays the others.
 */
export interface WorkQueue {
  /** Whether the work was taken. */
  submit(work: QueuedWork): boolean;
  /** Whether one more piece would be taken. */
  hasRoom(): boolean;
  /** Resolves when nothing runs and nothing waits. */
  idle(): Promise<void>;
}

export const createWorkQueue = (limits: WorkQueueLimits, clock: Clock): WorkQueue => {
  const waiting: { readonly work: QueuedWork; readonly sinceMs: number }[] = [];
  let running = 0;
  let idlers: (() => void)[] = [];

  const run = (work: QueuedWork): void => {
    running += 1;
    const done = work.run();
    if (done instanceof Promise) void done.then(ended);
    else ended();
  };

  const ended = (): void => {
    running -= 1;
    next();
  };

  let isStarting = false;

  /** Starts what waits and has room; what ends at once while it starts others only leaves room. */
  const next = (): void => {
    if (isStarting) return;
    isStarting = true;
    while (running < limits.running) {
      const first = waiting.shift();
      if (first === undefined) break;
      if (clock.nowMs() - first.sinceMs <= limits.longestWaitMs) run(first.work);
      else first.work.drop();
    }
    isStarting = false;
    if (running > 0) return;
    for (const resolve of idlers) resolve();
    idlers = [];
  };

  const hasRoom = (): boolean => running < limits.running || waiting.length < limits.waiting;

  return {
    hasRoom,
    submit(work) {
      if (!hasRoom()) return false;
      if (running < limits.running) run(work);
      else waiting.push({ work, sinceMs: clock.nowMs() });
      return true;
    },
    idle: () => (running === 0 ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve))),
  };
};
