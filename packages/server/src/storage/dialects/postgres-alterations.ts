import { sql } from "kysely";
import type { Alterations } from "../database.ts";

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
    await sql`create index ${index} on ${sql.table(table)} using gin ((${sql.ref(column)} || '') gin_trgm_ops)`.execute(handle);
  },

  /** Autovacuum counts the rows. */
  expectRows: async () => {},
};
