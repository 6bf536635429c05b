import type { ChangeHandler } from "../../../kernel/unit-of-work.ts";
import type { ChangeLogStore } from "./change-log.store.ts";

/** Appends every change of a unit to the log, in the transaction of the write. */
export const changeLogHandler: ChangeHandler<{ readonly changeLog: ChangeLogStore }> = {
  inTransaction: (tx, changes) => tx.changeLog.append(changes, tx.caller, tx.nowMs),
};
