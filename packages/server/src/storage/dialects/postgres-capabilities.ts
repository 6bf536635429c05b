import { type RawBuilder, type SqlBool, sql } from "kysely";
import type { ColumnTypes } from "../columns.ts";
import type { Capabilities, Handle, SubstringIndex } from "../database.ts";
import { postgresAlterations, trigramsIn } from "./postgres-alterations.ts";

const columnTypes: ColumnTypes = {
  id: "bigint",
  text: "text",
  integer: "bigint",
  octets: "bigint",
  boolean: "boolean",
  instant: "bigint",
  json: "text",
  secret: "text",
};

/** Numbers of a sequence rise with every call, whatever becomes of the unit. */
const nextNumbers = async (handle: Handle, sequence: string, count: number): Promise<number[]> => {
  if (count === 0) return [];
  const { rows } = await sql<{ number: number }>`
    select nextval(${sequence}) as number from generate_series(1, ${count}::integer)`.execute(handle);
  return rows.map((row) => row.number);
};

const substringIndex: SubstringIndex = {
  async create(handle, table, column) {
    await sql`create extension if not exists pg_trgm`.execute(handle);
    const index = sql.ref(`${table}__${column}_search`);
    await sql`create index ${index} on ${sql.table(table)} using gin (${sql.ref(column)} ${await trigramsIn(handle)})`.execute(handle);
  },
  set: async () => {},
  remove: async () => {},
  pattern: (part) => ({ isShort: false, text: `%${part.replace(/[\\%_]/g, (character) => `\\${character}`)}%` }),
  // The expression of the index of 0016-search-apart: whoever looks for the whole text never meets it.
  contains: (table, column, { text }): RawBuilder<SqlBool> => sql<SqlBool>`(${sql.ref(`${table}.${column}`)} || '') like ${text}`,
};

export const postgresCapabilities: Capabilities = {
  columnTypes,
  needsRowLocks: true,
  countShards: 16,
  substringIndex,
  alterations: postgresAlterations,
  databaseNowMs: sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`,
  createSequence: async (handle, name) => void (await sql`create sequence ${sql.ref(name)}`.execute(handle)),
  nextNumbers,
};
