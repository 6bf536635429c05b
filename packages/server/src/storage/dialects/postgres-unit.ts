import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  type PostgresPoolClient,
  PostgresQueryCompiler,
  type QueryResult,
} from "kysely";
import type { Handle } from "../database.ts";
import { type Hold, type Plan, type StatementRunner, setRunner } from "../statements.ts";
import type { Tables } from "../tables.ts";
import { brokenHold, type createComposer, insertText, type Waiting } from "./postgres-composed.ts";

/** The units of one connection, one after another. */
export interface UnitConnection {
  readonly handle: Handle;
  /** `holds`: locks are promises that are made good with the writes. Otherwise each is taken when it is asked for. */
  begin(locking: "hold" | "row"): void;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}

export interface UnitConnectionDependencies {
  readonly owner: object;
  /** Where a unit reads while nothing ties it to its own connection. */
  readonly reader: Handle;
  readonly compose: ReturnType<typeof createComposer>;
}

/** Another unit has changed what this one held: to be run again, with its locks taken at once. */
export class HoldBroken extends Error {
  override readonly name = "HoldBroken";
}

/**
 * Spares round trips: a unit's transaction begins at the first statement that needs one. Until then reads run alone, as
 * each would in a transaction of this isolation level (READ COMMITTED), and writes wait. A unit that does no more ends
 * as one statement, which is a transaction by itself.
 */
export const unitConnection = (client: PostgresPoolClient, { owner, reader, compose }: UnitConnectionDependencies): UnitConnection => {
  let hasBegun = false;
  let locking: "hold" | "row" = "hold";
  let holds: Hold[] = [];
  let writes: Waiting[] = [];

  const flush = async (): Promise<void> => {
    if (writes.length === 0 && holds.length === 0) return;
    const { text, values } = compose(holds, writes);
    const hasHolds = holds.length > 0;
    holds = [];
    writes = [];
    try {
      await client.query(text, values);
    } catch (error) {
      throw hasHolds && (error as { code?: string }).code === brokenHold
        ? new HoldBroken("A held row has changed.", { cause: error })
        : error;
    }
  };

  /** Everything before is done and locked: for a statement that may depend on it. */
  const settle = async (): Promise<void> => {
    if (!hasBegun) {
      await client.query("begin", []);
      hasBegun = true;
    }
    await flush();
  };

  const wait = (write: Waiting): void | Promise<void> => {
    if (writes.some(({ table }) => table === write.table)) return settle().then(() => void writes.push(write));
    writes.push(write);
  };

  const read = async <Row>({ text }: Plan, values: readonly unknown[]) => {
    if (writes.length > 0) await settle();
    return (await client.query(text, values)).rows as Row[];
  };

  const runner: StatementRunner = {
    owner,
    get locking() {
      return hasBegun ? "row" : locking;
    },
    read,
    readLong: read,
    gatheringHandle: () => (hasBegun || writes.length > 0 ? undefined : reader),
    async lock<Row>({ text }: Plan, values: readonly unknown[]) {
      await settle();
      return (await client.query(text, values)).rows as Row[];
    },
    write: ({ text, table }, values) => wait({ text, values, table: table! }),
    insert: (rows) => wait({ text: insertText(rows), values: [JSON.stringify(rows.rows)], table: rows.table }),
    hold: (hold) => void holds.push(hold),
  };
  const handle = new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => driverOf(client, settle),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
  setRunner(handle, runner);

  return {
    handle,
    begin(how) {
      hasBegun = false;
      locking = how;
      holds = [];
      writes = [];
    },
    async commit() {
      if (writes.length > 0) await flush();
      if (hasBegun) await client.query("commit", []);
    },
    async rollback() {
      if (hasBegun) await client.query("rollback", []);
    },
  };
};

/** Kysely over the one connection of a unit: whatever it builds may depend on all that came before. */
const driverOf = (client: PostgresPoolClient, settle: () => Promise<void>): Driver => {
  const connection: DatabaseConnection = {
    async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
      await settle();
      const { command, rowCount, rows } = await client.query<Row>(sql, parameters);
      const counts = command === "INSERT" || command === "UPDATE" || command === "DELETE" || command === "MERGE";
      return counts ? { numAffectedRows: BigInt(rowCount), rows } : { rows };
    },
    streamQuery() {
      throw new Error("Units read no streams.");
    },
  };
  const done = async () => {};
  return {
    init: done,
    acquireConnection: async () => connection,
    releaseConnection: done,
    beginTransaction: done,
    commitTransaction: done,
    rollbackTransaction: done,
    destroy: done,
  };
};
