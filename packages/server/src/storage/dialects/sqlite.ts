import BetterSqlite from "better-sqlite3";
import { Kysely, type SqliteDatabase, SqliteDialect, type SqliteStatement, sql } from "kysely";
import { BoundedCache } from "../../kernel/bounded-cache.ts";
import type { ColumnTypes } from "../columns.ts";
import { type Capabilities, ConstraintViolation, type Database, DatabaseUnavailable, type Handle } from "../database.ts";
import type { Tables } from "../tables.ts";
import { Writer } from "../writer.ts";
import { moveRevision, watchRevisions } from "./sqlite-revisions.ts";
import { sqliteSubstringIndex } from "./sqlite-substring-index.ts";

const columnTypes: ColumnTypes = {
  id: "integer",
  text: "text",
  integer: "integer",
  octets: "integer",
  boolean: "boolean",
  instant: "integer",
  json: "text",
  secret: "text",
};

/** Distinct statement texts kept prepared: optional filters make many of them. */
const preparedStatements = 500;

const capabilities: Capabilities = {
  columnTypes,
  needsRowLocks: false,
  countSlots: 1,
  substringIndex: sqliteSubstringIndex,
  databaseNowMs: sql<number>`cast(unixepoch('subsec') * 1000 as integer)`,
  // A sequence is a row of `id_block`, made at its first use.
  createSequence: async () => {},
  nextNumbers: (handle, sequence, count) => nextNumbers(handle, sequence, count),
};

/**
 * Opens an SQLite database: one connection that writes and one that reads. WAL lets them work side by side, and FULL
 * makes every answered write survive a power cut.
 */
export const openSqlite = (file: string): Database => {
  const writing = connect(file);
  const reading = connectToRead(file);
  const constraints = new ConstraintNames(reading);
  const control = statementsOf(writing);
  const writer = new Writer(
    {
      execute: (statement) => constraints.translating(() => void control(statement).run()),
      isBusy: (error) => error instanceof DatabaseUnavailable && codeOf(error.cause).startsWith("SQLITE_BUSY"),
      inTransaction: () => writing.inTransaction,
    },
    () => new DatabaseUnavailable("Another process keeps the database locked."),
  );
  const writeHandle = kysely(writing, constraints);
  const reader = kysely(reading, constraints);
  return {
    name: "sqlite",
    reader,
    capabilities,
    write: (unit) => writer.run(() => unit(writeHandle)),
    lockSchema: async () => {},
    announce: moveRevision,
    listen: (events) => watchRevisions(reading, events),
    figures: () => ({ ...writer.figures, readsWaiting: 0, connections: { open: 2, idle: 0 } }),
    connectionLimits: async () => undefined,
    describeSchema: () => describeSchema(reader),
    async close() {
      await reader.destroy();
      await writeHandle.destroy();
    },
  };
};

/**
 * Opens an SQLite database that exists, in a process that must not write: its one connection can read and nothing else,
 * whatever it is asked to do.
 */
export const openSqliteReader = (file: string): Database => {
  const reading = connectToRead(file);
  const reader = kysely(reading, new ConstraintNames(reading));
  const refuse = async (): Promise<never> => {
    throw new Error("This process reads only: what writes belongs into the process that writes.");
  };
  return {
    name: "sqlite",
    reader,
    capabilities,
    write: refuse,
    lockSchema: refuse,
    announce: refuse,
    listen: (events) => watchRevisions(reading, events),
    figures: () => ({ units: 0, flushes: 0, unitsWaiting: 0, readsWaiting: 0, connections: { open: 1, idle: 0 } }),
    connectionLimits: async () => undefined,
    describeSchema: () => describeSchema(reader),
    close: () => reader.destroy(),
  };
};

const describeSchema = async (reader: Handle): Promise<string> => {
  const { rows } = await sql<{ sql: string }>`
    select sql from sqlite_master where sql is not null and name not like 'sqlite_%' order by tbl_name, type desc, name`.execute(reader);
  return rows.map((row) => `${row.sql.replace(/\s+/g, " ")};\n`).join("");
};

/** There is one writer: the number that a unit takes is nobody else's, and an undone unit has shown it to nobody. */
const nextNumbers = async (handle: Handle, sequence: string, count: number): Promise<number[]> => {
  if (count === 0) return [];
  const row = await handle
    .insertInto("id_block")
    .values({ noun: sequence, next_id: 1 + count })
    .onConflict((conflict) => conflict.column("noun").doUpdateSet((eb) => ({ next_id: eb("id_block.next_id", "+", count) })))
    .returning("next_id")
    .executeTakeFirstOrThrow();
  return Array.from({ length: count }, (_, index) => row.next_id - count + index);
};

