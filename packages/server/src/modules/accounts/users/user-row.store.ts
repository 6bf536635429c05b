import type { Selectable } from "kysely";
import { readJson, writeJson } from "../../../storage/columns.ts";
import type { Handle } from "../../../storage/database.ts";
import type { UserAccountTable } from "./user.table.ts";
import { type Account, roleOf, type User, usernameKey } from "./user.ts";

/** What an account is read from. The columns that only help to find it are left out: a list pays for each column of each row. */
const accountColumns = [
  "user_account.name_space_id",
  "user_account.id",
  "user_account.organization_id",
  "user_account.username",
  "user_account.password_hash",
  "user_account.email",
  "user_account.first_name",
  "user_account.last_name",
  "user_account.external_id",
  "user_account.klass",
  "user_account.description",
  "user_account.avatar_url",
  "user_account.is_active",
  "user_account.groups",
  "user_account.aaa_profile",
  "user_account.profile_names",
  "user_account.expiration",
  "user_account.date_joined",
  "user_account.first_login",
  "user_account.last_login",
  "user_account.last_change",
  "user_account.version",
] as const;

/** An account's row. */
export type AccountRow = Omit<Selectable<UserAccountTable>, "username_key" | "role">;
/** An account's row with its balance. */
export type UserRow = AccountRow & { readonly seconds: number | null };

/** All accounts. */
export const selectAccounts = (handle: Handle) => handle.selectFrom("user_account").select(accountColumns);

/** All accounts with their balances. A subquery, for as a join it was measured at ten times the cost on SQLite (68 µs against 6). */
export const selectWithBalance = (handle: Handle) =>
  handle
    .selectFrom("user_account")
    .select(accountColumns)
    .select((eb) =>
      eb
        .selectFrom("time_balance")
        .select("time_balance.seconds")
        .whereRef("time_balance.name_space_id", "=", "user_account.name_space_id")
        .whereRef("time_balance.user_id", "=", "user_account.id")
        .as("seconds"),
    );

export const toRow = (user: User) => ({
  name_space_id: user.namespaceId,
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

type Plain = Exclude<keyof Account, "id" | "namespaceId" | "username" | "groups" | "aaaProfile" | "profileNames">;

/** The columns that hold a field as it is. */
const plainColumns = Object.entries({
  organizationId: "organization_id",
  passwordHash: "password_hash",
  email: "email",
  firstName: "first_name",
  lastName: "last_name",
  externalId: "external_id",
  klass: "klass",
  description: "description",
  avatarUrl: "avatar_url",
  isActive: "is_active",
  expirationMs: "expiration",
  dateJoinedMs: "date_joined",
  firstLoginMs: "first_login",
  lastLoginMs: "last_login",
  lastChangeMs: "last_change",
  version: "version",
} satisfies Record<Plain, keyof UserAccountTable>) as [Plain, keyof UserAccountTable][];

/** Whether two lists or objects of an account are written alike. A field that a request leaves alone is the same one. */
const isSameJson = (one: unknown, other: unknown): boolean => one === other || writeJson(one) === writeJson(other);

/** The columns in which two states of an account differ, with the later values. The account keeps its id and namespace. */
export const changedColumns = (before: Account, after: Account): Partial<ReturnType<typeof toRow>> => {
  const changed: Record<string, unknown> = {};
  for (const [field, column] of plainColumns) if (before[field] !== after[field]) changed[column] = after[field];
  if (before.username !== after.username) {
    changed["username"] = after.username;
    changed["username_key"] = usernameKey(after.username);
  }
  if (!isSameJson(before.groups, after.groups)) changed["groups"] = writeJson(after.groups);
  if (!isSameJson(before.profileNames, after.profileNames)) changed["profile_names"] = writeJson(after.profileNames);
  if (!isSameJson(before.aaaProfile, after.aaaProfile)) {
    changed["aaa_profile"] = writeJson(after.aaaProfile);
    changed["role"] = roleOf(after.aaaProfile);
  }
  return changed;
};

/** Whether two states of an account have the same row; its balance has another. */
export const isSameAccount = (one: Account, other: Account): boolean => {
  for (const _ in changedColumns(one, other)) return false;
  return true;
};

export const toUser = (row: UserRow): User => Object.assign(toAccount(row), { seconds: row.seconds });

export const toAccount = (row: AccountRow): Account => ({
  id: row.id,
  namespaceId: row.name_space_id,
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
});
