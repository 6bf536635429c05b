import { setTimeout as pause } from "node:timers/promises";
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient, type RawBuilder, type SqlBool, sql } from "kysely";
import pg from "pg";
import { BoundedCache } from "../../kernel/bounded-cache.ts";
import type { ColumnTypes } from "../columns.ts";
import { ConstraintViolation, type Database, DatabaseUnavailable, type SubstringIndex } from "../database.ts";
import type { Tables } from "../tables.ts";
import { describePostgresSchema } from "./postgres-schema.ts";

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

/** Deadlock and serialization failures undo the whole unit; running it again is their documented cure. */
const retriedCodes = new Set(["40001", "40P01"]);
const attempts = 5;
/** Statement texts that get a name on each connection; what comes after them runs unnamed. */
const namedStatements = 500;
/** Any constant will do, as long as every Gatehouse uses the same. */
const schemaLockKey = 7_203_141;

/** 64-bit integers come as text; every one of ours is a safe integer, and one that is not must not pass silently. */
const parseInteger = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`The integer ${text} from the database is too large.`);
  return value;
};

/** Opens a pool of connections to PostgreSQL 15 or newer. */
export const openPostgres = (url: string, options: { poolSize: number; onIdleError(error: Error): void }): Database => {
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, parseInteger);
  types.setTypeParser(pg.types.builtins.NUMERIC, parseInteger);
  const pool = new pg.Pool({
    connectionString: url,
    max: options.poolSize,
    types,
    connectionTimeoutMillis: 5_000,
    application_name: "gatehouse",
  });
  pool.on("error", options.onIdleError);
  const handle = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: withNamedStatements(pool) }) });
  return {
    name: "postgres",
    reader: handle,
    capabilities: {
      columnTypes,
      needsRowLocks: true,
      countSlots: 16,
      maxParameters: 60_000,
      substringIndex,
    },
    async write(unit) {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await handle.transaction().execute(unit);
        } catch (error) {
          if (attempt >= attempts || !retriedCodes.has(codeOf(error))) throw error;
          await pause(attempt * 10);
        }
      }
    },
    async lockSchema(unit) {
      await sql`select pg_advisory_xact_lock(${schemaLockKey})`.execute(unit);
    },
    describeSchema: () => describePostgresSchema(handle),
    close: () => handle.destroy(),
  };
};

const substringIndex: SubstringIndex = {
  async create(handle, table, column) {
    await sql`create extension if not exists pg_trgm`.execute(handle);
    const index = sql.ref(`${table}__${column}_search`);
    await sql`create index ${index} on ${sql.table(table)} using gin (${sql.ref(column)} gin_trgm_ops)`.execute(handle);
  },
  set: async () => {},
  remove: async () => {},
  contains(table, column, part): RawBuilder<SqlBool> {
    const pattern = `%${part.replace(/[\\%_]/g, (character) => `\\${character}`)}%`;
    return sql<SqlBool>`${sql.ref(`${table}.${column}`)} like ${pattern}`;
  },
};

const codeOf = (error: unknown): string => {
  const source = error instanceof ConstraintViolation || error instanceof DatabaseUnavailable ? error.cause : error;
  return typeof source === "object" && source !== null && "code" in source ? String(source.code) : "";
};

/** Connection failures (class 08), shutdowns (57P0x), too many connections (53300) and the client's own. */
const unavailable = /^(08...|57P0.|53...|ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|ETIMEDOUT|EAI_AGAIN)$/;

const translate = (error: unknown): unknown => {
  const code = codeOf(error);
  if (code.startsWith("23")) {
    return new ConstraintViolation((error as { constraint?: string }).constraint ?? code, error, { isReference: code === "23503" });
  }
  const message = error instanceof Error ? error.message : "";
  if (unavailable.test(code) || /timeout exceeded when trying to connect|Connection terminated/.test(message)) {
    return new DatabaseUnavailable("The database cannot be reached.", { cause: error });
  }
  return error;
};

/** Gives each statement text a name, so that PostgreSQL parses and plans it once a connection. */
const withNamedStatements = (pool: pg.Pool): PostgresPool => {
  const names = new BoundedCache<string, string>(namedStatements);
  let named = 0;
  const nameOf = (text: string): string | undefined => {
    let name = names.get(text);
    if (name === undefined && named < namedStatements && /^\s*(select|insert|update|delete|with)\b/i.test(text)) {
      named += 1;
      name = `g${named}`;
      names.set(text, name);
    }
    return name;
  };
  const clients = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  return {
    options: pool.options as never,
    Client: pg.Client as never,
    async connect() {
      const client = await pool.connect().catch((error: unknown) => {
        throw translate(error);
      });
      let adapted = clients.get(client);
      if (!adapted) {
        adapted = adapt(client, nameOf);
        clients.set(client, adapted);
      }
      return adapted;
    },
    end: () => pool.end(),
  };
};

const adapt = (client: pg.PoolClient, nameOf: (text: string) => string | undefined): PostgresPoolClient =>
  ({
    processID: (client as unknown as { processID?: number }).processID,
    async query(text: string, values: unknown[]) {
      const name = nameOf(text);
      try {
        return await client.query(name === undefined ? { text, values } : { name, text, values });
      } catch (error) {
        throw translate(error);
      }
    },
    release: (...problem: []) => client.release(...problem),
  }) as unknown as PostgresPoolClient;
