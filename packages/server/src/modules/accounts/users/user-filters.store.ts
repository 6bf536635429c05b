import { type SqlBool, sql } from "kysely";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { SearchPattern, SubstringIndex } from "../../../storage/database.ts";
import type { KeptCount, ListedRows } from "../../../storage/paging.ts";
import { inNamespaces, within } from "../../../storage/tenant-wall.ts";
import { keptCount } from "../../foundation/kept-counts/index.ts";
import { usernameKey } from "./user.ts";

/** What lists of accounts are narrowed by; all that are given must fit. */
export interface UserFilters {
  readonly id?: number | undefined;
  readonly usernamePart?: string | undefined;
  readonly username?: string | undefined;
  readonly organization?: { readonly id: number; readonly namespaceId: number };
  readonly role?: string | undefined;
  readonly group?: string | undefined;
  readonly klass?: string | undefined;
  readonly externalId?: string | undefined;
  readonly hasExternalId?: boolean | undefined;
  readonly isActive?: boolean | undefined;
  readonly changedSinceMs?: number | undefined;
}

/** What a query says of external ids: the empty one finds those without any. */
export const externalIdFilter = (wanted: string | undefined): Pick<UserFilters, "externalId" | "hasExternalId"> =>
  wanted === undefined ? {} : wanted === "" ? { hasExternalId: false } : { externalId: wanted };

/** The filters as statements take them: texts folded, the part of a name as its index looks for it. */
export type UserListFilters = Omit<UserFilters, "usernamePart"> & { readonly search?: SearchPattern };

export const toListFilters = ({ usernamePart, username, ...filters }: UserFilters, index: SubstringIndex): UserListFilters => ({
  ...filters,
  ...(username === undefined ? {} : { username: usernameKey(username) }),
  ...(usernamePart === undefined || usernamePart === "" ? {} : { search: index.pattern(usernameKey(usernamePart)) }),
});

/** Narrows a query to the accounts that fit. */
export const filterUsers = (rows: ListedRows, scope: TenantScope | null, filters: UserListFilters, index: SubstringIndex): ListedRows => {
  let query = rows.where(within(scope, "user_account"));
  if (filters.id !== undefined) query = query.where("user_account.id", "=", filters.id);
  if (filters.username !== undefined) query = query.where("user_account.username_key", "=", filters.username);
  if (filters.organization !== undefined) {
    query = query
      .where("user_account.name_space_id", "=", filters.organization.namespaceId)
      .where("user_account.organization_id", "=", filters.organization.id);
  } else if (hasExactFilter(filters)) {
    // Every index begins with the namespace: without naming it a filter would read the whole table.
    query = query.where(inNamespaces(scope, "user_account"));
  }
  if (filters.role !== undefined) query = query.where("user_account.role", "=", filters.role);
  if (filters.klass !== undefined) query = query.where("user_account.klass", "=", filters.klass);
  if (filters.externalId !== undefined) query = query.where("user_account.external_id", "=", filters.externalId);
  if (filters.hasExternalId !== undefined) query = query.where("user_account.external_id", filters.hasExternalId ? "is not" : "is", null);
  if (filters.isActive !== undefined) query = query.where(sql<SqlBool>`user_account.is_active = ${sql.lit(filters.isActive)}`);
  if (filters.changedSinceMs !== undefined) query = query.where("user_account.last_change", ">=", filters.changedSinceMs);
  if (filters.group !== undefined) {
    const namespaces = inNamespaces(scope, "user_group");
    query = query.where(sql<SqlBool>`user_account.id in (select user_id from user_group where ${namespaces} and name = ${filters.group})`);
  }
  if (filters.search !== undefined) query = query.where(index.contains("user_account", "username_key", filters.search));
  return query;
};

// Inactive accounts are few and have an index of their own; active ones are nearly all.
const hasExactFilter = ({ username, role, klass, externalId, isActive }: UserListFilters): boolean =>
  isActive === false || [username, role, klass, externalId].some((value) => value !== undefined);

/** The count of a list that is narrowed by nothing but organization and is_active. */
export const keptUsers: KeptCount<UserListFilters> = {
  by: ["organization", "isActive"],
  count(handle, scope, { organization, isActive }) {
    const counted: string[] = [
      ...(isActive === false ? [] : (["user.active"] as const)),
      ...(isActive === true ? [] : (["user.inactive"] as const)),
    ];
    return keptCount(handle, scope, counted, organization);
  },
};
