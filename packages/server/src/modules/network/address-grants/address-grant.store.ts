import type { Network } from "@gatehouse-aaa/contract";
import { type Selectable, type SqlBool, sql } from "kysely";
import type { Page, PageRequest } from "../../../kernel/pagination.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Handle } from "../../../storage/database.ts";
import { isIn } from "../../../storage/in-list.ts";
import { readRows } from "../../../storage/page-rows.ts";
import { listOf } from "../../../storage/paging.ts";
import { seenRow, within } from "../../../storage/tenant-wall.ts";
import type { AddressGrantTable } from "./address-grant.table.ts";
import type { AddressGrant } from "./address-grant.ts";
import { addressKey, keysHolding, keysInside, storedNetwork } from "./address-key.ts";

/** What lists of grants are narrowed by; all that are given must fit. */
export interface AddressGrantFilters {
  readonly organization?: { readonly id: number; readonly namespaceId: number };
  readonly network?: string;
  readonly isShared?: boolean;
  readonly isDisputed?: boolean;
  readonly changedSinceMs?: number;
}

export type AddressGrantStore = ReturnType<ReturnType<typeof addressGrantStore>>;

/** Grants by scope. Who holds an address is asked across tenants: that is what a grant is for. */
export const addressGrantStore = () => (handle: Handle, scope: TenantScope | null) => {
  const ofGrant = (grant: AddressGrant) =>
    sql<SqlBool>`address_grant.name_space_id = ${grant.namespaceId} and address_grant.id = ${grant.id} and ${within(scope, "address_grant")}`;

  return {
    async find(id: number): Promise<AddressGrant | undefined> {
      const row = seenRow(scope, await handle.selectFrom("address_grant").selectAll().where("id", "=", id).executeTakeFirst());
      return row && toGrant(row);
    },

    async list(filters: AddressGrantFilters, page: PageRequest): Promise<Page<AddressGrant>> {
      return readRows(await pageOfGrants(handle, { scope, filters, page }), toGrant);
    },

    /** All grants in sight. For the table in memory, of which there is one for all tenants. */
    async listAll(): Promise<AddressGrant[]> {
      const rows = await handle.selectFrom("address_grant").selectAll().where(within(scope, "address_grant")).orderBy("id").execute();
      return rows.map(toGrant);
    },

    /** The grants of these organizations, in sight or not. */
    async listOf(organizationIds: readonly number[]): Promise<AddressGrant[]> {
      const ofThem = isIn(sql.ref("address_grant.organization_id"), organizationIds);
      return (await handle.selectFrom("address_grant").selectAll().where(ofThem).orderBy("id").execute()).map(toGrant);
    },

    /** The grants of whatever organization that hold a whole network. */
    async listCovering(network: Network): Promise<AddressGrant[]> {
      const holding = isIn(sql.ref("address_grant.network_key"), keysHolding(network));
      return (await handle.selectFrom("address_grant").selectAll().where(holding).orderBy("id").execute()).map(toGrant);
    },

    /** The grants of whatever organization that lie inside of a network, or are it. */
    async listInside(network: Network): Promise<AddressGrant[]> {
      const [first, last] = keysInside(network);
      const rows = await handle
        .selectFrom("address_grant")
        .selectAll()
        .where("network_key", ">=", first)
        .where("network_key", "<=", last)
        .orderBy("id")
        .execute();
      return rows.map(toGrant);
    },

    async insert(grant: AddressGrant): Promise<void> {
      await handle
        .insertInto("address_grant")
        .values({ ...columnsOf(grant), name_space_id: grant.namespaceId, id: grant.id })
        .execute();
    },

    async update(grant: AddressGrant): Promise<void> {
      await handle.updateTable("address_grant").set(columnsOf(grant)).where(ofGrant(grant)).execute();
    },

    async delete(grant: AddressGrant): Promise<void> {
      await handle.deleteFrom("address_grant").where(ofGrant(grant)).execute();
    },

    /** Grants of whatever organization are disputed no more: what overlapped them is gone. */
    async settle(ids: readonly number[]): Promise<void> {
      await handle
        .updateTable("address_grant")
        .set({ is_disputed: sql<boolean>`false` })
        .where(isIn(sql.ref("address_grant.id"), ids))
        .execute();
    },
  };
};

const pageOfGrants = listOf<AddressGrantFilters, Selectable<AddressGrantTable>>({
  table: "address_grant",
  isShort: true,
  filtered(rows, scope, { organization, network, isShared, isDisputed, changedSinceMs }) {
    let grants = rows.where(within(scope, "address_grant"));
    if (organization !== undefined) {
      grants = grants
        .where("address_grant.name_space_id", "=", organization.namespaceId)
        .where("address_grant.organization_id", "=", organization.id);
    }
    if (network !== undefined) grants = grants.where("address_grant.network", "=", network);
    if (isShared !== undefined) grants = grants.where(sql<SqlBool>`address_grant.is_shared = ${sql.lit(isShared)}`);
    if (isDisputed !== undefined) grants = grants.where(sql<SqlBool>`address_grant.is_disputed = ${sql.lit(isDisputed)}`);
    return changedSinceMs === undefined ? grants : grants.where("address_grant.last_change", ">=", changedSinceMs);
  },
  shown: (handle) => handle.selectFrom("address_grant").selectAll("address_grant"),
});

const columnsOf = (grant: AddressGrant) => ({
  organization_id: grant.organizationId,
  network: grant.network,
  network_key: addressKey(storedNetwork(grant.network)),
  is_shared: grant.isShared,
  is_disputed: grant.isDisputed,
  description: grant.description,
  created_at: grant.createdAtMs,
  last_change: grant.lastChangeMs,
  version: grant.version,
});

const toGrant = (row: Selectable<AddressGrantTable>): AddressGrant => ({
  id: row.id,
  namespaceId: row.name_space_id,
  organizationId: row.organization_id,
  network: row.network,
  isShared: Boolean(row.is_shared),
  isDisputed: Boolean(row.is_disputed),
  description: row.description,
  createdAtMs: row.created_at,
  lastChangeMs: row.last_change,
  version: row.version,
});
