import type BetterSqlite from "better-sqlite3";
import { isBusy } from "./sqlite-errors.ts";

const patienceMs = 5_000;
const betweenMs = 10;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/**
 * Turns a database to WAL, where it is not yet. Of two processes that do so with a new file at once, SQLite refuses one at once, whatever
 * its `busy_timeout` is: each reads the file and wants to write it, and neither would ever let go. So that one asks again; it
 * happens before anything is served, so that it may hold its thread.
 */
export const useWal = (connection: BetterSqlite.Database): void => {
  for (const startedMs = performance.now(); ; Atomics.wait(sleeper, 0, 0, betweenMs)) {
    try {
      connection.pragma("journal_mode = wal");
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() - startedMs > patienceMs) throw error;
    }
  }
};
