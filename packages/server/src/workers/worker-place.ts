import cluster, { type Worker } from "node:cluster";
import { closeConnectionsUnderway } from "./connections-underway.ts";
import type { Order, Role, Word } from "./messages.ts";

/** A worker that lived shorter than this is started again only after a pause. */
const settledMs = 10_000;
/** The pause after so many short lives in a row, in milliseconds; beyond, the last. */
const pausesMs = [0, 100, 400, 1_600, 6_400] as const;
/** After so many starts in a row that never came to listening, starting again is hopeless. */
const hopelessStarts = 10;

/** How a worker's life ended. */
export interface Death {
  readonly code: number | null;
  readonly signal: string | null;
  /** Whether it had come to listen: one that had not has left no request unanswered. */
  readonly hadListened: boolean;
  /** What it said when it could not start. */
  readonly reason: string | undefined;
  /** How long to wait before the next start; undefined when that is hopeless. */
  readonly pauseMs: number | undefined;
}

/** The place of one worker: the process in it may die and be followed by another. */
export interface WorkerPlace {
  readonly number: number;
  readonly role: Role;
  /** The process of the worker, while it is alive. */
  pid(): number | undefined;
  isAlive(): boolean;
  isListening(): boolean;
  start(): void;
  tell(order: Order): void;
  kill(): void;
}

export const createWorkerPlace = (deps: {
  number: number;
  role: Role;
  onMessage(place: WorkerPlace, word: Word): void;
  died(place: WorkerPlace, death: Death): void;
}): WorkerPlace => {
  let worker: Worker | undefined;
  let isListening = false;
  let reason: string | undefined;
  let startedAtMs = 0;
  let shortLives = 0;
  let failedStarts = 0;

  const die = (code: number | null, signal: string | null) => {
    const hasSettled = isListening && performance.now() - startedAtMs >= settledMs;
    shortLives = hasSettled ? 0 : shortLives + 1;
    const hadListened = isListening;
    failedStarts = hadListened ? 0 : failedStarts + 1;
    worker = undefined;
    isListening = false;
    const pauseMs = failedStarts >= hopelessStarts ? undefined : pausesMs[Math.min(shortLives, pausesMs.length - 1)];
    deps.died(place, { code, signal, hadListened, reason, pauseMs });
  };

  const place: WorkerPlace = {
    number: deps.number,
    role: deps.role,
    pid: () => worker?.process.pid,
    isAlive: () => worker !== undefined,
    isListening: () => isListening,
    start() {
      worker = cluster.fork();
      closeConnectionsUnderway(worker.process);
      reason = undefined;
      startedAtMs = performance.now();
      worker.on("message", (word: Word) => {
        if (word.kind === "listening") isListening = true;
        if (word.kind === "failed") reason = word.reason;
        deps.onMessage(place, word);
      });
      // A worker that dies while a message is sent to it: its end is reported by the next line.
      worker.on("error", () => {});
      worker.once("exit", die);
    },
    tell(order) {
      if (worker?.isConnected()) worker.send(order);
    },
    kill: () => void worker?.process.kill("SIGKILL"),
  };
  return place;
};
