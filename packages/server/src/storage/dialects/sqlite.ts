import type BetterSqlite from "better-sqlite3";
import { type Database, DatabaseUnavailable } from "../database.ts";
import { setRunner } from "../runner.ts";
import { Writer, type WriterConnection } from "../writer.ts";
import { capabilitiesOf } from "./sqlite-capabilities.ts";
import { createCheckpoints } from "./sqlite-checkpoints.ts";
import { connect, connectToRead, handleOn } from "./sqlite-connections.ts";
import { type Translating, translatingOn } from "./sqlite-constraints.ts";
import { isBusy } from "./sqlite-errors.ts";
import { logFlushOf } from "./sqlite-log-flush.ts";
import { describeSchema, listTables, quickCheck, type ReadsOfTick, readerOn, readsOfTick } from "./sqlite-reader.ts";
import { moveRevision, watchRevisions } from "./sqlite-revisions.ts";
import { createSequences, type Sequences } from "./sqlite-sequences.ts";
import { type Statements, sqliteRunner, statementCache } from "./sqlite-statements.ts";

/**
 * Opens an SQLite database: one connection that writes, and that reads between two units, and one that reads while a unit
 * is open. WAL lets them work side by side; every answered write survives a power cut.
 */
export const openSqlite = (file: string): Database => {
  const writing = connect(file);
  const reading = connectToRead(file);
  const translating = translatingOn(reading);
  const statement = statementCache(writing);
  const sequences = createSequences(statement);
  const tick = readsOfTick(writing, statement);
  const { reader, owner, sideThread } = readerOn(reading, file, translating, (own) => (tick.mayRead() ? statement : own));
  const checkpoints = createCheckpoints({ connection: writing, inThread: sideThread.checkpoint, isThreadBusy: sideThread.isBusy });
  const log = logFlushOf(file);
  const transactions = transactionsOn({ connection: writing, statement, translating, tick, sequences, committed: checkpoints.committed });
  const writer = new Writer({ ...transactions, pause: () => checkpoints.pause(), flush: () => log.flush() }, writerErrors);
  const { take: takeNumbers } = sequences;
  const writeHandle = handleOn(writing, statement, translating);
  setRunner(writeHandle, sqliteRunner({ owner, statement, translating, takeNumbers, giveWay: () => writer.giveWay() }));
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
      // What was begun is put on disk by the file that closes here.
      await writer.settle();
      await sideThread.close();
      tick.end();
      await reader.destroy();
      await log.close();
      await writeHandle.destroy();
    },
  };
};

interface TransactionParts {
  readonly connection: BetterSqlite.Database;
  readonly statement: Statements;
  readonly translating: Translating;
  readonly tick: ReadsOfTick;
  readonly sequences: Sequences;
  committed(): void;
}

/** The transactions of the writer, with what happens around each. */
const transactionsOn = (parts: TransactionParts): Pick<WriterConnection, "execute" | "isBusy" | "inTransaction"> => {
  const { connection, statement, translating, tick, sequences, committed } = parts;
  return {
    execute(text) {
      if (text === "begin immediate") {
        tick.end();
        // At the beginning, for some errors end a transaction without being asked to.
        sequences.forget();
      }
      translating(() => {
        if (text === "commit") sequences.writeBack();
        statement(text).run();
      });
      if (text === "commit") committed();
    },
    isBusy: (error) => error instanceof DatabaseUnavailable && isBusy(error.cause),
    inTransaction: () => connection.inTransaction,
  };
};

const writerErrors = {
  busy: () => new DatabaseUnavailable("Another process keeps the database locked."),
  notKept: (cause: unknown) =>
    new DatabaseUnavailable("The disk failed to keep what was written. Mend it, then start Gatehouse again.", { cause }),
};

/**
 * Opens an SQLite database that exists, in a process that must not write: its connections can read and nothing else,
 * whatever they are asked to do.
 */
export const openSqliteReader = (file: string): Database => {
  const reading = connectToRead(file);
  const { reader, sideThread } = readerOn(reading, file, translatingOn(reading));
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
