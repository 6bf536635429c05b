import { DatabaseUnavailable } from "../database.ts";
import type { AccountGroup, GroupLine, OpenGroup } from "./postgres-account-group.ts";

/** How a write comes to an account. */
export interface Coming {
  /** Whether it may wait. Who may not goes on at once, and meets the others at the row's lock. */
  readonly mayWait: boolean;
  /** Whether it may share a transaction with those that come so, too. */
  readonly mayJoin: boolean;
}

/** The accounts that one write is at work on, over all of its attempts. */
export interface Turns {
  /** Ends when no other write is at work on an account, or when the group that is lets this one in. */
  take(accountId: number, coming: Coming): undefined | Promise<AccountGroup | undefined>;
  /** Lets the next ones begin. */
  end(): void;
}

interface Waiting {
  readonly mayJoin: boolean;
  begin(group: AccountGroup | undefined): void;
}

/** As long as SQLite's writer asks for its lock. */
const patienceMs = 10_000;
/** Who comes so soon after units of the account have shared a transaction begins another: more are about to come. */
const busyMs = 100;
const maxBusy = 1_000;

/**
 * Makes lines, one for each account: writes of one process that concern an account follow each other here, where waiting costs
 * nothing, and not in the database, where each would keep a connection. Other processes are met at the locks of rows. Where several
 * wait that may, they share one transaction.
 */
export const createLines = (openGroup: OpenGroup): ((payer: string) => Turns) => {
  /** Who waits for an account; it stands here as long as somebody is at work on it. */
  const lines = new Map<number, Waiting[]>();
  /** When units of an account have shared a transaction last, and how many there were. */
  const shared = new Map<number, { readonly atMs: number; readonly units: number }>();
  /** Groups that would let in who comes next. */
  const awaiting = new Map<number, () => void>();

  const expectedOf = (accountId: number): number => {
    const last = shared.get(accountId);
    return last !== undefined && performance.now() - last.atMs < busyMs ? last.units : 1;
  };
  const isBusy = (accountId: number): boolean => expectedOf(accountId) > 1;

  const noteSharing = (accountId: number, units: number): void => {
    if (shared.size >= maxBusy) shared.clear();
    shared.set(accountId, { atMs: performance.now(), units });
  };

  const leave = (accountId: number): void => {
    const next = lines.get(accountId)!.shift();
    if (next) next.begin(undefined);
    else lines.delete(accountId);
  };

  const groupLine = (accountId: number): GroupLine => ({
    letIn(group) {
      const line = lines.get(accountId)!;
      if (!line[0]?.mayJoin) return false;
      line.shift()!.begin(group);
      return true;
    },
    comes: (withinMs) =>
      new Promise((resolve) => {
        const stop = (isThere: boolean): void => {
          clearTimeout(timer);
          awaiting.delete(accountId);
          resolve(isThere);
        };
        const timer = setTimeout(stop, withinMs, false);
        awaiting.set(accountId, () => stop(true));
      }),
    expected: expectedOf(accountId),
    leave(units) {
      noteSharing(accountId, units + lines.get(accountId)!.length);
      leave(accountId);
    },
  });

  const wait = (accountId: number, mayJoin: boolean): Promise<AccountGroup | undefined> => {
    const line = lines.get(accountId)!;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        line.splice(line.indexOf(mine), 1);
        reject(new DatabaseUnavailable(`Too many writes wait for the account ${accountId}.`));
      }, patienceMs);
      const mine: Waiting = {
        mayJoin,
        begin(group) {
          clearTimeout(timer);
          resolve(group);
        },
      };
      line.push(mine);
      awaiting.get(accountId)?.();
    });
  };

  return (payer) => {
    const had = new Set<number>();
    let highest = 0;

    const have = (accountId: number): void => {
      had.add(accountId);
      highest = Math.max(highest, accountId);
    };

    const waitForTurn = async (accountId: number, mayJoin: boolean): Promise<AccountGroup | undefined> => {
      const joined = await wait(accountId, mayJoin);
      if (joined) return joined;
      have(accountId);
      if (!mayJoin || !(lines.get(accountId)![0]?.mayJoin || isBusy(accountId))) return undefined;
      return beginGroup(accountId);
    };

    const beginGroup = async (accountId: number): Promise<AccountGroup> => {
      const group = await openGroup(accountId, groupLine(accountId), payer);
      // The line is the group's: should that be undone, this write comes to its end as everybody of it does.
      had.clear();
      highest = 0;
      return group;
    };

    return {
      take(accountId, { mayWait, mayJoin }) {
        if (had.has(accountId)) return;
        if (!lines.has(accountId)) {
          lines.set(accountId, []);
          const isFirst = had.size === 0;
          have(accountId);
          return mayWait && mayJoin && isFirst && isBusy(accountId) ? beginGroup(accountId) : undefined;
        }
        // Who has a later one never waits for an earlier one: of two, each would wait for the other.
        if (mayWait && accountId > highest) return waitForTurn(accountId, mayJoin && had.size === 0);
      },
      end() {
        for (const accountId of had) leave(accountId);
        had.clear();
      },
    };
  };
};
