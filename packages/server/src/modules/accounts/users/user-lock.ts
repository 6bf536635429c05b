import { sql } from "kysely";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Handle } from "../../../storage/database.ts";
import { gathered } from "../../../storage/gathered.ts";
import { isIn } from "../../../storage/in-list.ts";
import { preparedLock } from "../../../storage/prepared.ts";
import { runnerOf } from "../../../storage/statements.ts";
import { seenRow } from "../../../storage/tenant-wall.ts";
import { type AccountRow, selectAccounts, selectWithBalance, toUser, type UserRow } from "./user.row.ts";
import type { User } from "./user.ts";

/**
 * An account and its balance, kept from changing until the unit ends: the balance as well, for burning time changes it
 * without its account. Either by a hold, which is one read now and nothing more until the unit writes, or by locks.
 */
export const lockUser = async (handle: Handle, scope: TenantScope | null, id: number): Promise<User | undefined> => {
  const runner = runnerOf(handle);
  await runner.turn?.(id);
  if (runner.locking === "row") return lockRows(handle, scope, id);
  const [row] = await selectUser(handle, id);
  if (!seenRow(scope, row)) return undefined;
  const user = toUser(row!);
  if (runner.locking === "hold") {
    const place = { name_space_id: user.nameSpaceId };
    runner.hold({ table: "user_account", key: accountKey, values: { ...place, id, version: user.version }, exists: true });
    const balance = { ...place, user_id: id };
    if (user.seconds === null) runner.hold({ table: "time_balance", key: balanceKey, values: balance, exists: false });
    else runner.hold({ table: "time_balance", key: balanceKey, values: { ...balance, seconds: user.seconds }, exists: true });
  }
  return user;
};

const accountKey = ["name_space_id", "id"];
const balanceKey = ["name_space_id", "user_id"];

/** The account's row first. The balance in a statement of its own: one that had to wait would still show it from before the wait. */
const lockRows = async (handle: Handle, scope: TenantScope | null, id: number): Promise<User | undefined> => {
  const [account] = await lockAccount(handle, id);
  const row = seenRow(scope, account);
  if (!row) return undefined;
  const [balance] = await lockBalance(handle, row.name_space_id, id);
  return toUser({ ...row, seconds: balance?.seconds ?? null });
};

export const selectUser = gathered<number, UserRow>({
  build: (handle, ids) => selectWithBalance(handle).where(isIn(sql.ref("user_account.id"), ids)),
  nameOf: (id) => id,
  nameOfRow: (row) => row.id,
});

/** The account alone: half of what its balance would cost. */
export const selectAccountRow = gathered<number, AccountRow>({
  build: (handle, ids) => selectAccounts(handle).where(isIn(sql.ref("user_account.id"), ids)),
  nameOf: (id) => id,
  nameOfRow: (row) => row.id,
});

const lockAccount = preparedLock<[number], AccountRow>((handle, id) =>
  handle.selectFrom("user_account").selectAll().where("id", "=", id).forNoKeyUpdate(),
);

const lockBalance = preparedLock((handle, nameSpaceId: number, id: number) =>
  handle.selectFrom("time_balance").select("seconds").where("name_space_id", "=", nameSpaceId).where("user_id", "=", id).forUpdate(),
);
