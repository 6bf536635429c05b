import { Kysely, sql } from "kysely";
import type { Database, Handle } from "../database.ts";
import { setRunner } from "../runner.ts";
import type { Tables } from "../tables.ts";
import { postgresCapabilities } from "./postgres-capabilities.ts";
import { createLanes } from "./postgres-lanes.ts";
import { channelOfSchema, listenToPostgres } from "./postgres-listener.ts";
import { createPlaces } from "./postgres-places.ts";
import { openPool, type PostgresSettings } from "./postgres-pools.ts";
import { ListingPostgresDialect } from "./postgres-query-text.ts";
import { readingRunner } from "./postgres-reader.ts";
import { describePostgresSchema, tablesInSchema } from "./postgres-schema.ts";
import { createUnits } from "./postgres-units.ts";

/** Any constant will do, as long as every Gatehouse of a database uses the same: they share its extensions, whatever their schemas. */
const schemaLockKey = 7_203_141;

/**
 * Opens a PostgreSQL 15 or newer. Reads and units have connections of their own, so that units which wait for a row
 * never keep a read waiting; `poolSize` is the sum of both.
 */
export const openPostgres = (url: string, options: PostgresSettings): Database => {
  const maxReads = Math.max(1, Math.floor(options.poolSize / 2));
  const maxUnits = Math.max(1, Math.ceil(options.poolSize / 2));
  const reads = openPool(url, options, maxReads, ["jit", "enable_seqscan"]);
  // A unit looks rows up by their keys. Rows that are kept aside and gone through for each key are few by the planner's word alone.
  const unfit = ["jit", "enable_seqscan", "enable_hashjoin", "enable_mergejoin", "enable_material"];
  const writes = openPool(url, options, maxUnits, unfit);
  const owner = {};
  const reader = new Kysely<Tables>({ dialect: new ListingPostgresDialect({ pool: reads.named }) });
  // What is short has a connection that no long read has taken.
  const longReads = createPlaces(reads.named, Math.max(1, maxReads - 1), options.timeoutMs);
  setRunner(reader, readingRunner(longReads, { owner, together: createLanes(reads.named, maxReads), batchingHandle: () => reader }));
  const units = createUnits(createPlaces(writes.named, maxUnits, options.timeoutMs), owner, reader);
  return {
    name: "postgres",
    reader,
    capabilities: postgresCapabilities,
    write: (unit, payer = "") => units.run(unit, payer),
    lockSchema,
    announce: notify,
    say: (text) => notify(reader, text),
    listen: (events) => listenToPostgres(url, events, (payload) => notify(reader, payload)),
    // The server checks its pages itself, where it was made with checksums.
    findDamage: async () => undefined,
    figures: () => ({
      ...units.figures(),
      readsWaiting: reads.pool.waitingCount + longReads.waiting,
      connections: { open: reads.pool.totalCount + writes.pool.totalCount, idle: reads.pool.idleCount + writes.pool.idleCount },
    }),
    connectionLimits: async () => ({ process: maxReads + maxUnits + 1, all: await connectionsForAll(reader) }),
    listTables: tablesInSchema,
    describeSchema: () => describePostgresSchema(reader),
    async close() {
      await reader.destroy();
      await writes.named.end();
    },
  };
};

const lockSchema = async (unit: Handle): Promise<void> => {
  // A migration may take its time, and the others wait for it.
  await sql`set local lock_timeout = 0`.execute(unit);
  await sql`set local statement_timeout = 0`.execute(unit);
  await sql`select pg_advisory_xact_lock(${schemaLockKey})`.execute(unit);
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
