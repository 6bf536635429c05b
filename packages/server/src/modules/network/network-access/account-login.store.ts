import { sql } from "kysely";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Database, Handle } from "../../../storage/database.ts";
import { rowsListed } from "../../../storage/in-list.ts";
import { statement } from "../../../storage/statement.ts";
import { within } from "../../../storage/tenant-wall.ts";
import { write } from "../../../storage/verbs.ts";

/** When an account was accepted. */
export interface Login {
  readonly namespaceId: number;
  readonly userId: number;
  readonly atMs: number;
}

export type AccountLoginStore = ReturnType<ReturnType<typeof accountLoginStore>>;

/** Rows of accounts are locked in the order of their ids, by everyone. */
const lockAccounts = async (handle: Handle, logins: readonly Login[]): Promise<void> => {
  const [namespaces, users] = [logins.map(({ namespaceId }) => namespaceId), logins.map(({ userId }) => userId)];
  await sql`
    select id from user_account
    where (name_space_id, id) in (select a, b from unnest(${namespaces}::bigint[], ${users}::bigint[]) as accounts (a, b))
    order by id for no key update`.execute(handle);
};

/** One statement for many accounts. */
const loginTimes = statement<{ readonly scope: TenantScope | null; readonly logins: readonly Login[] }>(
  (handle, { scope, logins }) => {
    const rows = rowsListed({ namespaceId: "bigint", userId: "bigint", atMs: "bigint" }, logins);
    const query = sql`
    with logins as (select "namespaceId" as name_space_id, "userId" as user_id, "atMs" as at from ${rows} as listed)
    update user_account
    set first_login = coalesce(user_account.first_login, logins.at),
      last_login = case when user_account.last_login > logins.at then user_account.last_login else logins.at end
    from logins
    where user_account.name_space_id = logins.name_space_id and user_account.id = logins.user_id and ${within(scope, "user_account")}`;
    return { compile: () => query.compile(handle) };
  },
  { writes: "user_account" },
);

/** First and last login of accounts. A login is no change of the account: neither version nor last_change moves. */
export const accountLoginStore = (tools: Pick<Database, "capabilities">) => (handle: Handle, scope: TenantScope | null) => ({
  /** Notes the first and the last login of several accounts by one statement. Each account stands in the list once. */
  async noteLogins(logins: readonly Login[]): Promise<void> {
    if (logins.length === 0) return;
    const ordered = [...logins].sort((a, b) => a.userId - b.userId);
    if (tools.capabilities.needsRowLocks) await lockAccounts(handle, ordered);
    await write(handle, loginTimes, { scope, logins: ordered.map(({ namespaceId, userId, atMs }) => ({ namespaceId, userId, atMs })) });
  },

  /** Keeps a password from changing until the unit ends; false where its hash is another one by now, or the account is out of sight. */
  async lockHash(account: { readonly id: number; readonly namespaceId: number }, hash: string): Promise<boolean> {
    let query = handle
      .selectFrom("user_account")
      .select("id")
      .where("name_space_id", "=", account.namespaceId)
      .where("id", "=", account.id)
      .where("password_hash", "=", hash)
      .where(within(scope, "user_account"));
    if (tools.capabilities.needsRowLocks) query = query.forNoKeyUpdate();
    return (await query.executeTakeFirst()) !== undefined;
  },

  /** Replaces a stored hash by one of today's, unless it is another one by now. */
  async replaceHash(account: { readonly id: number; readonly namespaceId: number }, before: string, after: string): Promise<void> {
    await handle
      .updateTable("user_account")
      .set({ password_hash: after })
      .where("name_space_id", "=", account.namespaceId)
      .where("id", "=", account.id)
      .where("password_hash", "=", before)
      .where(within(scope, "user_account"))
      .execute();
  },
});
