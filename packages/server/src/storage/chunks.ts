import type { Insertable } from "kysely";
import type { Handle } from "./database.ts";
import type { Tables } from "./tables.ts";

/** Rows of one insert: enough to spare round trips, few enough that every database takes their parameters. */
const rowsPerInsert = 500;

/** Inserts rows of one table by few statements. */
export const insertInChunks = async <T extends keyof Tables & string>(
  handle: Handle,
  table: T,
  rows: readonly Insertable<Tables[T]>[],
): Promise<void> => {
  for (let start = 0; start < rows.length; start += rowsPerInsert) {
    await handle
      .insertInto(table)
      .values(rows.slice(start, start + rowsPerInsert) as never)
      .execute();
  }
};
