import type { PostgresPool, PostgresPoolClient } from "kysely";
import type pg from "pg";

/** The code of a named statement whose columns a migration has changed since it was planned. */
export const outdatedPlan = "0A000";

/** Statement texts that get a name; what comes after them runs unnamed. */
const maxNamed = 500;
/** Longer texts and those with lists come in too many lengths to be worth a name each. */
const maxNamedLength = 8_000;
const hasRows = /\), \(\$/;

/** Lists of more values or rows are worth a plan of their own, which costs less than one of them. */
const maxNamedRows = 200;
const leastOfRow = '{"id":1},'.length;

/** Whether a parameter is a long list. Rows are JSON, and counted by what stands between two of them. */
const isLong = (value: unknown): boolean => {
  if (Array.isArray(value)) return value.length > maxNamedRows;
  if (typeof value !== "string" || value.length < maxNamedRows * leastOfRow || !value.startsWith("[{")) return false;
  let rows = 1;
  for (let at = value.indexOf("},{"); at !== -1 && rows <= maxNamedRows; at = value.indexOf("},{", at + 1)) rows += 1;
  return rows > maxNamedRows;
};

/**
 * Gives statement texts names, so that PostgreSQL parses and plans each once a connection. What is asked for many rows at once has
 * none: a kept plan may be from when the table was empty, and go through the whole list for each row of today's.
 */
export const withNamedStatements = (pool: pg.Pool, translate: (error: unknown) => unknown): PostgresPool => {
  const names = new Map<string, string>();
  const nameOf = (text: string, values: readonly unknown[]): string | undefined => {
    if (values.some(isLong)) return undefined;
    const known = names.get(text);
    if (known !== undefined || names.size >= maxNamed) return known;
    if (text.length > maxNamedLength || hasRows.test(text) || !/^\s*(?:select|insert|update|delete|with)\b/i.test(text)) return undefined;
    const name = `g${names.size + 1}`;
    names.set(text, name);
    return name;
  };
  const clients = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  return {
    options: pool.options as never,
    Client: (pool as unknown as { Client: never }).Client,
    async connect() {
      const client = await pool.connect().catch((error: unknown) => {
        throw translate(error);
      });
      let adapted = clients.get(client);
      if (!adapted) {
        adapted = adapt(client, nameOf, translate);
        clients.set(client, adapted);
      }
      return adapted;
    },
    end: () => pool.end(),
  };
};

const adapt = (
  client: pg.PoolClient,
  nameOf: (text: string, values: readonly unknown[]) => string | undefined,
  translate: (error: unknown) => unknown,
): PostgresPoolClient => {
  let isOutdated = false;
  const query = async (text: string, values: unknown[]) => {
    const name = isOutdated ? undefined : nameOf(text, values);
    try {
      return await client.query(name === undefined ? { text, values } : { name, text, values });
    } catch (error) {
      if (name === undefined || (error as { code?: string }).code !== outdatedPlan) throw translate(error);
      // The connection's plans are from before a migration: go on without them, and give the connection up afterwards.
      isOutdated = true;
      try {
        return await client.query({ text, values });
      } catch {
        throw error;
      }
    }
  };
  const release = (problem?: Error | boolean) => client.release(isOutdated || problem);
  const { processID, connection } = client as unknown as { processID?: number; connection?: unknown };
  return { processID, connection, query, release } as unknown as PostgresPoolClient;
};