/** The few statements that frame units, each prepared once. */
const statementsOf = (connection: BetterSqlite.Database) => {
  const statements = new Map<string, BetterSqlite.Statement>();
  return (text: string): BetterSqlite.Statement => {
    let statement = statements.get(text);
    if (!statement) {
      statement = connection.prepare(text);
      statements.set(text, statement);
    }
    return statement;
  };
};

const connect = (file: string): BetterSqlite.Database => {
  const connection = new BetterSqlite(file);
  // Waiting inside SQLite would block the event loop; the writer asks again without blocking. Opening may wait: the
  // change to WAL needs the file for itself for a moment.
  connection.pragma("busy_timeout = 5000");
  connection.pragma("journal_mode = wal");
  connection.pragma("synchronous = full");
  connection.pragma("foreign_keys = on");
  connection.pragma("busy_timeout = 0");
  return connection;
};

/** A connection that can read alone: opened so, and told so. */
const connectToRead = (file: string): BetterSqlite.Database => {
  const connection = new BetterSqlite(file, { readonly: true, fileMustExist: true });
  connection.pragma("query_only = on");
  // Readers wait for nobody but a checkpoint that begins the log anew, and that for moments.
  connection.pragma("busy_timeout = 50");
  return connection;
};

const codeOf = (error: unknown): string => (error instanceof BetterSqlite.SqliteError ? error.code : "");

const kysely = (connection: BetterSqlite.Database, constraints: ConstraintNames): Kysely<Tables> =>
  new Kysely<Tables>({ dialect: new SqliteDialect({ database: withStatementCache(connection, constraints) }) });

/** Kysely's dialect prepares each query anew, at ten times the cost of running it. */
const withStatementCache = (connection: BetterSqlite.Database, constraints: ConstraintNames): SqliteDatabase => {
  const cache = new BoundedCache<string, SqliteStatement>(preparedStatements);
  return {
    close: () => connection.close(),
    prepare(text) {
      let statement = cache.get(text);
      if (!statement) {
        statement = adapt(connection.prepare(text), constraints);
        cache.set(text, statement);
      }
      return statement;
    },
  };
};

const adapt = (statement: BetterSqlite.Statement<unknown[]>, constraints: ConstraintNames): SqliteStatement => ({
  reader: statement.reader,
  all: (parameters) => constraints.translating(() => statement.all(encode(parameters))),
  run: (parameters) => constraints.translating(() => statement.run(encode(parameters))),
  iterate: (parameters) => statement.iterate(encode(parameters)) as IterableIterator<unknown>,
});

/** SQLite has no booleans to bind. */
const encode = (parameters: readonly unknown[]): unknown[] => parameters.map((value) => (value === true ? 1 : value === false ? 0 : value));

/** SQLite names the columns of a broken unique constraint; this finds the constraint's own name. */
class ConstraintNames {
  readonly #connection: BetterSqlite.Database;

  constructor(connection: BetterSqlite.Database) {
    this.#connection = connection;
  }

  translating<T>(statement: () => T): T {
    try {
      return statement();
    } catch (error) {
      const code = codeOf(error);
      if (code.startsWith("SQLITE_BUSY") || code === "SQLITE_FULL" || code.startsWith("SQLITE_IOERR")) {
        throw new DatabaseUnavailable("The database cannot take this now.", { cause: error });
      }
      if (code === "SQLITE_CONSTRAINT_UNIQUE") throw new ConstraintViolation(this.#nameOf((error as Error).message), error);
      if (code.startsWith("SQLITE_CONSTRAINT")) {
        throw new ConstraintViolation(code.toLowerCase(), error, { isReference: code === "SQLITE_CONSTRAINT_FOREIGNKEY" });
      }
      throw error;
    }
  }

  #nameOf(message: string): string {
    const columns = message.replace(/^UNIQUE constraint failed: /, "").split(", ");
    const table = columns[0]?.split(".")[0] ?? "";
    const wanted = columns.map((column) => column.split(".")[1]).join();
    const indexes = this.#connection.prepare('select name from pragma_index_list(?) where "unique"').pluck().all(table) as string[];
    const columnsOf = this.#connection
      .prepare("select group_concat(name) from (select name from pragma_index_info(?) order by seqno)")
      .pluck();
    return indexes.find((index) => columnsOf.get(index) === wanted) ?? `${table}__unknown`;
  }
}
