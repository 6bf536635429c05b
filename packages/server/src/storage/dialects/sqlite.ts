import BetterSqlite from "better-sqlite3";
import { Kysely, type SqliteDatabase, type SqliteStatement, sql } from "kysely";
import type { ColumnTypes } from "../columns.ts";
import { type Capabilities, ConstraintViolation, type Database, DatabaseUnavailable, type Handle } from "../database.ts";
import { setRunner } from "../statements.ts";
import type { Tables } from "../tables.ts";
import { Writer } from "../writer.ts";
import { sqliteAlterations } from "./sqlite-alterations.ts";
import { createCheckpoints } from "./sqlite-checkpoints.ts";
import { codeOf, isBusy } from "./sqlite-errors.ts";
import { logFlushOf } from "./sqlite-log-flush.ts";
import { StableSqliteDialect } from "./sqlite-query-text.ts";
import { moveRevision, watchRevisions } from "./sqlite-revisions.ts";
import { createSequences } from "./sqlite-sequences.ts";
import { type SideThread, sideThreadOf } from "./sqlite-side-thread.ts";
import { encode, type Statement, sqliteRunner, statementCache } from "./sqlite-statements.ts";
import { sqliteSubstringIndex } from "./sqlite-substring-index.ts";
import { useWal } from "./sqlite-wal.ts";

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

const capabilitiesOf = (nextNumbers: Capabilities["nextNumbers"]): Capabilities => ({
  columnTypes,
  needsRowLocks: false,
  countSlots: 1,
  substringIndex: sqliteSubstringIndex,
  alterations: sqliteAlterations,
  databaseNowMs: sql<number>`cast(unixepoch('subsec') * 1000 as integer)`,
  createSequence: async () => {},
  nextNumbers,
});

/**
 * Opens an SQLite database: one connection that writes, and that reads between two units, and one that reads while a unit
 * is open. WAL lets them work side by side; every answered write survives a power cut.
 */
export const openSqlite = (file: string): Database => {
  const writing = connect(file);
  const reading = connectToRead(file);
  const constraints = new ConstraintNames(reading);
  const writes = statementCache(writing);
  const sequences = createSequences(writes);
  const log = logFlushOf(file);
  const writer = new Writer(
    {
      execute(statement) {
        if (statement === "begin immediate") {
          turn.end();
          // At the beginning, for some errors end a transaction without being asked to.
          sequences.forget();
        }
        constraints.translating(() => {
          if (statement === "commit") sequences.writeBack();
          writes(statement).run();
        });
        if (statement === "commit") checkpoints.committed();
      },
      isBusy: (error) => error instanceof DatabaseUnavailable && isBusy(error.cause),
      inTransaction: () => writing.inTransaction,
      pause: () => checkpoints.pause(),
      flush: () => log.flush(),
    },
    {
      busy: () => new DatabaseUnavailable("Another process keeps the database locked."),
      notKept: (cause) =>
        new DatabaseUnavailable("The disk failed to keep what was written. Mend it, then start Gatehouse again.", { cause }),
    },
  );
  const writeHandle = kysely(writing, writes, constraints);
  const turn = turnOf(writing, writes);
  const { reader, owner, sideThread, translating } = readerOver(reading, file, constraints, (own) => (turn.isAtHand() ? writes : own));
  const checkpoints = createCheckpoints({ connection: writing, inThread: sideThread.checkpoint, isThreadBusy: sideThread.isBusy });
  const { take: takeNumbers } = sequences;
  setRunner(writeHandle, sqliteRunner({ owner, statement: writes, translating, takeNumbers, giveWay: () => writer.giveWay() }));
  return {
    name: "sqlite",
    reader,
    capabilities: capabilitiesOf(async (_handle, sequence, count) => {
      const first = sequences.take(sequence, count);
      return Array.from({ length: count }, (_, index) => first + index);
    }),
    write: (unit, payer) => writer.run(() => unit(writeHandle), payer),
    lockSchema: async () => {},
    announce: moveRevision,
    listen: (events) => watchRevisions(reading, events),
    findDamage: () => quickCheck(file),
    figures: () => ({ ...writer.figures, readsWaiting: 0, connections: { open: 2, idle: 0 } }),
    connectionLimits: async () => undefined,
    listTables,
    describeSchema: () => describeSchema(reader),
    async close() {
      await sideThread.close();
      turn.end();
      await reader.destroy();
      await log.close();
      await writeHandle.destroy();
    },
  };
};

/**
 * Opens an SQLite database that exists, in a process that must not write: its connections can read and nothing else,
 * whatever they are asked to do.
 */
