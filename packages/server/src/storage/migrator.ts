import type { Clock } from "../kernel/clock.ts";
import type { Database, Handle } from "./database.ts";
import { migrations } from "./migrations/index.ts";
import type { Migration } from "./migrations/migration.ts";

/** The database was made by a Gatehouse that knows more than this one. */
export class NewerSchema extends Error {
  override readonly name = "NewerSchema";
}

/**
 * Brings the schema up to date, each migration in a transaction of its own, and returns the names of those that this
 * call ran. Processes that start together run each migration once. Refuses a schema that is newer than the program.
 */
export const migrate = async (database: Database, clock: Clock, steps: readonly Migration[] = migrations): Promise<string[]> => {
  await refuseNewer(database, steps);
  const ran: string[] = [];
  for (const step of steps) {
    const didRun = await database.write(async (handle) => {
      await database.lockSchema(handle);
      const applied = await appliedNames(database, handle);
      if (applied.has(step.name)) return false;
      if (!applied.has(tableOfMigrations)) await createTable(database, handle);
      const { capabilities } = database;
      await step.up({
        handle,
        types: capabilities.columnTypes,
        createSubstringIndex: (table, column) => capabilities.substringIndex.create(handle, table, column),
        separateSearch: (table, column) => capabilities.alterations.separateSearch(handle, table, column),
        createSequence: (name) => capabilities.createSequence(handle, name),
        createMovingIndex: (table, column) => capabilities.alterations.createMovingIndex(handle, table, column),
        leaveRoom: (table) => capabilities.alterations.leaveRoom(handle, table),
        expectRows: (table, rowsOf) => capabilities.alterations.expectRows(handle, table, rowsOf),
      });
      await handle.insertInto("schema_migration").values({ name: step.name, applied_at: clock.nowMs() }).execute();
      return true;
    });
    if (didRun) ran.push(step.name);
  }
  return ran;
};

/** Whose tables a database holds: `ours` where a Gatehouse has ever brought a schema to it. */
export const contentsOf = async (database: Database): Promise<"ours" | "foreign" | "none"> => {
  const tables = await database.listTables(database.reader);
  if (tables.includes(tableOfMigrations)) return "ours";
  return tables.length === 0 ? "none" : "foreign";
};

/** The names of the migrations that the database has not seen. Throws NewerSchema when it has seen unknown ones. */
export const pendingMigrations = async (database: Database, steps: readonly Migration[] = migrations): Promise<string[]> => {
  await refuseNewer(database, steps);
  const applied = await appliedNames(database);
  return steps.filter((step) => !applied.has(step.name)).map((step) => step.name);
};

const refuseNewer = async (database: Database, steps: readonly Migration[]): Promise<void> => {
  const known = new Set([tableOfMigrations, ...steps.map((step) => step.name)]);
  const unknown = [...(await appliedNames(database))].filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new NewerSchema(
      `The database was made by a newer Gatehouse: it has ${unknown.join(", ")}, and this program knows nothing after ${steps.at(-1)?.name}. Install the newer version, or restore a backup from before its upgrade.`,
    );
  }
};

const tableOfMigrations = "schema_migration";

/** The names of applied migrations, and the table's own name once it exists. */
const appliedNames = async (database: Database, handle: Handle = database.reader): Promise<Set<string>> => {
  if (!(await database.listTables(handle)).includes(tableOfMigrations)) return new Set();
  const rows = await handle.selectFrom("schema_migration").select("name").execute();
  return new Set([tableOfMigrations, ...rows.map((row) => row.name)]);
};

const createTable = (database: Database, handle: Handle) =>
  handle.schema
    .createTable(tableOfMigrations)
    .addColumn("name", database.capabilities.columnTypes.text, (column) => column.primaryKey())
    .addColumn("applied_at", database.capabilities.columnTypes.instant, (column) => column.notNull())
    .execute();
