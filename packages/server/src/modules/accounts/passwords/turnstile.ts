import { DomainError } from "../../../kernel/errors.ts";
import { createFairLine, type Share } from "../../../kernel/fair-line.ts";

/** Who wants a password hashed or verified, and until when. */
export interface Asking {
  readonly share: Share;
  /** Asked when its turn comes: what nobody waits for any more is not done. */
  readonly isWanted?: (() => boolean) | undefined;
  /** Called before it waits or works: whoever holds a place for the time of quick work gives it free. */
  readonly stepAside?: (() => void) | undefined;
}

/** Lets a bounded number of things happen at once; the others wait, each behind what its own share asks. */
export interface Turnstile {
  /**
   * Runs `work` when its turn comes; `price` is what it costs in hashes of today's kind. Throws `server.unavailable` when too
   * many of its share wait already, or when nobody wants it any more.
   */
  through<T>(asking: Asking, price: number, work: () => Promise<T>): Promise<T>;
  /** How many quick ones run at once. */
  readonly atOnce: number;
  /** How many wait now, and how many came through or were turned away since the start. */
  figures(): { readonly waiting: number; readonly passed: number; readonly refused: number };
}

export interface TurnstileRules {
  readonly atOnce: number;
  readonly mostWaiting?: number;
}

/** Beyond this many in line, the last would wait longer than anybody asks for: ten seconds of Argon2 on one core. */
const longestLine = 1_000;
/**
 * What costs more than so many of today's hashes (some 80 ms) has a line of its own beside the quick ones: a second of
 * bcrypt would hold everybody up, and it was not the others who brought it. Of its two places no organization takes both.
 */
export const dearFrom = 8;
export const dearAtOnce = 2;

interface Waiting {
  readonly asking: Asking;
  begin(): void;
  refuse(): void;
}

export const createTurnstile = ({ atOnce, mostWaiting = longestLine }: TurnstileRules): Turnstile => {
  const quick = createFairLine<Waiting>({ running: atOnce, waiting: mostWaiting });
  const dear = createFairLine<Waiting>({
    running: dearAtOnce,
    waiting: mostWaiting,
    mayStart: (depth, own) => depth > 0 || own === 0,
  });
  let passed = 0;
  let refused = 0;

  const pump = (line: typeof quick): void => {
    for (let next = line.next(); next !== undefined; next = line.next()) {
      if (next.asking.isWanted?.() ?? true) next.begin();
      else {
        line.end(next.asking.share);
        next.refuse();
      }
    }
  };

  return {
    async through(asking, price, work) {
      const line = price > dearFrom ? dear : quick;
      asking.stepAside?.();
      await new Promise<void>((begin, reject) => {
        const refuse = () => {
          refused += 1;
          reject(new DomainError("server.unavailable", "Too many passwords wait to be checked. Try again."));
        };
        line.add(asking.share, { asking, begin, refuse }, price)?.refuse();
        pump(line);
      });
      try {
        passed += 1;
        return await work();
      } finally {
        line.end(asking.share);
        pump(line);
      }
    },
    atOnce,
    figures: () => ({ waiting: quick.waiting + dear.waiting, passed, refused }),
  };
};
