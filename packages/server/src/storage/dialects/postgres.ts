import { Kysely, type RawBuilder, type SqlBool, sql } from "kysely";
import pg from "pg";
import { pauseByChance } from "../../kernel/clock.ts";
import type { ColumnTypes } from "../columns.ts";
import { ConstraintViolation, type Database, DatabaseUnavailable, type Handle, OutdatedRead, type SubstringIndex } from "../database.ts";
import { type Plan, type StatementRunner, setRunner } from "../statements.ts";
import type { Tables } from "../tables.ts";
import { createAccountGroups, GroupUndone } from "./postgres-account-group.ts";
import { postgresAlterations, trigramsIn } from "./postgres-alterations.ts";
import { createGroupCommit, type GroupCommit } from "./postgres-group.ts";
import { createLanes, type RunTogether } from "./postgres-lanes.ts";
import { channelOfSchema, listenToPostgres } from "./postgres-listener.ts";
import { createPlaces, type Places } from "./postgres-places.ts";
import { ListingPostgresDialect } from "./postgres-query-text.ts";
import { describePostgresSchema, tablesInSchema } from "./postgres-schema.ts";
import { outdatedPlan, withNamedStatements } from "./postgres-statements.ts";
import { createLines, type Turns } from "./postgres-turns.ts";
import { createUnit, HoldBroken, type Locking, type Unit } from "./postgres-unit.ts";

const columnTypes: ColumnTypes = {
  id: "bigint",
  text: "text",
  integer: "bigint",
  octets: "bigint",
  boolean: "boolean",
  instant: "bigint",
  json: "text",
  secret: "text",
};

/**
 * Serialization failures and deadlocks undo the whole unit, and so does a plan that a migration of another node has
 * outdated: running the unit again cures them.
 */
const retriedCodes = new Set(["40001", "40P01", outdatedPlan]);
const attempts = 10;
const longestPauseMs = 20;
/** Any constant will do, as long as every Gatehouse of a database uses the same: they share its extensions, whatever their schemas. */
const schemaLockKey = 7_203_141;

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

/**
 * Opens a PostgreSQL 15 or newer. Reads and units have connections of their own, so that units which wait for a row
 * never keep a read waiting; `poolSize` is the sum of both.
 */
