import type { Clock } from "../../kernel/clock.ts";
import { createFairLine, leavesRoom, type Share } from "../../kernel/fair-line.ts";

export interface WorkQueueLimits {
  /** How many pieces of work run at once. */
  readonly running: number;
  /** How many more may wait; beyond, the newest of whose share waits longest is refused. */
  readonly waiting: number;
  /** How long a piece may wait before its client has given up. */
  readonly maxWaitMs: number;
}

/** A piece of work. It neither throws nor rejects. */
export interface QueuedWork {
  /** `stepAside` gives its place to others: what follows is slow and waits elsewhere. */
  run(stepAside: () => void): Promise<void>;
  /** Called instead of `run` where there was no room, or the work waited too long. */
  drop(reason: "overloaded" | "waited_too_long"): void;
}

/**
 * Runs a bounded amount of work, the shares in turn. What does not fit is refused at once, because the equipment asks again:
 * an answer after it gave up helps nobody and delays the others.
 */
export interface WorkQueue {
  submit(share: Share, work: QueuedWork): void;
  /** Whether one more piece of a share would be taken. */
  hasRoom(share: Share): boolean;
  /** How much runs, and how much waits for it. */
  depth(): { readonly running: number; readonly waiting: number };
  /** Resolves when nothing runs, waits or stands aside. */
  idle(): Promise<void>;
}

interface Waiting {
  readonly share: Share;
  readonly work: QueuedWork;
  readonly sinceMs: number;
}

export const createWorkQueue = (limits: WorkQueueLimits, clock: Clock): WorkQueue => {
  const line = createFairLine<Waiting>({ running: limits.running, waiting: limits.waiting, mayStart: leavesRoom });
  let aside = 0;
  let idlers: (() => void)[] = [];

  const run = ({ share, work }: Waiting): void => {
    let place: "held" | "given" | "left" = "held";
    const stepAside = (): void => {
      if (place !== "held") return;
      place = "given";
      aside += 1;
      line.end(share);
      startWaiting();
    };
    const ended = (): void => {
      if (place === "given") aside -= 1;
      else line.end(share);
      place = "left";
      startWaiting();
    };
    void work.run(stepAside).then(ended);
  };

  let isStarting = false;

  /** Starts what waits and has room; what steps aside while it starts others only leaves room. */
  const startWaiting = (): void => {
    if (isStarting) return;
    isStarting = true;
    for (let next = line.next(); next !== undefined; next = line.next()) {
      if (clock.nowMs() - next.sinceMs <= limits.maxWaitMs) run(next);
      else {
        line.end(next.share);
        next.work.drop("waited_too_long");
      }
    }
    isStarting = false;
    if (line.running + aside > 0) return;
    for (const resolve of idlers) resolve();
    idlers = [];
  };

  return {
    hasRoom: line.hasRoom,
    depth: () => ({ running: line.running + aside, waiting: line.waiting }),
    submit(share, work) {
      line.add(share, { share, work, sinceMs: clock.nowMs() })?.work.drop("overloaded");
      startWaiting();
    },
    idle: () => (line.running + aside === 0 ? Promise.resolve() : new Promise((resolve) => idlers.push(resolve))),
  };
};
