import { DomainError } from "../../../kernel/errors.ts";

/** Lets a bounded number of things happen at once; the others wait in line. */
export interface Turnstile {
  /** Runs `work` when its turn comes. Throws `server.unavailable` when too many wait already. */
  through<T>(work: () => Promise<T>): Promise<T>;
}

/** Beyond this many in line, the last would wait longer than anybody asks for: ten seconds of Argon2 on one core. */
const longestLine = 1_000;

export const createTurnstile = (atOnce: number, mostWaiting = longestLine): Turnstile => {
  const waiting: (() => void)[] = [];
  let running = 0;
  return {
    async through(work) {
      if (running < atOnce) running += 1;
      else if (waiting.length >= mostWaiting)
        throw new DomainError("server.unavailable", "Too many passwords wait to be checked. Try again.");
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else running -= 1;
      }
    },
  };
};
