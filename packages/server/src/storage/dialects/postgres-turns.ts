import { DatabaseUnavailable } from "../database.ts";

/** The accounts that one write is at work on, over all of its attempts. */
export interface Turns {
  /** Ends when no other write is at work on an account. Who may not wait goes on at once, and meets the others at the row's lock. */
  take(accountId: number, mayWait: boolean): void | Promise<void>;
  /** Lets the next ones begin. */
  end(): void;
}

/** As long as SQLite's writer asks for its lock. */
const patienceMs = 10_000;

/**
 * Makes lines, one for each account: writes of one process that concern an account follow each other here, where waiting costs
 * nothing, and not in the database, where each would keep a connection. Other processes are met at the locks of rows.
 */
export const createLines = (): (() => Turns) => {
  /** Who waits for an account; it stands here as long as somebody is at work on it. */
  const lines = new Map<number, (() => void)[]>();

  const wait = (accountId: number, line: (() => void)[], begin: () => void): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        line.splice(line.indexOf(mine), 1);
        reject(new DatabaseUnavailable(`Too many writes wait for the account ${accountId}.`));
      }, patienceMs);
      const mine = () => {
        clearTimeout(timer);
        begin();
        resolve();
      };
      line.push(mine);
    });

  return () => {
    const had = new Set<number>();
    let highest = 0;
    const begin = (accountId: number) => {
      had.add(accountId);
      highest = Math.max(highest, accountId);
    };
    return {
      take(accountId, mayWait) {
        if (had.has(accountId)) return;
        const line = lines.get(accountId);
        if (!line) {
          lines.set(accountId, []);
          begin(accountId);
          return;
        }
        // Who has a later one never waits for an earlier one: of two, each would wait for the other.
        if (mayWait && accountId > highest) return wait(accountId, line, () => begin(accountId));
      },
      end() {
        for (const accountId of had) {
          const next = lines.get(accountId)!.shift();
          if (next) next();
          else lines.delete(accountId);
        }
        had.clear();
      },
    };
  };
};
