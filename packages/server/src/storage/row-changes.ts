import { type Expression, type SqlBool, sql } from "kysely";
import type { TenantScope } from "../kernel/tenant-scope.ts";
import type { Handle } from "./database.ts";
import { RowsParameter } from "./in-list.ts";
import type { Tables } from "./tables.ts";
import { within } from "./tenant-wall.ts";

/** Rows of one statement at most: all of an array at once would hold up everybody else. */
const maxRowsPerStatement = 500;

export interface RowChanges {
  readonly table: keyof Tables & string;
  /** The columns that name a row. */
  readonly key: readonly string[];
  /** The keys with the new values, all with the same columns. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** Which of the rows may be written; its columns are named with their table. They are not looked for by it. */
  readonly where: Expression<SqlBool>;
}

/** An account, and the organization to which rows of it belong. */
export interface RowsPlace {
  readonly id: number;
  readonly namespaceId: number;
  readonly organizationId: number;
}

/** Lets the rows of accounts that moved follow them to their organizations: those in sight, by `user_id`. */
export const moveRows = (
  handle: Handle,
  scope: TenantScope | null,
  table: "session" | "access_decision" | "device_move",
  accounts: readonly RowsPlace[],
): Promise<void> =>
  updateRows(handle, {
    table,
    key: ["name_space_id", "user_id"],
    rows: accounts.map(({ id, namespaceId, organizationId }) => ({
      name_space_id: namespaceId,
      user_id: id,
      organization_id: organizationId,
    })),
    where: within(scope, table),
  });

/** Writes new values into rows that the unit has locked: a statement for some hundred of them, whose text does not grow with them. */
export const updateRows = async (handle: Handle, { table, key, rows, where }: RowChanges): Promise<void> => {
  for (let start = 0; start < rows.length; start += maxRowsPerStatement) {
    const piece = rows.slice(start, start + maxRowsPerStatement);
    const columns = Object.keys(piece[0]!);
    const list = new RowsParameter(Object.fromEntries(columns.map((name) => [name, "text"])), JSON.stringify(piece), table);
    const set = columns.filter((name) => !key.includes(name)).map((name) => sql`${sql.ref(name)} = ${sql.ref(`listed.${name}`)}`);
    const matches = key.map((name) => sql`${sql.ref(`${table}.${name}`)} = ${sql.ref(`listed.${name}`)}`);
    await sql`update ${sql.table(table)} set ${sql.join(set)} from ${list} as listed
      where ${sql.join(matches, sql` and `)} and (${where}) is true`.execute(handle);
  }
};
