import { parentPort, workerData } from "node:worker_threads";
import BetterSqlite from "better-sqlite3";
import { statementCache } from "./sqlite-statements.ts";

/** A read that is asked of the thread, and what it answers. */
export interface ThreadQuestion {
  readonly id: number;
  readonly text: string;
  readonly values: readonly unknown[];
}

export type ThreadAnswer = { readonly id: number } & ({ readonly rows: readonly unknown[] } | { readonly message: string });

/** The thread: a connection of its own that reads and nothing else, one question after another. */
if (parentPort) {
  const port = parentPort;
  const connection = new BetterSqlite(workerData as string, { readonly: true });
  connection.pragma("busy_timeout = 1000");
  const statement = statementCache(connection);
  port.on("message", ({ id, text, values }: ThreadQuestion) => {
    let answer: ThreadAnswer;
    try {
      answer = { id, rows: statement(text).all(values as unknown[]) };
    } catch (error) {
      answer = { id, message: (error as Error).message };
    }
    port.postMessage(answer);
  });
}
