import { type RawBuilder, sql } from "kysely";
import type { Alterations, Handle } from "../database.ts";

/** How an index of trigrams is called: the extension is the database's, and may lie in a schema that is not looked through. */
export const trigramsIn = async (handle: Handle): Promise<RawBuilder<unknown>> => {
  const { rows } = await sql<{ schema: string }>`
    select nspname as schema from pg_extension join pg_namespace on pg_namespace.oid = extnamespace where extname = 'pg_trgm'`.execute(
    handle,
  );
  return sql.ref(`${rows[0]!.schema}.gin_trgm_ops`);
};

export const postgresAlterations: Alterations = {
  /**
   * A change of a column in a B-tree writes the row anew into every index of its table, trigrams included. PostgreSQL 16 spares
   * all of them where only a BRIN index has the column: it keeps the extremes of each page, which is enough to pass over most pages.
   */
  async createMovingIndex(handle, table, column) {
    await sql`create index ${sql.ref(`${table}__${column}`)} on ${sql.table(table)}
      using brin (${sql.ref(column)}) with (pages_per_range = 1, autosummarize = on)`.execute(handle);
  },

  async leaveRoom(handle, table) {
    await sql`alter table ${sql.table(table)} set (fillfactor = 80)`.execute(handle);
  },

  /** An index of trigrams serves equality as well, and was taken for it: beside 10,000 similar names each lookup read them all. */
  async separateSearch(handle, table, column) {
    const index = sql.ref(`${table}__${column}_search`);
    await sql`drop index ${index}`.execute(handle);
    await sql`create index ${index} on ${sql.table(table)} using gin ((${sql.ref(column)} || '') ${await trigramsIn(handle)})`.execute(
      handle,
    );
  },

  /** Autovacuum counts the rows. */
  expectRows: async () => {},
};
