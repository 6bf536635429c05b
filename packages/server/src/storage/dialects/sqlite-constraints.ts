import type BetterSqlite from "better-sqlite3";
import { ConstraintViolation, DatabaseUnavailable } from "../database.ts";
import { codeOf, isBusy } from "./sqlite-errors.ts";

/** Runs a step, and gives what fails in it as the rest of the house knows it. */
export type Translating = <T>(step: () => T) => T;

/** SQLite names the columns of a broken unique constraint; this finds the constraint's own name, on any connection to the file. */
export const translatingOn =
  (connection: BetterSqlite.Database): Translating =>
  (step) => {
    try {
      return step();
    } catch (error) {
      throw translated(connection, error);
    }
  };

const translated = (connection: BetterSqlite.Database, error: unknown): unknown => {
  const code = codeOf(error);
  if (isBusy(error) || code === "SQLITE_FULL" || code.startsWith("SQLITE_IOERR")) {
    return new DatabaseUnavailable("The database cannot take this now.", { cause: error });
  }
  if (code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB") {
    return new DatabaseUnavailable("The database is damaged. Restore it from a backup.", { cause: error });
  }
  if (code === "SQLITE_CONSTRAINT_UNIQUE") return new ConstraintViolation(nameOf(connection, (error as Error).message), error);
  if (code.startsWith("SQLITE_CONSTRAINT")) {
    return new ConstraintViolation(code.toLowerCase(), error, { isReference: code === "SQLITE_CONSTRAINT_FOREIGNKEY" });
  }
  return error;
};

const nameOf = (connection: BetterSqlite.Database, message: string): string => {
  const columns = message.replace(/^UNIQUE constraint failed: /, "").split(", ");
  const table = columns[0]?.split(".")[0] ?? "";
  const wanted = columns.map((column) => column.split(".")[1]).join();
  const indexes = connection.prepare('select name from pragma_index_list(?) where "unique"').pluck().all(table) as string[];
  const columnsOf = connection.prepare("select group_concat(name) from (select name from pragma_index_info(?) order by seqno)").pluck();
  return indexes.find((index) => columnsOf.get(index) === wanted) ?? `${table}__unknown`;
};
