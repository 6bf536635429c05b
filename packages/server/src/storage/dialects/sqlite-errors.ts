import BetterSqlite from "better-sqlite3";

/** SQLite's code of an error; empty for errors of others. */
export const codeOf = (error: unknown): string => (error instanceof BetterSqlite.SqliteError ? error.code : "");

/** Whether somebody else holds what was asked for. */
export const isBusy = (error: unknown): boolean => codeOf(error).startsWith("SQLITE_BUSY");
