import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { SubstringIndex } from "../database.ts";
import { statement, type WriteStatement } from "../statement.ts";
import { write } from "../verbs.ts";

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
    const [removal, addition] = [removalFrom(table, column), additionTo(table, column)];
    for (const { id, text } of rows) {
      await write(handle, removal, { id });
      await write(handle, addition, { id, text });
    }
  },
  async remove(handle, table, column, ids) {
    for (const id of ids) await write(handle, removalFrom(table, column), { id });
  },
  pattern: (part) =>
    [...part].length < shortestIndexed ? { isShort: true, text: part } : { isShort: false, text: `"${part.replaceAll('"', '""')}"` },
  contains(table, column, { isShort, text: part }): RawBuilder<SqlBool> {
    if (isShort) return sql<SqlBool>`instr(${sql.ref(`${table}.${column}`)}, ${part}) > 0`;
    const search = searchTable(table, column);
    return sql<SqlBool>`${sql.ref(`${table}.id`)} in (select rowid from ${search} where ${search} match ${part})`;
  },
};

/** One statement for each searched column, made at its first use. */
const ofEachColumn = <Input>(make: (table: string, column: string) => WriteStatement<Input>) => {
  const made = new Map<string, WriteStatement<Input>>();
  return (table: string, column: string): WriteStatement<Input> => {
    const key = `${table}.${column}`;
    const known = made.get(key) ?? make(table, column);
    made.set(key, known);
    return known;
  };
};

const additionTo = ofEachColumn<{ readonly id: number; readonly text: string }>((table, column) =>
  statement(
    (handle, { id, text }) => ({
      compile: () => sql`insert into ${searchTable(table, column)} (rowid, ${sql.ref(column)}) values (${id}, ${text})`.compile(handle),
    }),
    { writes: table as never },
  ),
);

const removalFrom = ofEachColumn<{ readonly id: number }>((table, column) =>
  statement((handle, { id }) => ({ compile: () => sql`delete from ${searchTable(table, column)} where rowid = ${id}`.compile(handle) }), {
    writes: table as never,
  }),
);
