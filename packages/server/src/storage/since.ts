import { type Expression, type RawBuilder, type SqlBool, sql } from "kysely";

/** Later than any instant that is stored. */
const never = sql.lit(Number.MAX_SAFE_INTEGER);

/**
 * Instants from one on. Lists that are narrowed so are nearly always asked for what is recent, and SQLite, which does not look at the
 * value, believes in few rows only where both ends are named: else it reads all rows in the order of the page.
 */
export const isSince = (column: RawBuilder<unknown>, sinceMs: number): Expression<SqlBool> =>
  sql<SqlBool>`(${column} >= ${sinceMs} and ${column} < ${never})`;
