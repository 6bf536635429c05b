import { Worker } from "node:worker_threads";
import BetterSqlite from "better-sqlite3";

/** Notes the text of every statement that SQLite is given from now on, in this thread or beside it, until it is told to stop. */
export const recordStatements = () => {
  const texts = new Set<string>();
  const { prepare } = BetterSqlite.prototype;
  const { postMessage } = Worker.prototype;
  BetterSqlite.prototype.prepare = function (this: BetterSqlite.Database, text: string) {
    texts.add(text);
    return prepare.call(this, text);
  } as typeof prepare;
  Worker.prototype.postMessage = function (this: Worker, message: { readonly text?: string }) {
    if (message.text !== undefined) texts.add(message.text);
    postMessage.call(this, message);
  };
  return {
    texts: texts as ReadonlySet<string>,
    stop(): void {
      BetterSqlite.prototype.prepare = prepare;
      Worker.prototype.postMessage = postMessage;
    },
  };
};
