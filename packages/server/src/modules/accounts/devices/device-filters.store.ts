import { sql } from "kysely";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import { isIn } from "../../../storage/in-list.ts";
import type { KeptCount, ListedRows } from "../../../storage/paging.ts";
import { isSince } from "../../../storage/since.ts";
import { inNamespaces, within } from "../../../storage/tenant-wall.ts";
import { keptCount } from "../../foundation/kept-counts/index.ts";
import { type DeviceKind, deviceKinds } from "./device.ts";

/** What lists of devices are narrowed by; all that are given must fit. */
export interface DeviceFilters {
  readonly userId?: number | undefined;
  readonly organization?: { readonly id: number; readonly namespaceId: number };
  readonly kind?: DeviceKind | undefined;
  readonly identifier?: string | undefined;
  readonly changedSinceMs?: number | undefined;
}

/** Narrows a query to the devices that fit. */
export const filterDevices = (rows: ListedRows, scope: TenantScope | null, filters: DeviceFilters): ListedRows => {
  let query = rows.where(within(scope, "device"));
  const { organization, ...others } = filters;
  if (organization !== undefined) {
    query = query.where("device.name_space_id", "=", organization.namespaceId).where("device.organization_id", "=", organization.id);
  } else if (Object.values(others).some((value) => value !== undefined)) {
    // Every index begins with the namespace: without naming it a filter would read the whole table.
    query = query.where(inNamespaces(scope, "device"));
  }
  if (filters.userId !== undefined) query = query.where("device.user_id", "=", filters.userId);
  if (filters.kind !== undefined) query = query.where("device.kind", "=", filters.kind);
  // The kinds are few: naming them all lets an identifier alone be found by the index over both.
  else if (filters.identifier !== undefined) query = query.where(isIn(sql.ref("device.kind"), deviceKinds));
  if (filters.identifier !== undefined) query = query.where("device.identifier", "=", filters.identifier);
  if (filters.changedSinceMs !== undefined) query = query.where(isSince(sql.ref("device.last_change"), filters.changedSinceMs));
  return query;
};

/** The count of a list that is narrowed by nothing but organization. */
export const keptDevices: KeptCount<DeviceFilters> = {
  by: ["organization"],
  count: (handle, scope, { organization }) => keptCount(handle, scope, ["device"], organization),
};