export const openPostgres = (url: string, options: PostgresSettings): Database => {
  const patience = patienceOf(options.timeoutMs);
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, parseInteger);
  types.setTypeParser(pg.types.builtins.NUMERIC, parseInteger);
  const openPool = (max: number, plans: readonly string[]) => {
    const pool = new pg.Pool({ ...patience, connectionString: url, max, types, application_name: "gatehouse", pipeline: true });
    pool.on("error", options.onConnectionError);
    pool.on("connect", (client) => {
      // A connection that is in use has no other listener: without one its loss would end the process.
      client.on("error", options.onConnectionError);
      // Said here and not as options of the connection, which PgBouncer refuses.
      for (const plan of plans) client.query(`set ${plan} = off`).catch(options.onConnectionError);
      // Not every platform can look; there a statement of a process that is gone ends by its own timeout.
      client.query(`set client_connection_check_interval = ${abandonedMs}`).catch(() => {});
    });
    return { pool, named: withNamedStatements(pool, translate) };
  };
  const owner = {};
  const mostReads = Math.max(1, Math.floor(options.poolSize / 2));
  const mostUnits = Math.max(1, Math.ceil(options.poolSize / 2));
  const reads = openPool(mostReads, ["jit", "enable_seqscan"]);
  // A unit looks rows up by their keys. Rows that are kept aside and gone through for each key are few by the planner's word alone.
  const writes = openPool(mostUnits, ["jit", "enable_seqscan", "enable_hashjoin", "enable_mergejoin", "enable_material"]);
  const reader = new Kysely<Tables>({ dialect: new ListingPostgresDialect({ pool: reads.named }) });
  // What is short has a connection that no long read holds.
  const longReads = createPlaces(reads.named, Math.max(1, mostReads - 1), options.timeoutMs);
  setRunner(reader, readingRunner(longReads, { owner, together: createLanes(reads.named, mostReads), gatheringHandle: () => reader }));
  const places = createPlaces(writes.named, mostUnits, options.timeoutMs);
  const group = groupCommitOver(places);
  const units = unitsOver(() => createUnit({ owner, places, reader, group }));
  const accountGroups = createAccountGroups(places);
  const newTurns = createLines(accountGroups.open);
  let unitsDone = 0;
  return {
    name: "postgres",
    reader,
    capabilities: {
      columnTypes,
      needsRowLocks: true,
      countSlots: 16,
      substringIndex,
      alterations: postgresAlterations,
      databaseNowMs: sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`,
      createSequence: async (handle, name) => void (await sql`create sequence ${sql.ref(name)}`.execute(handle)),
      nextNumbers,
    },
    async write(unit, payer = "") {
      const turns = newTurns(payer);
      let locking: Locking = "hold";
      try {
        for (let attempt = 1; ; attempt += 1) {
          try {
            const value = await units(unit, locking, turns, payer);
            unitsDone += 1;
            return value;
          } catch (error) {
            if (error instanceof GroupUndone && locking === "hold") {
              locking = "alone";
              continue;
            }
            if (error instanceof HoldBroken && locking !== "row") {
              locking = "row";
              continue;
            }
            if (!(error instanceof OutdatedRead || retriedCodes.has(codeOf(error)))) throw error;
            if (attempt >= attempts) throw new DatabaseUnavailable("The database has undone the unit each time.", { cause: error });
            // By chance: of two that are in each other's way, none is always the later one.
            await pauseByChance(attempt * longestPauseMs);
          }
        }
      } finally {
        turns.end();
      }
    },
    async lockSchema(unit) {
      // A migration may take its time, and the others wait for it.
      await sql`set local lock_timeout = 0`.execute(unit);
      await sql`set local statement_timeout = 0`.execute(unit);
      await sql`select pg_advisory_xact_lock(${schemaLockKey})`.execute(unit);
    },
    announce: notify,
    say: (text) => notify(reader, text),
    listen: (events) => listenToPostgres(url, events, (payload) => notify(reader, payload)),
    // The server checks its pages itself, where it was made with checksums.
    findDamage: async () => undefined,
    figures: () => ({
      units: unitsDone,
      flushes: unitsDone - group.spared() - accountGroups.spared(),
      unitsWaiting: places.waiting + group.waiting(),
      readsWaiting: reads.pool.waitingCount + longReads.waiting,
      connections: { open: reads.pool.totalCount + writes.pool.totalCount, idle: reads.pool.idleCount + writes.pool.idleCount },
    }),
    connectionLimits: async () => ({ process: mostReads + mostUnits + 1, all: await connectionsForAll(reader) }),
    listTables: tablesInSchema,
    describeSchema: () => describePostgresSchema(reader),
    async close() {
      await reader.destroy();
      await writes.named.end();
    },
  };
};

/** Runs units, as many at once as there are: each has no connection until it needs one. */
const unitsOver = (create: () => Unit) => {
  const idle: Unit[] = [];
  return async <T>(run: (handle: Handle) => Promise<T>, locking: Locking, turns: Turns, payer: string): Promise<T> => {
    const unit = idle.pop() ?? create();
    unit.begin(locking, turns, payer);
    try {
      const value = await run(unit.handle);
      await unit.commit();
      return value;
    } catch (error) {
      await unit.rollback();
      throw error;
    } finally {
      idle.push(unit);
    }
  };
};

/** What travels together is nobody's alone, and short. */
const groupCommitOver = (places: Places): GroupCommit =>
  createGroupCommit(
    async ({ text, values }) => {
      const client = await places.take("together");
      const sinceMs = performance.now();
      try {
        await client.query(text, values);
      } finally {
        client.release();
        places.leave("together", sinceMs);
      }
    },
    (error) => undone.test(codeOf(error)),
  );

/** Reads outside of units: what is short beside others, what may be long on a connection of its own, to which payers take turns. */
const readingRunner = (
  longReads: Places,
  { owner, together, gatheringHandle }: { owner: object; together: RunTogether; gatheringHandle(): Handle },
): StatementRunner => {
  const refuse = () => {
    throw new Error("Outside of a unit nothing is written.");
  };
  const readLong = async <Row>({ text }: Plan, values: readonly unknown[], payer = "") => {
    const client = await longReads.take(payer);
    const sinceMs = performance.now();
    try {
      return (await client.query(text, values)).rows as Row[];
    } finally {
      client.release();
      longReads.leave(payer, sinceMs);
    }
  };
  return {
    owner,
    locking: "none",
    read: async <Row>({ text }: Plan, values: readonly unknown[]) => (await together(text, values)) as Row[],
    readLong,
    gatheringHandle,
    hold: refuse,
    lock: refuse,
    write: refuse,
    insert: refuse,
    change: refuse,
  };
};

const notify = async (handle: Handle, payload: string): Promise<void> => {
  await sql`select pg_notify(${sql.raw(channelOfSchema)}, ${payload})`.execute(handle);
};

/** What is left of the server's connections when those for its administrators are kept. */
const connectionsForAll = async (handle: Handle): Promise<number> => {
  const { rows } = await sql<{ number: number }>`
    select current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
      - coalesce(current_setting('reserved_connections', true)::integer, 0) as number`.execute(handle);
  return rows[0]!.number;
};

/** Numbers of a sequence rise with every call, whatever becomes of the unit. */
const nextNumbers = async (handle: Handle, sequence: string, count: number): Promise<number[]> => {
  if (count === 0) return [];
  const { rows } = await sql<{ number: number }>`
    select nextval(${sequence}) as number from generate_series(1, ${count}::integer)`.execute(handle);
  return rows.map((row) => row.number);
};

const substringIndex: SubstringIndex = {
  async create(handle, table, column) {
    await sql`create extension if not exists pg_trgm`.execute(handle);
    const index = sql.ref(`${table}__${column}_search`);
    await sql`create index ${index} on ${sql.table(table)} using gin (${sql.ref(column)} ${await trigramsIn(handle)})`.execute(handle);
  },
  set: async () => {},
  remove: async () => {},
  pattern: (part) => ({ isShort: false, text: `%${part.replace(/[\\%_]/g, (character) => `\\${character}`)}%` }),
  // The expression of the index of 0016-search-apart: whoever looks for the whole text never meets it.
  contains: (table, column, { text }): RawBuilder<SqlBool> => sql<SqlBool>`(${sql.ref(`${table}.${column}`)} || '') like ${text}`,
};

const codeOf = (error: unknown): string => {
  const source = error instanceof ConstraintViolation || error instanceof DatabaseUnavailable ? error.cause : error;
  return typeof source === "object" && source !== null && "code" in source ? String(source.code) : "";
};

/** What the database says of a statement that it has undone: a broken hold or constraint, a lock not had, a deadlock, an old plan. */
const undone = /^(22012|23...|55P03|40001|40P01|0A000)$/;

/** Connection failures (class 08), shutdowns (57P0x), too many connections (53300), waits that took too long, and the client's own. */
const unavailable = /^(08...|57P0.|53...|55P03|57014|25P03|ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|ETIMEDOUT|EAI_AGAIN)$/;

/** What the client says without a code when its connection has gone, or none could be had in time. */
const lostConnection = /timeout exceeded when trying to connect|Connection terminated|not queryable|Client was closed/;

const translate = (error: unknown): unknown => {
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
