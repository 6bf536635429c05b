import type { PostgresPool } from "kysely";
import pg from "pg";
import { translate } from "./postgres-errors.ts";
import { withNamedStatements } from "./postgres-statements.ts";

/**
 * 64-bit integers come as text. Every one of ours is a safe integer; one that is not comes as the nearest number, as from
 * SQLite: to refuse it would refuse every page that its row stands on, with the rows of others.
 */
const parseInteger = (text: string): number => Number(text);

/** The time for one statement when nobody waits for a row. */
const statementMs = 30_000;

/** Nobody waits longer than this: for a connection, for a row that another unit holds, for one statement's end. */
const patienceOf = (timeoutMs: number) => ({
  connectionTimeoutMillis: timeoutMs,
  lock_timeout: timeoutMs,
  statement_timeout: statementMs + timeoutMs,
  idle_in_transaction_session_timeout: statementMs + timeoutMs,
});

export interface PostgresSettings {
  /** How many connections reads and units hold together at most. */
  readonly poolSize: number;
  /** How long a request waits for a connection, or for a row that another unit holds. */
  readonly timeoutMs: number;
  onConnectionError(error: Error): void;
}

/** How often a running statement looks whether its process is still there: one that nobody waits for is given up. */
const abandonedMs = 2_000;

/** A pool of connections, and the same whose statements have names. */
export interface Pool {
  readonly pool: pg.Pool;
  readonly named: PostgresPool;
}

/** Opens a pool of at most `max` connections, on which these ways of planning are switched off. */
export const openPool = (url: string, options: PostgresSettings, max: number, switchedOff: readonly string[]): Pool => {
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, parseInteger);
  types.setTypeParser(pg.types.builtins.NUMERIC, parseInteger);
  const patience = patienceOf(options.timeoutMs);
  const pool = new pg.Pool({ ...patience, connectionString: url, max, types, application_name: "gatehouse", pipeline: true });
  pool.on("error", options.onConnectionError);
  pool.on("connect", (client) => {
    // A connection that is in use has no other listener: without one its loss would end the process.
    client.on("error", options.onConnectionError);
    // Said here and not as options of the connection, which PgBouncer refuses.
    for (const way of switchedOff) client.query(`set ${way} = off`).catch(options.onConnectionError);
    // Not every platform can look; there a statement of a process that is gone ends by its own timeout.
    client.query(`set client_connection_check_interval = ${abandonedMs}`).catch(() => {});
  });
  return { pool, named: withNamedStatements(pool, translate) };
};
