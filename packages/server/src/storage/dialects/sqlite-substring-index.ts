import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { Handle, SubstringIndex } from "../database.ts";

const searchTable = (table: string, column: string) => sql.table(`${table}__${column}_search`);

/** Trigrams are three characters: shorter parts are looked for by reading the column's index. */
const shortestIndexed = 3;

/** Full-text search over trigrams (FTS5); the row's id is the search table's rowid. Texts come folded already. */
export const sqliteSubstringIndex: SubstringIndex = {
  async create(handle, table, column) {
    await sql`create virtual table ${searchTable(table, column)} using fts5(${sql.ref(column)}, content='', contentless_delete=1, tokenize='trigram case_sensitive 1')`.execute(
      handle,
    );
  },
  async set(handle, table, column, rows) {
    for (const row of rows) {
      await remove(handle, table, column, row.id);
      await sql`insert into ${searchTable(table, column)} (rowid, ${sql.ref(column)}) values (${row.id}, ${row.text})`.execute(handle);
    }
  },
  async remove(handle, table, column, ids) {
    for (const id of ids) await remove(handle, table, column, id);
  },
  contains(table, column, part): RawBuilder<SqlBool> {
    const text = sql.ref(`${table}.${column}`);
    if ([...part].length < shortestIndexed) return sql<SqlBool>`instr(${text}, ${part}) > 0`;
    const phrase = `"${part.replaceAll('"', '""')}"`;
    const search = searchTable(table, column);
    return sql<SqlBool>`${sql.ref(`${table}.id`)} in (select rowid from ${search} where ${search} match ${phrase})`;
  },
};

const remove = (handle: Handle, table: string, column: string, id: number) =>
  sql`delete from ${searchTable(table, column)} where rowid = ${id}`.execute(handle);
