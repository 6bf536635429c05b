import {
  type Attempt,
  createFailedAttempts,
  type FailedAttempts,
  type FailedAttemptsDependencies,
  type Guess,
} from "./failed-attempts.service.ts";

/** Attempts whose credential the server that asks verifies itself. */
export interface DeferredAttempts {
  /**
   * Resolves when it is the turn of an attempt, as `begin` does. It counts as wrong until its outcome is reported, so that of many
   * at the same moment most wait; without a report it is soon as if it had not been made.
   */
  beginDeferred(guess: Guess): Promise<{ readonly hasWaited: boolean } | { readonly pauseSeconds: number }>;
  /** Counts the outcome of an attempt, whichever process it began in. */
  conclude(guess: Guess, outcome: "right" | "wrong"): void;
}

/** All attempts at a credential, whoever verifies it. */
export type Attempts = FailedAttempts & DeferredAttempts;

/** CHAP is reported in milliseconds, a password inside of a tunnel after an answer of the device. Nobody waits longer for a turn. */
const reportWithinMs = 2_000;

interface Open {
  readonly attempt: Attempt;
  readonly stopWaiting: () => void;
}

export const createAttempts = (deps: FailedAttemptsDependencies): Attempts => {
  const failed = createFailedAttempts(deps);
  /** By who tries it for whom, the first one first. */
  const open = new Map<string, Open[]>();
  const nameOf = ({ place, device, account }: Guess): string => `${place}\n${device}\n${account}`;

  const close = (name: string, one: Open): void => {
    const others = open.get(name)!.filter((other) => other !== one);
    if (others.length === 0) open.delete(name);
    else open.set(name, others);
  };

  return {
    ...failed,
    async beginDeferred(guess) {
      const attempt = await failed.begin(guess);
      if ("pauseSeconds" in attempt) return attempt;
      const name = nameOf(guess);
      const giveUp = () => {
        close(name, one);
        attempt.end("unknown");
      };
      const one: Open = { attempt, stopWaiting: deps.delay(giveUp, reportWithinMs) };
      open.set(name, [...(open.get(name) ?? []), one]);
      return { hasWaited: attempt.hasWaited };
    },
    conclude(guess, outcome) {
      const name = nameOf(guess);
      const one = open.get(name)?.[0];
      if (one === undefined) return failed.count(guess, outcome);
      one.stopWaiting();
      close(name, one);
      one.attempt.end(outcome);
    },
  };
};
