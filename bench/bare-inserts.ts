import { randomUUIDv7 } from "node:crypto";
import type { Row, StatementRunner } from "./statement-runner.ts";

interface Batch {
  readonly table: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

export interface InsertPlan {
  readonly namePrefix: string;
  readonly seed: number;
  readonly amount: number;
}

/** Ids that no run of the bench comes near. */
const firstId = 1_000_000_000_000;

/** The rows that Gatehouse wrote for one array of new accounts, table by table. */
const readWritten = async (source: StatementRunner, namePrefix: string): Promise<ReadonlyMap<string, readonly Row[]>> => {
  const accounts = await source.rows("select * from user_account where username_key like $1 order by id", [`${namePrefix}.%`]);
  if (accounts.length === 0) throw new Error("The bare inserts found no rows to repeat.");
  const [first, last] = [accounts[0]!["id"], accounts.at(-1)!["id"]];
  const between = (table: string, column: string, more = "") =>
    source.rows(`select * from ${table} where ${column} between $1 and $2 ${more} order by ${column}`, [first, last]);
  return new Map([
    ["user_account", accounts],
    ["time_balance", await between("time_balance", "user_id")],
    ["time_ledger", await between("time_ledger", "user_id")],
    ["audit_entry", await between("audit_entry", "resource_id", "and resource = 'user'")],
    ["outbox_event", await between("outbox_event", "resource_id", "and event like 'user.%'")],
  ]);
};

/** The same rows under other ids and names, so that they can stand beside the first ones. */
const renew = (table: string, row: Row, index: number, base: number, name: string): Row => {
  const id = base + index;
  switch (table) {
    case "user_account":
      return { ...row, id, username: `${name}.${index}`, username_key: `${name}.${index}` };
    case "time_balance":
      return { ...row, user_id: id };
    case "time_ledger":
      return { ...row, id, user_id: id };
    default:
      return { ...row, id: randomUUIDv7(), resource_id: id };
  }
};

/**
 * Makes ready to insert what one array of new accounts makes Gatehouse write: account, search, balance, ledger, audit,
 * event and counts. All values are made before; what is timed is the statements of one transaction, and nothing else.
 */
export const prepareInserts = async (
  source: StatementRunner,
  target: StatementRunner,
  plan: InsertPlan,
): Promise<(unit: number) => Promise<void>> => {
  const written = await readWritten(source, plan.namePrefix);
  const hasSearchTable = target.rowsPerInsert === 1;
  const units = Array.from({ length: plan.amount }, (_, unit) => {
    const base = firstId + (plan.seed * 100 + unit) * 10_000;
    const name = `bare.${plan.seed}.${unit}`;
    const batches = [...written].map(([table, rows]) =>
      batchOf(
        table,
        rows.map((row, index) => renew(table, row, index, base, name)),
      ),
    );
    const accounts = batches[0]!;
    const [id, key] = ["id", "username_key"].map((column) => accounts.columns.indexOf(column)) as [number, number];
    const search = { table: "user_account__username_key_search", columns: ["rowid", "username_key"] };
    if (hasSearchTable) batches.push({ ...search, rows: accounts.rows.map((row) => [row[id], row[key]]) });
    return { batches, counts: countsOf(written.get("user_account")!) };
  });
  return (unit) =>
    target.unit(async () => {
      for (const batch of units[unit]!.batches) await insert(target, batch);
      for (const count of units[unit]!.counts) await target.rows(countStatement, count);
    });
};

const countStatement =
  "insert into kept_count (name_space_id, organization_id, counted, reservation, total) values ($1, $2, 'user.active', 0, $3) " +
  "on conflict (name_space_id, organization_id, counted, reservation) do update set total = kept_count.total + excluded.total";

/** How many accounts came to each organization and to each namespace, whose row has no organization. */
const countsOf = (accounts: readonly Row[]): unknown[][] => {
  const totals = new Map<string, number>();
  for (const account of accounts) {
    for (const organization of [account["organization_id"], 0]) {
      const key = `${account["name_space_id"]}/${organization}`;
      totals.set(key, (totals.get(key) ?? 0) + 1);
    }
  }
  return [...totals].map(([key, total]) => [...key.split("/").map(Number), total]);
};

const batchOf = (table: string, rows: readonly Row[]): Batch => {
  const columns = Object.keys(rows[0]!);
  return { table, columns, rows: rows.map((row) => columns.map((column) => row[column])) };
};

/** Inserts row by row, or many rows by one statement, as is best on the database. */
const insert = async (target: StatementRunner, { table, columns, rows }: Batch): Promise<void> => {
  for (let start = 0; start < rows.length; start += target.rowsPerInsert) {
    const chunk = rows.slice(start, start + target.rowsPerInsert);
    await target.rows(textOf(table, columns, chunk.length), chunk.flat());
  }
};

const texts = new Map<string, string>();
const textOf = (table: string, columns: readonly string[], rows: number): string => {
  const key = `${table}/${rows}`;
  let text = texts.get(key);
  if (text === undefined) {
    const values = Array.from(
      { length: rows },
      (_, row) => `(${columns.map((_column, index) => `$${row * columns.length + index + 1}`).join()})`,
    );
    text = `insert into ${table} (${columns.map((column) => `"${column}"`).join()}) values ${values.join()}`;
    texts.set(key, text);
  }
  return text;
};
