import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { SubstringIndex } from "../database.ts";
import { preparedWrite } from "../prepared.ts";

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
    const add = addTo(table, column);
    for (const row of rows) {
      await removeFrom(table, column)(handle, row.id);
      await add(handle, row.id, row.text);
    }
  },
  async remove(handle, table, column, ids) {
    for (const id of ids) await removeFrom(table, column)(handle, id);
  },
  pattern: (part) =>
    [...part].length < shortestIndexed ? { isShort: true, text: part } : { isShort: false, text: `"${part.replaceAll('"', '""')}"` },
  contains(table, column, { isShort, text: part }): RawBuilder<SqlBool> {
    if (isShort) return sql<SqlBool>`instr(${sql.ref(`${table}.${column}`)}, ${part}) > 0`;
    const search = searchTable(table, column);
    return sql<SqlBool>`${sql.ref(`${table}.id`)} in (select rowid from ${search} where ${search} match ${part})`;
  },
};

type Write<Parameters extends readonly unknown[]> = ReturnType<typeof preparedWrite<Parameters>>;

/** One write for each searched column, made at its first use. */
const writesOf = <Parameters extends readonly unknown[]>(make: (table: string, column: string) => Write<Parameters>) => {
  const made = new Map<string, Write<Parameters>>();
  return (table: string, column: string): Write<Parameters> => {
    const key = `${table}.${column}`;
    const write = made.get(key) ?? make(table, column);
    made.set(key, write);
    return write;
  };
};

const addTo = writesOf<[number, string]>((table, column) =>
  preparedWrite(table as never, (handle, id, text) => ({
    compile: () => sql`insert into ${searchTable(table, column)} (rowid, ${sql.ref(column)}) values (${id}, ${text})`.compile(handle),
  })),
);

const removeFrom = writesOf<[number]>((table, column) =>
  preparedWrite(table as never, (handle, id) => ({
    compile: () => sql`delete from ${searchTable(table, column)} where rowid = ${id}`.compile(handle),
  })),
);
