import { pauseByChance } from "../../kernel/clock.ts";
import { DatabaseUnavailable, type Handle } from "../database.ts";
import { createAccountGroups, GroupUndone } from "./postgres-account-group.ts";
import { isUndone, isWorthRetrying } from "./postgres-errors.ts";
import { createGroupCommit, type GroupCommit } from "./postgres-group.ts";
import type { Places } from "./postgres-places.ts";
import { createLines, type Turns } from "./postgres-turns.ts";
import { PostgresUnit, StaleRead, type UnitLocking } from "./postgres-unit.ts";

const maxAttempts = 10;
const maxPauseMs = 20;

/** Runs units of writes. */
export interface Units {
  run<T>(unit: (handle: Handle) => Promise<T>, payer: string): Promise<T>;
  /** Units that ended well, the commits that made them durable, and units that wait. */
  figures(): { readonly units: number; readonly flushes: number; readonly unitsWaiting: number };
}

/** Units take their connections from `places`; `reader` is where they read while nothing ties them to one. */
export const createUnits = (places: Places, owner: object, reader: Handle): Units => {
  const group = groupCommitOver(places);
  const runOnce = unitsOver(() => new PostgresUnit({ owner, places, reader, group }));
  const accountGroups = createAccountGroups(places);
  const newTurns = createLines(accountGroups.open);
  let units = 0;
  return {
    async run(unit, payer) {
      const turns = newTurns(payer);
      try {
        const value = await retrying((locking) => runOnce(unit, locking, turns, payer));
        units += 1;
        return value;
      } finally {
        turns.end();
      }
    },
    figures: () => ({
      units,
      flushes: units - group.spared() - accountGroups.spared(),
      unitsWaiting: places.waiting + group.waiting(),
    }),
  };
};

/** Runs a unit until it is done: after a stale read with its locks taken at once, after a group was undone by itself, after a deadlock anew. */
const retrying = async <T>(run: (locking: UnitLocking) => Promise<T>): Promise<T> => {
  let locking: UnitLocking = "optimistic";
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run(locking);
    } catch (error) {
      if (error instanceof GroupUndone && locking === "optimistic") {
        locking = "alone";
        continue;
      }
      if (error instanceof StaleRead && locking !== "row") {
        locking = "row";
        continue;
      }
      if (!isWorthRetrying(error)) throw error;
      if (attempt >= maxAttempts) throw new DatabaseUnavailable("The database has undone the unit each time.", { cause: error });
      // Random, so that contending units do not stay in lockstep.
      await pauseByChance(attempt * maxPauseMs);
    }
  }
};

/** Runs units, as many at once as there are: each has no connection until it needs one. */
const unitsOver = (create: () => PostgresUnit) => {
  const idle: PostgresUnit[] = [];
  return async <T>(run: (handle: Handle) => Promise<T>, locking: UnitLocking, turns: Turns, payer: string): Promise<T> => {
    const unit = idle.pop() ?? create();
    unit.begin(locking, turns, payer);
    try {
      const value = await run(unit.handle);
      await unit.commit();
      return value;
    } catch (error) {
      await unit.rollback();
      throw error;
    } finally {
      idle.push(unit);
    }
  };
};

/** What travels together is nobody's alone, and short. */
const groupCommitOver = (places: Places): GroupCommit =>
  createGroupCommit(async ({ text, values }) => {
    const client = await places.take("together");
    const sinceMs = performance.now();
    try {
      await client.query(text, values);
    } finally {
      client.release();
      places.leave("together", sinceMs);
    }
  }, isUndone);
