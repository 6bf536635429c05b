import BetterSqlite from "better-sqlite3";
import { isBusy } from "./sqlite-errors.ts";

/** A file that this process alone holds, until it lets go or ends in whatever way. */
export interface FileHold {
  release(): void;
}

/**
 * Takes hold of a file, which is made where there is none and stays empty; undefined where another process holds it. Node
 * locks no files, and SQLite does on every system: the lock is the kernel's, so that none is left behind by a killed process.
 */
export const holdFile = (file: string): FileHold | undefined => {
  const connection = new BetterSqlite(file, { timeout: 0 });
  try {
    connection.exec("begin immediate");
  } catch (error) {
    connection.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return { release: () => connection.close() };
};
