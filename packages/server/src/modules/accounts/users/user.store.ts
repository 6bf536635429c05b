import { sql } from "kysely";
import type { Page, PageRequest } from "../../../kernel/pagination.ts";
import { sees, type TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Capabilities, Database, Handle } from "../../../storage/database.ts";
import { isIn } from "../../../storage/in-list.ts";
import { readRows } from "../../../storage/page-rows.ts";
import { type ListedRows, listOf } from "../../../storage/paging.ts";
import { runnerOf } from "../../../storage/runner.ts";
import { statement } from "../../../storage/statement.ts";
import { guardedBy, inNamespaces, seenRow, within } from "../../../storage/tenant-wall.ts";
import { read, readByKey, write } from "../../../storage/verbs.ts";
import { type Account, type User, usernameKey } from "./user.ts";
import { filterUsers, keptUsers, toListFilters, type UserFilters, type UserListFilters } from "./user-filters.store.ts";
import { deleteLinks, insertLinks, type UserRecord } from "./user-links.store.ts";
import { accountById, lockUsers, userById } from "./user-lock.store.ts";
import {
  type AccountRow,
  changedColumns,
  selectAccounts,
  selectWithBalance,
  toAccount,
  toRow,
  toUser,
  type UserRow,
} from "./user-row.store.ts";
import { selectAccountsByUsername, usersByUsername } from "./username.store.ts";

/** An account that changes, beside what it was. */
export interface UserChange extends UserRecord {
  readonly before: User;
}

/** An external id, and the organization within which it is unique. */
export interface ExternalIdPlace {
  readonly organizationId: number;
  readonly externalId: string;
}

/** Where an account belongs. */
export type UserPlace = Pick<User, "id" | "namespaceId" | "organizationId">;

/** Accounts by scope. What a database can do is given once; the store is then made for each unit. */
export const userStore = (tools: Pick<Database, "capabilities">) => {
  const { capabilities } = tools;
  const search = capabilities.substringIndex;
  const listed = {
    table: "user_account",
    filtered: (rows: ListedRows, scope: TenantScope | null, filters: UserListFilters) => filterUsers(rows, scope, filters, search),
    kept: keptUsers,
  } as const;
  const pageOfUsers = listOf<UserListFilters, UserRow>({ ...listed, shown: selectWithBalance });
  const pageOfAccounts = listOf<UserListFilters, AccountRow>({ ...listed, shown: selectAccounts });
  return (handle: Handle, scope: TenantScope | null) => storeOver({ handle, scope, capabilities, pageOfUsers, pageOfAccounts });
};

export type UserStore = ReturnType<typeof storeOver>;

interface StoreParts {
  readonly handle: Handle;
  readonly scope: TenantScope | null;
  readonly capabilities: Capabilities;
  readonly pageOfUsers: ReturnType<typeof listOf<UserListFilters, UserRow>>;
  readonly pageOfAccounts: ReturnType<typeof listOf<UserListFilters, AccountRow>>;
}

