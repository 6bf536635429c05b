import { type Selectable, sql } from "kysely";
import type { Page, PageRequest } from "../../../kernel/pagination.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import { insertInChunks } from "../../../storage/chunks.ts";
import { readJson, writeJson } from "../../../storage/columns.ts";
import type { Capabilities, Handle } from "../../../storage/database.ts";
import { isIn, listPage } from "../../../storage/paging.ts";
import { prepared } from "../../../storage/prepared.ts";
import type { UserAccountTable } from "../../../storage/tables.ts";
import { inNameSpaces, seenRow, within } from "../../../storage/tenant-wall.ts";
import type { ProfileReference } from "../aaa-profiles/index.ts";
import { filterUsers, keptCountOf, type UserFilters } from "./user.filters.ts";
import { roleOf, type User, usernameKey } from "./user.ts";

/** An account as it is to be written. `profiles` are what its short names stand for, in order; they count where the names or the place change. */
export interface UserRecord {
  readonly user: User;
  readonly profiles: readonly ProfileReference[];
}

/** Where an account belongs. */
export type UserPlace = Pick<User, "id" | "nameSpaceId" | "organizationId">;

export type UserStore = ReturnType<ReturnType<typeof userStoreOver>>;

/** Accounts by scope. What a database can do is given once; the store is then made for each unit. */
export const userStoreOver = (capabilities: Capabilities) => (handle: Handle, scope: TenantScope | null) => {
  const withBalance = () => selectWithBalance(handle);
  const search = capabilities.substringIndex;
  const setSearch = (users: readonly User[]) =>
    search.set(
      handle,
      "user_account",
      "username_key",
      users.map((user) => ({ id: user.id, text: usernameKey(user.username) })),
    );

  return {
    async find(id: number): Promise<User | undefined> {
      const [row] = await selectById(handle, id);
      return toUser(seenRow(scope, row));
    },

    /** The account, kept from changing until the unit ends. */
    async lock(id: number): Promise<User | undefined> {
      let query = handle.selectFrom("user_account").selectAll().where("id", "=", id);
      if (capabilities.needsRowLocks) query = query.forUpdate();
      const row = seenRow(scope, await query.executeTakeFirst());
      if (!row) return undefined;
      // A statement of its own: one that had to wait for the lock would still show the balance from before the wait.
      // Locked as well, for burning time changes a balance without its account.
      let balances = handle
        .selectFrom("time_balance")
        .select("seconds")
        .where("name_space_id", "=", row.name_space_id)
        .where("user_id", "=", id);
      if (capabilities.needsRowLocks) balances = balances.forUpdate();
      const balance = await balances.executeTakeFirst();
      return toUser({ ...row, seconds: balance?.seconds ?? null });
    },

    /** Where accounts belong, kept from moving until the unit ends. One statement, however many; those out of sight are left out. */
    async lockPlaces(ids: readonly number[]): Promise<Map<number, UserPlace>> {
      let query = handle
        .selectFrom("user_account")
        .select(["id", "name_space_id", "organization_id"])
        .where(isIn(sql.ref("id"), ids))
        .where(within(scope, "user_account"))
        .orderBy("id");
      if (capabilities.needsRowLocks) query = query.forUpdate();
      const rows = await query.execute();
      return new Map(rows.map((row) => [row.id, { id: row.id, nameSpaceId: row.name_space_id, organizationId: row.organization_id }]));
    },

    /** The accounts of a username, one for each name space that the scope sees, optionally of one organization. */
    async findByUsername(username: string, organizationId?: number): Promise<User[]> {
      let query = withBalance().where("user_account.username_key", "=", usernameKey(username)).where(within(scope, "user_account"));
      query = query.where(inNameSpaces(scope, "user_account"));
      if (organizationId !== undefined) query = query.where("user_account.organization_id", "=", organizationId);
      return (await query.limit(2).execute()).map((row) => toUser(row)!);
    },

    /** The accounts that carry an external id: it is unique within an organization only. At most two are returned. */
    async findByExternalId(externalId: string): Promise<User[]> {
      const rows = await withBalance()
        .where("user_account.external_id", "=", externalId)
        .where(inNameSpaces(scope, "user_account"))
        .where(within(scope, "user_account"))
        .limit(2)
        .execute();
      return rows.map((row) => toUser(row)!);
    },

    list(filters: UserFilters, page: PageRequest): Promise<Page<User>> {
      return listPage(handle, {
        table: "user_account",
        page,
        filtered: filterUsers(handle, scope, filters, search),
        load: async (ids) =>
          (
            await withBalance()
              .where(isIn(sql.ref("user_account.id"), ids))
              .execute()
          ).map((row) => toUser(row)!),
        keptCount: keptCountOf(handle, scope, filters),
      });
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

    /** Which of these username keys belong to an account of the name space, in sight or not. */
    async takenUsernames(nameSpaceId: number, keys: readonly string[]): Promise<Map<string, number>> {
      const rows = await handle
        .selectFrom("user_account")
        .select(["username_key", "id"])
        .where("name_space_id", "=", nameSpaceId)
        .where(isIn(sql.ref("username_key"), keys))
        .execute();
      return new Map(rows.map((row) => [row.username_key, row.id]));
    },

    /** Which of these external ids belong to an account of the organization. */
    async takenExternalIds(nameSpaceId: number, organizationId: number, externalIds: readonly string[]): Promise<Map<string, number>> {
      const rows = await handle
        .selectFrom("user_account")
        .select(["external_id", "id"])
        .where("name_space_id", "=", nameSpaceId)
        .where("organization_id", "=", organizationId)
        .where(isIn(sql.ref("external_id"), externalIds))
        .execute();
      return new Map(rows.map((row) => [row.external_id!, row.id]));
    },

    async insert(records: readonly UserRecord[]): Promise<void> {
      const users = records.map((record) => record.user);
      await insertInChunks(handle, "user_account", users.map(toRow));
      await insertLinks(handle, records);
      await setSearch(users);
    },

    async update(before: User, record: UserRecord): Promise<void> {
      const { user } = record;
      const { name_space_id: _, id: __, ...columns } = toRow(user);
      const { numUpdatedRows } = await handle
        .updateTable("user_account")
        .set(columns)
        .where("name_space_id", "=", user.nameSpaceId)
        .where("id", "=", user.id)
        .where(within(scope, "user_account"))
        .executeTakeFirstOrThrow();
      // Out of scope: then its groups, profiles and search are out of reach, too.
      if (numUpdatedRows === 0n) return;
      if (writeJson(before.groups) !== writeJson(user.groups)) {
        await deleteLinks(handle, "user_group", user);
        await insertLinks(handle, [{ user, profiles: [] }]);
      }
      if (writeJson(before.profileNames) !== writeJson(user.profileNames) || before.organizationId !== user.organizationId) {
        await deleteLinks(handle, "user_profile", user);
        await insertLinks(handle, [{ user: { ...user, groups: [] }, profiles: record.profiles }]);
      }
      if (before.username !== user.username) await setSearch([user]);
    },

    /** Deletes the account's row; its groups, profiles and balance go with it. */
    async delete(user: User): Promise<void> {
      const { numDeletedRows } = await handle
        .deleteFrom("user_account")
        .where("name_space_id", "=", user.nameSpaceId)
        .where("id", "=", user.id)
        .where(within(scope, "user_account"))
        .executeTakeFirstOrThrow();
      if (numDeletedRows > 0n) await search.remove(handle, "user_account", "username_key", [user.id]);
    },
  };
};

// A subquery, for as a join it was measured at ten times the cost on SQLite (68 µs against 6).
const selectWithBalance = (handle: Handle) =>
  handle
    .selectFrom("user_account")
    .selectAll("user_account")
    .select((eb) =>
      eb
        .selectFrom("time_balance")
        .select("time_balance.seconds")
        .whereRef("time_balance.name_space_id", "=", "user_account.name_space_id")
        .whereRef("time_balance.user_id", "=", "user_account.id")
        .as("seconds"),
    );

const selectById = prepared((handle, id: number) => selectWithBalance(handle).where("user_account.id", "=", id));

const insertLinks = async (handle: Handle, records: readonly UserRecord[]): Promise<void> => {
  const groups = records.flatMap(({ user }) => user.groups.map((name) => ({ name_space_id: user.nameSpaceId, user_id: user.id, name })));
  const profiles = records.flatMap(({ user, profiles: references }) =>
    references.map((profile, position) => ({
      name_space_id: user.nameSpaceId,
      user_id: user.id,
      position,
      profile_name_space_id: profile.nameSpaceId,
      profile_id: profile.id,
    })),
  );
  await insertInChunks(handle, "user_group", groups);
  await insertInChunks(handle, "user_profile", profiles);
};

const deleteLinks = (handle: Handle, table: "user_group" | "user_profile", user: User) =>
  handle.deleteFrom(table).where("name_space_id", "=", user.nameSpaceId).where("user_id", "=", user.id).execute();

const toRow = (user: User) => ({
  name_space_id: user.nameSpaceId,
  id: user.id,
  organization_id: user.organizationId,
  username: user.username,
  username_key: usernameKey(user.username),
  password_hash: user.passwordHash,
  email: user.email,
  first_name: user.firstName,
  last_name: user.lastName,
  external_id: user.externalId,
  klass: user.klass,
  description: user.description,
  avatar_url: user.avatarUrl,
  is_active: user.isActive,
  groups: writeJson(user.groups),
  aaa_profile: writeJson(user.aaaProfile),
  role: roleOf(user.aaaProfile),
  profile_names: writeJson(user.profileNames),
  expiration: user.expirationMs,
  date_joined: user.dateJoinedMs,
  first_login: user.firstLoginMs,
  last_login: user.lastLoginMs,
  last_change: user.lastChangeMs,
  version: user.version,
});

const toUser = (row: (Selectable<UserAccountTable> & { seconds: number | null }) | undefined): User | undefined =>
  row && {
    id: row.id,
    nameSpaceId: row.name_space_id,
    organizationId: row.organization_id,
    username: row.username,
    passwordHash: row.password_hash,
    email: row.email,
    firstName: row.first_name,
    lastName: row.last_name,
    externalId: row.external_id,
    klass: row.klass,
    description: row.description,
    avatarUrl: row.avatar_url,
    isActive: Boolean(row.is_active),
    groups: readJson<string[]>(row.groups),
    aaaProfile: readJson<Record<string, unknown>>(row.aaa_profile),
    profileNames: readJson<string[]>(row.profile_names),
    expirationMs: row.expiration,
    dateJoinedMs: row.date_joined,
    firstLoginMs: row.first_login,
    lastLoginMs: row.last_login,
    lastChangeMs: row.last_change,
    version: row.version,
    seconds: row.seconds,
  };
