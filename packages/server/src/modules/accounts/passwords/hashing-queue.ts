import { DomainError } from "../../../kernel/errors.ts";
import { createFairLine, type Share } from "../../../kernel/fair-line.ts";

/** On whose behalf a password is hashed or verified, and until when. */
export interface HashingRequest {
  readonly share: Share;
  /** Asked when its turn comes: work that nobody waits for any more is not done. */
  readonly isWanted?: (() => boolean) | undefined;
  /** Called before it waits or works, so that the request gives up a place that is meant for quick work. */
  readonly stepAside?: (() => void) | undefined;
}

/** Bounds how many passwords are hashed or verified at once. The others wait, each behind those of its own share. */
export interface HashingQueue {
  /**
   * Runs `work` when its turn comes; `cost` is in hashes of today's kind. Throws `server.unavailable` when too many of its share wait
   * already, or when nobody wants it any more.
   */
  run<T>(request: HashingRequest, cost: number, work: () => Promise<T>): Promise<T>;
  /** How many cheap ones run at once. */
  readonly atOnce: number;
  /** How many wait now, and how many ran or were refused since the start. */
  figures(): { readonly waiting: number; readonly passed: number; readonly refused: number };
}

export interface HashingQueueRules {
  readonly atOnce: number;
  readonly maxWaiting?: number;
}

/** The last of so many would wait for ten seconds of Argon2 on one core, which is longer than any client waits. */
const usualMaxWaiting = 1_000;
/**
 * Work that costs more than this (some 80 ms) has a line of its own: a second of bcrypt would delay the logins of tenants who did not
 * bring it. No organization takes both places of that line.
 */
export const expensiveFrom = 8;
export const expensiveAtOnce = 2;

interface Waiting {
  readonly request: HashingRequest;
  begin(): void;
  refuse(): void;
}

export const createHashingQueue = ({ atOnce, maxWaiting = usualMaxWaiting }: HashingQueueRules): HashingQueue => {
  const cheap = createFairLine<Waiting>({ running: atOnce, waiting: maxWaiting });
  const expensive = createFairLine<Waiting>({
    running: expensiveAtOnce,
    waiting: maxWaiting,
    mayStart: (depth, own) => depth > 0 || own === 0,
  });
  let passed = 0;
  let refused = 0;

  const startNext = (line: typeof cheap): void => {
    for (let next = line.next(); next !== undefined; next = line.next()) {
      if (next.request.isWanted?.() ?? true) next.begin();
      else {
        line.end(next.request.share);
        next.refuse();
      }
    }
  };

  return {
    async run(request, cost, work) {
      const line = cost > expensiveFrom ? expensive : cheap;
      request.stepAside?.();
      await new Promise<void>((begin, reject) => {
        const refuse = () => {
          refused += 1;
          reject(new DomainError("server.unavailable", "Too many passwords wait to be checked. Try again."));
        };
        line.add(request.share, { request, begin, refuse }, cost)?.refuse();
        startNext(line);
      });
      try {
        passed += 1;
        return await work();
      } finally {
        line.end(request.share);
        startNext(line);
      }
    },
    atOnce,
    figures: () => ({ waiting: cheap.waiting + expensive.waiting, passed, refused }),
  };
};
