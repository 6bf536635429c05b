import type { ChangeHandler } from "../../../kernel/unit-of-work.ts";
import type { Handle } from "../../../storage/database.ts";
import { writeTrail } from "./audit-trail.ts";

/** Makes of every change its audit row and its outbox event, in the transaction of the write. */
export const auditHandler: ChangeHandler<Handle> = {
  inTransaction: (handle, changes, { caller, nowMs }) => writeTrail(handle, changes, caller, nowMs),
};
