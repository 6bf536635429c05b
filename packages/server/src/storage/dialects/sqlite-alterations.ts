import { type Kysely, sql } from "kysely";
import type { Alterations } from "../database.ts";

/** The table that ANALYZE fills; Gatehouse knows no other use of it. */
interface Statistics {
  readonly sqlite_stat1: { readonly tbl: string; readonly idx: string; readonly stat: string };
}

/** SQLite names the index of a primary key itself. */
const nameOfIndex = (table: string, index: string): string => (index === `${table}__key` ? `sqlite_autoindex_${table}_1` : index);

export const sqliteAlterations: Alterations = {
  /** Each change would write two more pages. Without it the rows are read through, which long reads do beside the event loop. */
  createMovingIndex: async () => {},

  /** A changed row stays in its page here, if the page has room, or else splits it. */
  leaveRoom: async () => {},

  /** It is a table of its own, which nothing else is looked for in. */
  separateSearch: async () => {},

  /**
   * SQLite plans by what ANALYZE has counted, and a new database is empty: the rows are given instead of counted, so that every installation
   * has the same plans (https://www.sqlite.org/lang_analyze.html, "Fixed Results Of ANALYZE").
   */
  async expectRows(handle, table, rowsOf) {
    const statistics = handle as unknown as Kysely<Statistics>;
    // Makes the table where there is none. It looks at no rows.
    await sql`analyze sqlite_schema`.execute(handle);
    await statistics.deleteFrom("sqlite_stat1").where("tbl", "=", table).execute();
    const rows = Object.entries(rowsOf).map(([index, counts]) => ({ tbl: table, idx: nameOfIndex(table, index), stat: counts.join(" ") }));
    await statistics.insertInto("sqlite_stat1").values(rows).execute();
    await sql`analyze sqlite_schema`.execute(handle);
  },
};
