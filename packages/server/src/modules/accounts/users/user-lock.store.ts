import { sql } from "kysely";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import { byKey } from "../../../storage/by-key.ts";
import type { Handle } from "../../../storage/database.ts";
import { isIn } from "../../../storage/in-list.ts";
import { runnerOf } from "../../../storage/runner.ts";
import { statement } from "../../../storage/statement.ts";
import { seenRow } from "../../../storage/tenant-wall.ts";
import { lock, type Rows, read, readByKey } from "../../../storage/verbs.ts";
import type { User } from "./user.ts";
import { type AccountRow, selectAccounts, selectWithBalance, toUser, type UserRow } from "./user-row.store.ts";

/**
 * Accounts and their balances, kept from changing until the unit ends: the balance as well, for a debit changes it
 * without its account. An optimistic lock reads the versions now and
 * compares them when the unit writes; a row lock keeps others waiting. One account takes as many statements as many do. Those out of sight are left out.
 */
export const lockUsers = async (
  handle: Handle,
  scope: TenantScope | null,
  ids: readonly number[],
  company: "alone" | "together" = "alone",
): Promise<Map<number, User>> => {
  const runner = runnerOf(handle);
  const ordered = [...new Set(ids)].sort((one, other) => one - other);
  for (const id of ordered) await runner.turn?.(id, ordered.length === 1 ? company : "alone");
  if (runner.locking === "row") return lockRows(handle, scope, ordered);
  const found = await selectUsers(handle, ordered);
  const users = found.flatMap((row) => (seenRow(scope, row) ? [toUser(row)] : [])).sort((one, other) => one.id - other.id);
  if (runner.locking === "optimistic") for (const user of users) lockOptimistically(handle, user);
  return new Map(users.map((user) => [user.id, user]));
};

const lockOptimistically = (handle: Handle, { id, namespaceId, version, seconds }: User): void => {
  const place = { name_space_id: namespaceId };
  lock(handle, { table: "user_account", key: accountKey, values: { ...place, id, version }, exists: true });
  const balance = { ...place, user_id: id };
  if (seconds === null) lock(handle, { table: "time_balance", key: balanceKey, values: balance, exists: false });
  else lock(handle, { table: "time_balance", key: balanceKey, values: { ...balance, seconds }, exists: true });
};

const accountKey = ["name_space_id", "id"];
const balanceKey = ["name_space_id", "user_id"];

/** The accounts' rows first. The balances in a statement of their own: one that had to wait would still show them from before the wait. */
const lockRows = async (handle: Handle, scope: TenantScope | null, ids: readonly number[]): Promise<Map<number, User>> => {
  const rows = (await lock(handle, accountsForUpdate, { ids })).filter((row) => seenRow(scope, row));
  const balances = new Map<number, number>();
  for (const [namespaceId, accounts] of Map.groupBy(rows, (row) => row.name_space_id)) {
    const userIds = accounts.map(({ id }) => id);
    for (const row of await lock(handle, balancesForUpdate, { namespaceId, userIds })) balances.set(row.user_id, row.seconds);
  }
  return new Map(rows.map((row) => [row.id, toUser({ ...row, seconds: balances.get(row.id) ?? null })]));
};

export const userById = byKey<number, UserRow>({
  build: (handle, ids) => selectWithBalance(handle).where(isIn(sql.ref("user_account.id"), ids)),
  nameOf: (id) => id,
  nameOfRow: (row) => row.id,
});

/** The account alone: half of what its balance would cost. */
export const accountById = byKey<number, AccountRow>({
  build: (handle, ids) => selectAccounts(handle).where(isIn(sql.ref("user_account.id"), ids)),
  nameOf: (id) => id,
  nameOfRow: (row) => row.id,
});

/** One account goes with others that are asked for at the same time; many go by themselves. */
const selectUsers = (handle: Handle, ids: readonly number[]): Rows<UserRow> =>
  ids.length === 1 ? readByKey(handle, userById, ids[0]!) : read(handle, usersByIds, { ids });

const usersByIds = statement<{ readonly ids: readonly number[] }, UserRow>((handle, { ids }) =>
  selectWithBalance(handle).where(isIn(sql.ref("user_account.id"), ids)),
);

const accountsForUpdate = statement<{ readonly ids: readonly number[] }, AccountRow>((handle, { ids }) =>
  handle
    .selectFrom("user_account")
    .selectAll()
    .where(isIn(sql.ref("id"), ids))
    .orderBy("id")
    .forNoKeyUpdate(),
);

interface Balances {
  readonly namespaceId: number;
  readonly userIds: readonly number[];
}

const balancesForUpdate = statement<Balances, { user_id: number; seconds: number }>((handle, { namespaceId, userIds }) =>
  handle
    .selectFrom("time_balance")
    .select(["user_id", "seconds"])
    .where("name_space_id", "=", namespaceId)
    .where(isIn(sql.ref("user_id"), userIds))
    .orderBy("user_id")
    .forUpdate(),
);
