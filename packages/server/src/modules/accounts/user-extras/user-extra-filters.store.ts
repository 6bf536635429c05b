import { sql } from "kysely";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { KeptCount, ListedRows } from "../../../storage/paging.ts";
import { isSince } from "../../../storage/since.ts";
import { inNamespaces, within } from "../../../storage/tenant-wall.ts";
import { keptCount } from "../../foundation/kept-counts/index.ts";

/** What lists of extra records are narrowed by; all that are given must fit. */
export interface UserExtraFilters {
  readonly parentId?: number | undefined;
  /** The parent's organization. */
  readonly organization?: { readonly id: number; readonly namespaceId: number };
  readonly event?: string | undefined;
  readonly changedSinceMs?: number | undefined;
}

/** Narrows a query to the records that fit. */
export const filterExtras = (rows: ListedRows, scope: TenantScope | null, filters: UserExtraFilters): ListedRows => {
  let query = rows.where(within(scope, "user_extra"));
  const { organization, ...others } = filters;
  if (organization !== undefined) {
    query = query
      .where("user_extra.name_space_id", "=", organization.namespaceId)
      .where("user_extra.organization_id", "=", organization.id);
  } else if (Object.values(others).some((value) => value !== undefined)) {
    // Every index begins with the namespace: without naming it a filter would read the whole table.
    query = query.where(inNamespaces(scope, "user_extra"));
  }
  if (filters.parentId !== undefined) query = query.where("user_extra.parent_id", "=", filters.parentId);
  if (filters.event !== undefined) query = query.where("user_extra.event", "=", filters.event);
  if (filters.changedSinceMs !== undefined) query = query.where(isSince(sql.ref("user_extra.updated_at"), filters.changedSinceMs));
  return query;
};

/** The count of a list that is narrowed by nothing but the parent's organization. */
export const keptExtras: KeptCount<UserExtraFilters> = {
  by: ["organization"],
  count: (handle, scope, { organization }) => keptCount(handle, scope, ["user_extra"], organization),
};
