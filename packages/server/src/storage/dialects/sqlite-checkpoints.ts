import { setTimeout as pause } from "node:timers/promises";
import type BetterSqlite from "better-sqlite3";

/** Pages of the log that are not in the database's file yet: from so many on the thread copies them, and from so many nobody waits for it. */
const beginsAt = 4_000;
const hurriesAt = 16_000;
/** Commits between two looks at the log. */
const commitsPerLook = 4;
/** How long units wait for the log's end to be copied. It takes milliseconds, unless the disk is in trouble. */
const patienceMs = 1_000;

export interface CheckpointOptions {
  readonly connection: BetterSqlite.Database;
  /** Copies what the log holds beside the event loop. */
  inThread(): Promise<void>;
  /** Whether the thread has something else to do, which may take long. */
  isThreadBusy(): boolean;
}

/** Keeps the write-ahead log short. */
export interface Checkpoints {
  /** To be called after each commit. It never throws: what is committed stays so, whatever becomes of the log. */
  committed(): void;
  /** Asked before units begin: a promise where they must wait until the log can begin anew. It never rejects. */
  pause(): Promise<void> | undefined;
}

/**
 * SQLite would copy its log into the file at the end of whichever commit fills it, which held the event loop for 20 ms. Here a
 * thread copies what there is, and then, while no unit runs, what was written meanwhile: only when all is copied and on disk can the log
 * begin anew. That second time units wait, 4 to 10 ms for the disk, and everything else goes on. Where the thread falls behind, or is
 * lost, the connection that writes copies by itself.
 */
export const createCheckpoints = ({ connection, inThread, isThreadBusy }: CheckpointOptions): Checkpoints => {
  connection.pragma("wal_autocheckpoint = 0");
  const look = connection.prepare<[], { readonly log: number; readonly checkpointed: number }>("pragma wal_checkpoint(noop)");
  let commits = 0;
  let isUnderWay = false;
  let isToBeFinished = false;
  let waitedFor: Promise<void> | undefined;

  const copyHere = (): void => {
    if (!connection.open || connection.inTransaction) return;
    isToBeFinished = false;
    connection.pragma("wal_checkpoint(passive)");
  };

  /** Never rejects: what fails is tried again after some commits. */
  const copy = async (): Promise<void> => {
    isUnderWay = true;
    try {
      await inThread().catch(copyHere);
    } catch {
      // The disk is full, or another process copies the log at this moment.
    }
    isUnderWay = false;
  };

  const copyGreaterPart = async (): Promise<void> => {
    await copy();
    isToBeFinished = true;
    finishIfPossible();
  };

  const finishIfPossible = (): void => {
    if (!isToBeFinished || isUnderWay || isThreadBusy() || !connection.open || connection.inTransaction) return;
    isToBeFinished = false;
    const patience = new AbortController();
    const copied = copy().finally(() => patience.abort());
    waitedFor = Promise.race([copied, pause(patienceMs, undefined, { signal: patience.signal }).catch(() => {})]).then(() => {
      waitedFor = undefined;
    });
  };

  const lookAfter = (): void => {
    finishIfPossible();
    commits += 1;
    if (commits % commitsPerLook !== 0) return;
    const { log, checkpointed } = look.get()!;
    const waiting = log - checkpointed;
    if (waiting >= hurriesAt) copyHere();
    else if (waiting >= beginsAt && !isUnderWay && !isToBeFinished) void copyGreaterPart();
  };

  return {
    committed() {
      try {
        lookAfter();
      } catch {
        // Another process has locked the log at this moment: the next commits look again.
      }
    },
    pause: () => waitedFor,
  };
};
