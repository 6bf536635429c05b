import { ConstraintViolation, DatabaseUnavailable, OutdatedRead } from "../database.ts";
import { outdatedPlan } from "./postgres-statements.ts";

const codeOf = (error: unknown): string => {
  const source = error instanceof ConstraintViolation || error instanceof DatabaseUnavailable ? error.cause : error;
  return typeof source === "object" && source !== null && "code" in source ? String(source.code) : "";
};

/** What the database says of a statement that it has undone: a stale read, a broken constraint, a lock not had, a deadlock, an old plan. */
const undone = /^(22012|23...|55P03|40001|40P01|0A000)$/;

/** Whether nothing of a failed statement was done. */
export const isUndone = (error: unknown): boolean => undone.test(codeOf(error));

/**
 * Serialization failures and deadlocks undo the whole unit, and so does a plan that a migration of another node has
 * outdated: running the unit again cures them.
 */
const retriedCodes = new Set(["40001", "40P01", outdatedPlan]);

/** Whether running the whole unit again may help. */
export const isWorthRetrying = (error: unknown): boolean => error instanceof OutdatedRead || retriedCodes.has(codeOf(error));

/** Connection failures (class 08), shutdowns (57P0x), too many connections (53300), waits that took too long, and the client's own. */
const unavailable = /^(08...|57P0.|53...|55P03|57014|25P03|ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|ETIMEDOUT|EAI_AGAIN)$/;

/** What the client says without a code when its connection has gone, or none could be had in time. */
const lostConnection = /timeout exceeded when trying to connect|Connection terminated|not queryable|Client was closed/;

/** The error as the rest of the house knows it. */
export const translate = (error: unknown): unknown => {
  const code = codeOf(error);
  if (code.startsWith("23")) {
    return new ConstraintViolation((error as { constraint?: string }).constraint ?? code, error, { isReference: code === "23503" });
  }
  const message = error instanceof Error ? error.message : "";
  if (unavailable.test(code) || lostConnection.test(message)) {
    return new DatabaseUnavailable("The database cannot be reached.", { cause: error });
  }
  return error;
};