const storeOver = ({ handle, scope, capabilities, pageOfUsers, pageOfAccounts }: StoreParts) => {
  const search = capabilities.substringIndex;
  const setSearch = (users: readonly User[]) =>
    search.set(
      handle,
      "user_account",
      "username_key",
      users.map((user) => ({ id: user.id, text: usernameKey(user.username) })),
    );

  const listRequest = (filters: UserFilters, page: PageRequest) => ({
    scope,
    filters: toListFilters(filters, search),
    page,
  });

  return {
    async find(id: number): Promise<User | undefined> {
      const [row] = await readByKey(handle, userById, id);
      return seenRow(scope, row) && toUser(row!);
    },

    /** The account without its balance. */
    async findAccount(id: number): Promise<Account | undefined> {
      const [row] = await readByKey(handle, accountById, id);
      return seenRow(scope, row) && toAccount(row!);
    },

    /** The account, kept from changing until the unit ends. */
    lock: async (id: number, company?: "alone" | "together"): Promise<User | undefined> =>
      (await lockUsers(handle, scope, [id], company)).get(id),

    /** The same of several, in the order of their ids; those out of sight are left out. */
    lockMany: (ids: readonly number[]): Promise<Map<number, User>> => lockUsers(handle, scope, ids),

    /** Where accounts belong, kept from moving until the unit ends. One statement, however many; those out of sight are left out. */
    async lockPlaces(ids: readonly number[]): Promise<Map<number, UserPlace>> {
      for (const id of [...new Set(ids)].sort((one, other) => one - other)) await runnerOf(handle).turn?.(id);
      let query = handle
        .selectFrom("user_account")
        .select(["id", "name_space_id", "organization_id"])
        .where(isIn(sql.ref("id"), ids))
        .where(guardedBy(scope, "user_account"))
        .orderBy("id");
      if (capabilities.needsRowLocks) query = query.forNoKeyUpdate();
      const rows = await query.execute();
      return new Map(rows.map((row) => [row.id, { id: row.id, namespaceId: row.name_space_id, organizationId: row.organization_id }]));
    },

    /** The accounts of a username, one for each namespace that the scope sees, optionally of one organization or namespace. */
    async findByUsername(username: string, organizationId?: number, namespaceId?: number): Promise<User[]> {
      return (await read(handle, usersByUsername, { scope, usernameKey: usernameKey(username), organizationId, namespaceId })).map(toUser);
    },

    /** The same without their balances. */
    async findAccountsByUsername(username: string, organizationId?: number): Promise<Account[]> {
      return (await selectAccountsByUsername(handle, scope, { usernameKey: usernameKey(username), organizationId })).map(toAccount);
    },

    /** The accounts that carry an external id: it is unique within an organization only. Optionally of one namespace. At most two are returned. */
    async findByExternalId(externalId: string, namespaceId?: number): Promise<User[]> {
      return (await read(handle, usersByExternalId, { scope, externalId, namespaceId })).map(toUser);
    },

    async list(filters: UserFilters, page: PageRequest): Promise<Page<User>> {
      const found = await pageOfUsers(handle, listRequest(filters, page));
      return readRows(found, toUser);
    },

    /** The same without balances. */
    async listAccounts(filters: UserFilters, page: PageRequest): Promise<Page<Account>> {
      const found = await pageOfAccounts(handle, listRequest(filters, page));
      return readRows(found, toAccount);
    },

    /** How many accounts of some organizations use AAA profiles of others. */
    async countUsing(organizationIds: readonly number[], profileOrganizationIds: readonly number[]): Promise<number> {
      if (profileOrganizationIds.length === 0) return 0;
      const row = await handle
        .selectFrom("user_profile")
        .innerJoin("user_account", (join) =>
          join.onRef("user_account.name_space_id", "=", "user_profile.name_space_id").onRef("user_account.id", "=", "user_profile.user_id"),
        )
        .innerJoin("aaa_profile", (join) =>
          join
            .onRef("aaa_profile.name_space_id", "=", "user_profile.profile_name_space_id")
            .onRef("aaa_profile.id", "=", "user_profile.profile_id"),
        )
        .select(sql<number>`count(distinct user_profile.user_id)`.as("total"))
        .where(isIn(sql.ref("user_account.organization_id"), organizationIds))
        .where(isIn(sql.ref("aaa_profile.organization_id"), profileOrganizationIds))
        .where(within(scope, "user_account"))
        .executeTakeFirstOrThrow();
      return row.total;
    },

    /** Which of these username keys belong to an account of the namespace, in sight or not. */
    async takenUsernames(namespaceId: number, keys: readonly string[]): Promise<Map<string, number>> {
      const rows = await handle
        .selectFrom("user_account")
        .select(["username_key", "id"])
        .where("name_space_id", "=", namespaceId)
        .where(isIn(sql.ref("username_key"), keys))
        .execute();
      return new Map(rows.map((row) => [row.username_key, row.id]));
    },

    /** Which of these external ids belong to an account of their organization, in sight or not: one query, whatever the organizations. */
    async takenExternalIds(
      namespaceId: number,
      places: readonly ExternalIdPlace[],
    ): Promise<(ExternalIdPlace & { readonly id: number })[]> {
      if (places.length === 0) return [];
      const rows = await handle
        .selectFrom("user_account")
        .select(["organization_id", "external_id", "id"])
        .where("name_space_id", "=", namespaceId)
        .where(isIn(sql.ref("organization_id"), [...new Set(places.map(({ organizationId }) => organizationId))]))
        .where(isIn(sql.ref("external_id"), [...new Set(places.map(({ externalId }) => externalId))]))
        .execute();
      const asked = new Set(places.map(({ organizationId, externalId }) => `${organizationId}/${externalId}`));
      return rows.flatMap(({ organization_id: organizationId, external_id: externalId, id }) =>
        asked.has(`${organizationId}/${externalId}`) ? [{ organizationId, externalId: externalId!, id }] : [],
      );
    },

    async insert(records: readonly UserRecord[]): Promise<void> {
      const users = records.map((record) => record.user);
      await write(handle, { insertInto: "user_account", rows: users.map(toRow), inOrderOf: ["name_space_id", "username_key"] });
      await insertLinks(handle, records);
      await setSearch(users);
    },

    /** Writes changed accounts in this order. Those out of scope stay as they are, and so do their groups, profiles and search. */
    async update(changes: readonly UserChange[]): Promise<void> {
      const seen = changes.filter(({ before }) => scope === null || sees(scope, before.organizationId));
      const rows = seen.map((change) => ({ ...change, values: changedColumns(change.before, change.user) }));
      // Rows that change the same columns travel together.
      for (const alike of Map.groupBy(rows, ({ values }) => Object.keys(values).join()).values()) {
        for (const { before, user, values } of alike) {
          await write(handle, {
            update: "user_account",
            key: { name_space_id: user.namespaceId, id: user.id },
            guards: { organization_id: before.organizationId },
            values,
            ...("username_key" in values ? { inOrderOf: ["name_space_id", "username_key"] } : {}),
          });
        }
      }
      const regrouped = rows.filter(({ values }) => "groups" in values);
      await deleteLinks(handle, "user_group", regrouped);
      await insertLinks(
        handle,
        regrouped.map(({ user }) => ({ user, profiles: [] })),
      );
      const reprofiled = rows.filter(({ values }) => "profile_names" in values || "organization_id" in values);
      await deleteLinks(handle, "user_profile", reprofiled);
      await insertLinks(
        handle,
        reprofiled.map(({ user, profiles }) => ({ user: { ...user, groups: [] }, profiles })),
      );
      const renamed = rows.filter(({ values }) => "username" in values).map(({ user }) => user);
      if (renamed.length > 0) await setSearch(renamed);
    },

    /** Deletes the account's row; its groups, profiles and balance go with it. */
    async delete(user: User): Promise<void> {
      const { numDeletedRows } = await handle
        .deleteFrom("user_account")
        .where("name_space_id", "=", user.namespaceId)
        .where("id", "=", user.id)
        .where(within(scope, "user_account"))
        .executeTakeFirstOrThrow();
      if (numDeletedRows > 0n) await search.remove(handle, "user_account", "username_key", [user.id]);
    },
  };
};

interface SeenExternalId {
  readonly scope: TenantScope | null;
  readonly externalId: string;
  readonly namespaceId?: number | undefined;
}

const usersByExternalId = statement<SeenExternalId, UserRow>((handle, { scope, externalId, namespaceId }) => {
  const query = selectWithBalance(handle)
    .where("user_account.external_id", "=", externalId)
    .where(inNamespaces(scope, "user_account"))
    .where(within(scope, "user_account"))
    .limit(2);
  return namespaceId === undefined ? query : query.where("user_account.name_space_id", "=", namespaceId);
});
