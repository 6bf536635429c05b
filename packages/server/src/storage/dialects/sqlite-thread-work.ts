import { parentPort, workerData } from "node:worker_threads";
import BetterSqlite from "better-sqlite3";
import { statementCache } from "./sqlite-statements.ts";

/** A read, or a checkpoint, that is asked of the thread, and what it answers. */
export type ThreadQuestion =
  | { readonly id: number; readonly text: string; readonly values: readonly unknown[] }
  | { readonly id: number; readonly checkpoint: true }
  | { readonly id: number; readonly quickCheck: true };

export type ThreadAnswer = { readonly id: number } & ({ readonly rows: readonly unknown[] } | { readonly message: string });

/** The thread: a connection of its own that reads and nothing else, another for checkpoints; one question after another. */
if (parentPort) {
  const port = parentPort;
  const file = workerData as string;
  const connection = new BetterSqlite(file, { readonly: true });
  connection.pragma("busy_timeout = 1000");
  const statement = statementCache(connection);
  let writing: BetterSqlite.Database | undefined;
  const checkpoint = (): readonly unknown[] => {
    writing ??= new BetterSqlite(file, { fileMustExist: true });
    writing.pragma("synchronous = full");
    return writing.pragma("wal_checkpoint(passive)") as unknown[];
  };
  /** The first damage that SQLite finds in the file, in its words; it reads all of it, some 500 MB a second. */
  const quickCheck = (): readonly unknown[] => {
    try {
      const [result] = connection.pragma("quick_check(1)") as { quick_check: string }[];
      return result?.quick_check === "ok" ? [] : [result?.quick_check ?? "nothing was checked"];
    } catch (error) {
      if (/^SQLITE_(?:CORRUPT|NOTADB)/.test((error as { code?: string }).code ?? "")) return [(error as Error).message];
      throw error;
    }
  };
  const answerTo = (question: ThreadQuestion): readonly unknown[] => {
    if ("text" in question) return statement(question.text).all(question.values as unknown[]);
    return "checkpoint" in question ? checkpoint() : quickCheck();
  };
  port.on("message", (question: ThreadQuestion) => {
    const { id } = question;
    let answer: ThreadAnswer;
    try {
      answer = { id, rows: answerTo(question) };
    } catch (error) {
      answer = { id, message: (error as Error).message };
    }
    port.postMessage(answer);
  });
}
