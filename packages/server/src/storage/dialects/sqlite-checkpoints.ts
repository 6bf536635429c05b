import type BetterSqlite from "better-sqlite3";

/** Pages of the log that are not in the database's file yet: from so many on the thread copies them, and from so many nobody waits for it. */
const beginsAt = 1_000;
const hurriesAt = 8_000;
/** Commits between two looks at the log. */
const commitsPerLook = 4;

export interface CheckpointOptions {
  readonly connection: BetterSqlite.Database;
  /** Copies the greater part beside the event loop. */
  inThread(): Promise<void>;
}

/** Keeps the write-ahead log short. */
export interface Checkpoints {
  /** To be told of each commit. It never throws: what is committed stays so, whatever becomes of the log. */
  committed(): void;
}

/**
 * SQLite would copy its log into the file at the end of whichever commit fills it, which held the event loop for 20 ms. Here a
 * thread copies what there is; what was written meanwhile, which is little, is copied by the connection that writes, between two units:
 * only then can the log begin anew. Where the thread falls behind, or is lost, the connection copies all of it.
 */
export const createCheckpoints = ({ connection, inThread }: CheckpointOptions): Checkpoints => {
  connection.pragma("wal_autocheckpoint = 0");
  const look = connection.prepare<[], { readonly log: number; readonly checkpointed: number }>("pragma wal_checkpoint(noop)");
  let commits = 0;
  let isUnderWay = false;
  let isToBeFinished = false;

  const finish = (): void => {
    if (!connection.open || connection.inTransaction) return;
    isToBeFinished = false;
    connection.pragma("wal_checkpoint(passive)");
  };

  const begin = (): void => {
    isUnderWay = true;
    inThread()
      .catch(() => {})
      .then(() => {
        isUnderWay = false;
        isToBeFinished = true;
        finish();
      })
      // The next commit tries again.
      .catch(() => {});
  };

  const lookAfter = (): void => {
    if (isToBeFinished) finish();
    commits += 1;
    if (commits % commitsPerLook !== 0) return;
    const { log, checkpointed } = look.get()!;
    const waiting = log - checkpointed;
    if (waiting >= hurriesAt) finish();
    else if (waiting >= beginsAt && !isUnderWay) begin();
  };

  return {
    committed() {
      try {
        lookAfter();
      } catch {
        // The disk is full, or another process copies the log at this moment: the next commits try again.
      }
    },
  };
};
