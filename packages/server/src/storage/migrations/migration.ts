import type { Kysely } from "kysely";
import type { ColumnTypes } from "../columns.ts";

/** What a migration is given. It imports nothing that lives, so that it does the same for ever. */
export interface MigrationKit {
  // biome-ignore lint/suspicious/noExplicitAny: a migration works on the schema of its time, which no type of today describes
  readonly handle: Kysely<any>;
  readonly types: ColumnTypes;
  createSubstringIndex(table: string, column: string): Promise<void>;
  /** Makes a substring index serve the search for parts alone, where it serves equality as well. */
  separateSearch(table: string, column: string): Promise<void>;
  createSequence(name: string): Promise<void>;
  /** Indexes a column that nearly every change of a row moves, as far as that does not make each change dearer. */
  createMovingIndex(table: string, column: string): Promise<void>;
  /** Leaves room beside rows that change often, so that a change stays where the row was. */
  leaveRoom(table: string): Promise<void>;
  /**
   * Says how many rows the indexes of a table will have, to a planner that does not count them itself: for each index all of its rows, then
   * those with the same first column, the same first two, and so on. All indexes of the table must be named.
   */
  expectRows(table: string, rowsOf: Readonly<Record<string, readonly number[]>>): Promise<void>;
}

/** One step of the schema, run once in a transaction of its own. */
export interface Migration {
  /** `NNNN-what-it-brings`; the order of the names is the order of the steps. */
  readonly name: string;
  up(kit: MigrationKit): Promise<void>;
}
