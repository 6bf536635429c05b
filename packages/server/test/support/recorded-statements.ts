import { Worker } from "node:worker_threads";
import BetterSqlite from "better-sqlite3";
import pg from "pg";

/**
 * Notes the text of every statement that a database is given from now on, each once, until it is told to stop: SQLite in this thread
 * or beside it, PostgreSQL on any connection of this process. PostgreSQL's statements are counted, too.
 */
export const recordStatements = () => {
  const texts = new Set<string>();
  let sent = 0;
  const { prepare } = BetterSqlite.prototype;
  const { postMessage } = Worker.prototype;
  const { query } = pg.Client.prototype;
  BetterSqlite.prototype.prepare = function (this: BetterSqlite.Database, text: string) {
    texts.add(text);
    return prepare.call(this, text);
  } as typeof prepare;
  Worker.prototype.postMessage = function (this: Worker, message: { readonly text?: string }) {
    if (message.text !== undefined) texts.add(message.text);
    postMessage.call(this, message);
  };
  pg.Client.prototype.query = function (this: pg.Client, ...given: [string | { text: string }]) {
    const text = typeof given[0] === "string" ? given[0] : given[0].text;
    if (!text.startsWith("set ")) sent += 1;
    texts.add(text);
    return (query as (...all: unknown[]) => unknown).apply(this, given);
  } as typeof query;
  return {
    texts: texts as ReadonlySet<string>,
    /** How many statements PostgreSQL has been given, without what a new connection is told. */
    sent: () => sent,
    stop(): void {
      BetterSqlite.prototype.prepare = prepare;
      Worker.prototype.postMessage = postMessage;
      pg.Client.prototype.query = query;
    },
  };
};