export const openSqliteReader = (file: string): Database => {
  const reading = connectToRead(file);
  const { reader, sideThread } = readerOver(reading, file, new ConstraintNames(reading));
  const refuse = async (): Promise<never> => {
    throw new Error("This process reads only: what writes belongs into the process that writes.");
  };
  return {
    name: "sqlite",
    reader,
    capabilities: capabilitiesOf(refuse),
    write: refuse,
    lockSchema: refuse,
    announce: refuse,
    listen: (events) => watchRevisions(reading, events),
    // The process that writes looks for all.
    findDamage: async () => undefined,
    figures: () => ({ units: 0, flushes: 0, unitsWaiting: 0, readsWaiting: 0, connections: { open: 1, idle: 0 } }),
    connectionLimits: async () => undefined,
    listTables,
    describeSchema: () => describeSchema(reader),
    async close() {
      await sideThread.close();
      await reader.destroy();
    },
  };
};

/**
 * The reads of one turn of the event loop share a transaction of the connection that writes, which spares each its locks: a
 * third of a point read. It ends before a unit begins, so that who has written sees it.
 */
const turnOf = (connection: BetterSqlite.Database, statement: Statements) => {
  let isOpen = false;
  const end = (): void => {
    if (!isOpen) return;
    isOpen = false;
    statement("commit").run();
  };
  return {
    end,
    /** Whether the connection reads now: while a unit is open it would show what is not committed. */
    isAtHand(): boolean {
      if (isOpen) return true;
      if (connection.inTransaction) return false;
      statement("begin").run();
      isOpen = true;
      setImmediate(end);
      return true;
    },
  };
};

/** In a thread of its own: what is read beside must not wait until the whole file is read. */
const quickCheck = async (file: string): Promise<string | undefined> => {
  const thread = sideThreadOf(file);
  try {
    return await thread.quickCheck();
  } finally {
    await thread.close();
  }
};

/** Statements of a connection by their texts. */
type Statements = (text: string) => Statement;

/**
 * The handle that reads, and the thread beside it that reads what takes long. `nearest` says which connection's statements
 * run the plans made once: a connection that only reads drops its page cache at each commit of another one, and then a
 * point read costs two to three times as much.
 */
const readerOver = (
  connection: BetterSqlite.Database,
  file: string,
  constraints: ConstraintNames,
  nearest: (own: Statements) => Statements = (own) => own,
) => {
  const statement = statementCache(connection);
  const reader = kysely(connection, statement, constraints);
  const sideThread = sideThreadOf(file);
  const readLong: SideThread["read"] = (text, values, payer) => sideThread.read(text, values, payer);
  const translating = <T>(step: () => T): T => constraints.translating(step);
  const owner = {};
  const takeNumbers = () => {
    throw new Error("Numbers are taken where rows are written.");
  };
  setRunner(
    reader,
    sqliteRunner({ owner, statement: (text) => nearest(statement)(text), translating, takeNumbers, giveWay: () => undefined, readLong }),
  );
  return { reader, owner, sideThread, translating };
};

const listTables = async (handle: Handle): Promise<string[]> => (await handle.introspection.getTables()).map(({ name }) => name);

const describeSchema = async (reader: Handle): Promise<string> => {
  const { rows } = await sql<{ sql: string }>`
    select sql from sqlite_master where sql is not null and name not like 'sqlite_%' order by tbl_name, type desc, name`.execute(reader);
  return rows.map((row) => `${row.sql.replace(/\s+/g, " ")};\n`).join("");
};

const connect = (file: string): BetterSqlite.Database => {
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

/** A connection that can read alone: opened so, and told so. */
const connectToRead = (file: string): BetterSqlite.Database => {
  const connection = new BetterSqlite(file, { readonly: true, fileMustExist: true });
  connection.pragma("query_only = on");
  // Readers wait for nobody but a checkpoint that begins the log anew, and that for moments.
  connection.pragma("busy_timeout = 50");
  return connection;
};

const kysely = (connection: BetterSqlite.Database, statement: (text: string) => Statement, constraints: ConstraintNames): Kysely<Tables> =>
  new Kysely<Tables>({ dialect: new StableSqliteDialect({ database: withStatementCache(connection, statement, constraints) }) });

/** Kysely's dialect prepares each query anew, at ten times the cost of running it. */
const withStatementCache = (
  connection: BetterSqlite.Database,
  statement: (text: string) => Statement,
  constraints: ConstraintNames,
): SqliteDatabase => ({ close: () => connection.close(), prepare: (text) => adapt(statement(text), constraints) });

const adapt = (statement: Statement, constraints: ConstraintNames): SqliteStatement => ({
  reader: statement.reader,
  all: (parameters) => constraints.translating(() => statement.all(encode(parameters))),
  run: (parameters) => constraints.translating(() => statement.run(encode(parameters))),
  iterate: (parameters) => statement.iterate(encode(parameters)) as IterableIterator<unknown>,
});

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
      if (isBusy(error) || code === "SQLITE_FULL" || code.startsWith("SQLITE_IOERR")) {
        throw new DatabaseUnavailable("The database cannot take this now.", { cause: error });
      }
      if (code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB") {
        throw new DatabaseUnavailable("The database is damaged. Restore it from a backup.", { cause: error });
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
