import BetterSqlite from "better-sqlite3";
import { Kysely, type SqliteDatabase, type SqliteStatement } from "kysely";
import type { Handle } from "../database.ts";
import type { Tables } from "../tables.ts";
import type { Translating } from "./sqlite-constraints.ts";
import { StableSqliteDialect } from "./sqlite-query-text.ts";
import { encode, type Statement, type Statements } from "./sqlite-statements.ts";
import { useWal } from "./sqlite-wal.ts";

/** The connection that writes. */
export const connect = (file: string): BetterSqlite.Database => {
  const connection = new BetterSqlite(file);
  // Waiting inside SQLite would block the event loop; the writer asks again without blocking. Opening may wait: the
  // change to WAL needs the file for itself for a moment.
  connection.pragma("busy_timeout = 5000");
  useWal(connection);
  // The writer flushes the log itself, before anyone is answered.
  connection.pragma("synchronous = normal");
  connection.pragma("foreign_keys = on");
  // What a savepoint may have to undo is kept for each; as files, that was a tenth of a small unit's CPU time.
  connection.pragma("temp_store = memory");
  // It answers the point reads, too: what is written, traces above all, must not push the accounts out of 2 MB.
  connection.pragma("cache_size = -8000");
  connection.pragma("busy_timeout = 0");
  return connection;
};

/** A connection that can only read: it is opened so, and set so. */
export const connectToRead = (file: string): BetterSqlite.Database => {
  const connection = new BetterSqlite(file, { readonly: true, fileMustExist: true });
  connection.pragma("query_only = on");
  // Readers wait for nobody but a checkpoint that begins the log anew, and that for moments.
  connection.pragma("busy_timeout = 50");
  return connection;
};

/** The query builder over a connection, through its prepared statements: Kysely's own dialect prepares each query anew, at ten times the cost of running it. */
export const handleOn = (connection: BetterSqlite.Database, statement: Statements, translating: Translating): Handle => {
  const database: SqliteDatabase = { close: () => connection.close(), prepare: (text) => adapt(statement(text), translating) };
  return new Kysely<Tables>({ dialect: new StableSqliteDialect({ database }) });
};

const adapt = (statement: Statement, translating: Translating): SqliteStatement => ({
  reader: statement.reader,
  all: (parameters) => translating(() => statement.all(encode(parameters))),
  run: (parameters) => translating(() => statement.run(encode(parameters))),
  iterate: (parameters) => statement.iterate(encode(parameters)) as IterableIterator<unknown>,
});
