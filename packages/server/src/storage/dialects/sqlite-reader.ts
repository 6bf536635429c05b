import type BetterSqlite from "better-sqlite3";
import { sql } from "kysely";
import type { Handle } from "../database.ts";
import { setRunner } from "../runner.ts";
import { handleOn } from "./sqlite-connections.ts";
import type { Translating } from "./sqlite-constraints.ts";
import { type SideThread, sideThreadOf } from "./sqlite-side-thread.ts";
import { type Statements, sqliteRunner, statementCache } from "./sqlite-statements.ts";

/** What reads outside of units. */
export interface SqliteReader {
  readonly reader: Handle;
  /** Stands for the opened database. */
  readonly owner: object;
  /** Reads what takes long. */
  readonly sideThread: SideThread;
}

/**
 * The handle that reads, and the thread beside it that reads what takes long. `nearest` says which connection's statements
 * run the plans made once: a connection that only reads drops its page cache at each commit of another one, and then a
 * point read costs two to three times as much.
 */
export const readerOn = (
  connection: BetterSqlite.Database,
  file: string,
  translating: Translating,
  nearest: (own: Statements) => Statements = (own) => own,
): SqliteReader => {
  const own = statementCache(connection);
  const reader = handleOn(connection, own, translating);
  const sideThread = sideThreadOf(file);
  const owner = {};
  setRunner(
    reader,
    sqliteRunner({
      owner,
      statement: (text) => nearest(own)(text),
      translating,
      takeNumbers() {
        throw new Error("Numbers are taken where rows are written.");
      },
      giveWay: () => undefined,
      readLong: (text, values, payer) => sideThread.read(text, values, payer),
    }),
  );
  return { reader, owner, sideThread };
};

/**
 * The reads of one tick of the event loop share a transaction of the connection that writes, which spares each its locks: a
 * third of a point read. It ends before a unit begins, so that who has written sees it.
 */
export interface ReadsOfTick {
  /** Whether the connection reads now: while a unit is open it would show what is not committed. */
  mayRead(): boolean;
  end(): void;
}

export const readsOfTick = (connection: BetterSqlite.Database, statement: Statements): ReadsOfTick => {
  let isOpen = false;
  const end = (): void => {
    if (!isOpen) return;
    isOpen = false;
    statement("commit").run();
  };
  return {
    end,
    mayRead() {
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
export const quickCheck = async (file: string): Promise<string | undefined> => {
  const thread = sideThreadOf(file);
  try {
    return await thread.quickCheck();
  } finally {
    await thread.close();
  }
};

export const listTables = async (handle: Handle): Promise<string[]> => (await handle.introspection.getTables()).map(({ name }) => name);

export const describeSchema = async (reader: Handle): Promise<string> => {
  const { rows } = await sql<{ sql: string }>`
    select sql from sqlite_master where sql is not null and name not like 'sqlite_%' order by tbl_name, type desc, name`.execute(reader);
  return rows.map((row) => `${row.sql.replace(/\s+/g, " ")};\n`).join("");
};
