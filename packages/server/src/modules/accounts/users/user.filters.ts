import { type SqlBool, sql } from "kysely";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Handle, SubstringIndex } from "../../../storage/database.ts";
import { inNameSpaces, within } from "../../../storage/tenant-wall.ts";
import { type Counted, readKeptCount } from "../../foundation/kept-counts/index.ts";
import { usernameKey } from "./user.ts";

/** What lists of accounts are narrowed by; all that are given must fit. */
export interface UserFilters {
  readonly id?: number;
  readonly usernamePart?: string;
  readonly username?: string;
  readonly organization?: { readonly id: number; readonly nameSpaceId: number };
  readonly role?: string;
  readonly group?: string;
  readonly klass?: string;
  readonly externalId?: string;
  readonly isActive?: boolean;
  readonly changedSinceMs?: number;
}

/** The accounts that fit, without order or limit. */
export const filterUsers = (handle: Handle, scope: TenantScope | null, filters: UserFilters, search: SubstringIndex) => {
  let query = handle.selectFrom("user_account").where(within(scope, "user_account"));
  if (filters.id !== undefined) query = query.where("user_account.id", "=", filters.id);
  if (filters.username !== undefined) query = query.where("user_account.username_key", "=", usernameKey(filters.username));
  if (filters.organization !== undefined) {
    query = query
      .where("user_account.name_space_id", "=", filters.organization.nameSpaceId)
      .where("user_account.organization_id", "=", filters.organization.id);
  } else if (hasExactFilter(filters)) {
    // Every index begins with the name space: without naming it a filter would read the whole table.
    query = query.where(inNameSpaces(scope, "user_account"));
  }
  if (filters.role !== undefined) query = query.where("user_account.role", "=", filters.role);
  if (filters.klass !== undefined) query = query.where("user_account.klass", "=", filters.klass);
  if (filters.externalId !== undefined) query = query.where("user_account.external_id", "=", filters.externalId);
  if (filters.isActive !== undefined) query = query.where(sql<SqlBool>`user_account.is_active = ${sql.lit(filters.isActive)}`);
  if (filters.changedSinceMs !== undefined) query = query.where("user_account.last_change", ">=", filters.changedSinceMs);
  if (filters.group !== undefined) {
    const nameSpaces = inNameSpaces(scope, "user_group");
    query = query.where(sql<SqlBool>`user_account.id in (select user_id from user_group where ${nameSpaces} and name = ${filters.group})`);
  }
  if (filters.usernamePart !== undefined && filters.usernamePart !== "") {
    query = query.where(search.contains("user_account", "username_key", usernameKey(filters.usernamePart)));
  }
  return query;
};

// Inactive accounts are few and have an index of their own; active ones are nearly all.
const hasExactFilter = ({ username, role, klass, externalId, changedSinceMs, isActive }: UserFilters): boolean =>
  isActive === false || [username, role, klass, externalId, changedSinceMs].some((value) => value !== undefined);

/** How to read the count of a list that is narrowed by nothing but organization and is_active. */
export const keptCountOf = (handle: Handle, scope: TenantScope | null, filters: UserFilters): (() => Promise<number>) | undefined => {
  const { organization, isActive, usernamePart, ...others } = filters;
  const isKept = !usernamePart && Object.values(others).every((value) => value === undefined);
  if (!isKept) return undefined;
  const counted: Counted[] = [
    ...(isActive === false ? [] : (["user.active"] as const)),
    ...(isActive === true ? [] : (["user.inactive"] as const)),
  ];
  return () => readKeptCount(handle, scope, counted, organization);
};
