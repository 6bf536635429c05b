import { Worker } from "node:worker_threads";
import BetterSqlite from "better-sqlite3";
import pg from "pg";

interface Asked {
  readonly text: string;
  readonly name?: string;
  readonly values: readonly unknown[];
}

/** How many values or rows a parameter lists. */
const lengthOf = (value: unknown): number => {
  if (Array.isArray(value)) return value.length;
  return typeof value === "string" && value.startsWith("[{") ? (JSON.parse(value) as unknown[]).length : 1;
};

/**
 * Notes the text of every statement that a database is given from now on, each once, until it is told to stop: SQLite in this thread
 * or beside it, PostgreSQL on any connection of this process. PostgreSQL's statements are counted, too.
 */
export const recordStatements = () => {
  const texts = new Set<string>();
  let sent = 0;
  let maxKept = 0;
  const { prepare } = BetterSqlite.prototype;
  const { postMessage } = Worker.prototype;
  const { query } = pg.Client.prototype;
  const scratch = new BetterSqlite(":memory:");
  const statements = Object.getPrototypeOf(scratch.prepare("select 1")) as Record<"all" | "get" | "run", (...values: unknown[]) => unknown>;
  scratch.close();
  const { all, get, run } = statements;
  const ran = { read: 0, write: 0 };
  const counting = (kind: keyof typeof ran, method: (...values: unknown[]) => unknown) =>
    function (this: unknown, ...values: unknown[]) {
      ran[kind] += 1;
      return method.apply(this, values);
    };
  Object.assign(statements, { all: counting("read", all), get: counting("read", get), run: counting("write", run) });
  BetterSqlite.prototype.prepare = function (this: BetterSqlite.Database, text: string) {
    texts.add(text);
    return prepare.call(this, text);
  } as typeof prepare;
  Worker.prototype.postMessage = function (this: Worker, message: { readonly text?: string }) {
    if (message.text !== undefined) texts.add(message.text);
    postMessage.call(this, message);
  };
  pg.Client.prototype.query = function (this: pg.Client, ...given: [string | Asked]) {
    const text = typeof given[0] === "string" ? given[0] : given[0].text;
    if (!text.startsWith("set ")) sent += 1;
    texts.add(text);
    if (typeof given[0] === "object" && given[0].name !== undefined) maxKept = Math.max(maxKept, ...given[0].values.map(lengthOf));
    return (query as (...all: unknown[]) => unknown).apply(this, given);
  } as typeof query;
  return {
    texts: texts as ReadonlySet<string>,
    /** How many statements PostgreSQL has been given, without what a new connection is told. */
    sent: () => sent,
    /** How many values the longest list had that PostgreSQL was given with a statement whose plan it keeps. */
    maxKept: () => maxKept,
    /** How many statements SQLite has run in this thread: those that give rows, or the others. */
    ran: (kind: "read" | "write") => ran[kind],
    stop(): void {
      Object.assign(statements, { all, get, run });
      BetterSqlite.prototype.prepare = prepare;
      Worker.prototype.postMessage = postMessage;
      pg.Client.prototype.query = query;
    },
  };
};
