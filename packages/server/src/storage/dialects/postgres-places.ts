import type { PostgresPool, PostgresPoolClient } from "kysely";
import { TurnsOfPayers } from "../../kernel/turns-of-payers.ts";
import { DatabaseUnavailable } from "../database.ts";

/** The connections of units, which payers take in turns. */
export interface Places {
  /** A connection of the pool; to be released, and then left. */
  take(payer: string): Promise<PostgresPoolClient>;
  leave(payer: string, heldSinceMs: number): void;
  readonly waiting: number;
}

interface Waiting {
  isGone: boolean;
  begin(): void;
}

/**
 * Lets as many take a connection as the pool has. Who waits takes turns by payers, charged with how long their connections
 * were held; no payer holds the last one, so that one whose units wait for locks leaves the others a way.
 */
export const createPlaces = (pool: PostgresPool, max: number, patienceMs: number): Places => {
  const line = new TurnsOfPayers<Waiting>();
  const held = new Map<string, number>();
  let taken = 0;
  const mayTake = (payer: string): boolean => (held.get(payer) ?? 0) < Math.max(1, max - 1);

  const note = (payer: string): void => {
    taken += 1;
    held.set(payer, (held.get(payer) ?? 0) + 1);
  };

  const startWaiting = (): void => {
    while (taken < max) {
      const next = line.take(mayTake);
      if (next === undefined) return;
      if (next.item.isGone) continue;
      note(next.payer);
      next.item.begin();
    }
  };

  const leave = (payer: string, heldSinceMs: number): void => {
    taken -= 1;
    const left = held.get(payer)! - 1;
    if (left > 0) held.set(payer, left);
    else held.delete(payer);
    line.charge(payer, performance.now() - heldSinceMs);
    startWaiting();
  };

  const wait = (payer: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        mine.isGone = true;
        reject(new DatabaseUnavailable("Too many units wait for a connection."));
      }, patienceMs);
      const mine: Waiting = {
        isGone: false,
        begin() {
          clearTimeout(timer);
          resolve();
        },
      };
      line.push(payer, mine);
    });

  return {
    async take(payer) {
      if (taken < max && mayTake(payer)) note(payer);
      else await wait(payer);
      const sinceMs = performance.now();
      try {
        return await pool.connect();
      } catch (error) {
        leave(payer, sinceMs);
        throw error;
      }
    },
    leave,
    get waiting() {
      return line.length;
    },
  };
};
