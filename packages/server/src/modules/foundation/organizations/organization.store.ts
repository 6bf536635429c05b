import type { Selectable } from "kysely";
import type { Image } from "../../../kernel/change.ts";
import { timeOrderedId } from "../../../kernel/ids.ts";
import { sees, type TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Handle } from "../../../storage/database.ts";
import type { OrganizationTable } from "../../../storage/tables.ts";
import { writeRevision } from "./organization-directory.ts";

export interface Organization {
  readonly id: number;
  /** The organization that opens the name space: itself when it has usernames of its own. */
  readonly nameSpaceId: number;
  readonly parentId: number | null;
  readonly slug: string;
  readonly name: string;
  readonly description: string | null;
  readonly ownUsernames: boolean;
  readonly isActive: boolean;
  readonly createdAtMs: number;
  readonly lastChangeMs: number;
  readonly version: number;
}

export type OrganizationStore = ReturnType<typeof createOrganizationStore>;

export const createOrganizationStore = (handle: Handle, scope: TenantScope | null) => ({
  async find(id: number): Promise<Organization | undefined> {
    const row = await handle.selectFrom("organization").selectAll().where("id", "=", id).executeTakeFirst();
    return row && (scope === null || sees(scope, row.id)) ? toOrganization(row) : undefined;
  },

  async insert(organization: Organization): Promise<void> {
    await handle.insertInto("organization").values(toRow(organization)).execute();
    await writeRevision(handle, timeOrderedId());
  },

  async update(organization: Organization): Promise<void> {
    const { name_space_id: _, id: __, ...columns } = toRow(organization);
    await handle
      .updateTable("organization")
      .set(columns)
      .where("name_space_id", "=", organization.nameSpaceId)
      .where("id", "=", organization.id)
      .execute();
    await writeRevision(handle, timeOrderedId());
  },
});

const toRow = (organization: Organization) => ({
  name_space_id: organization.nameSpaceId,
  id: organization.id,
  parent_id: organization.parentId,
  slug: organization.slug,
  name: organization.name,
  description: organization.description,
  own_usernames: organization.ownUsernames,
  is_active: organization.isActive,
  created_at: organization.createdAtMs,
  last_change: organization.lastChangeMs,
  version: organization.version,
});

const toOrganization = (row: Selectable<OrganizationTable>): Organization => ({
  id: row.id,
  nameSpaceId: row.name_space_id,
  parentId: row.parent_id,
  slug: row.slug,
  name: row.name,
  description: row.description,
  ownUsernames: Boolean(row.own_usernames),
  isActive: Boolean(row.is_active),
  createdAtMs: row.created_at,
  lastChangeMs: row.last_change,
  version: row.version,
});

/** The organization as the audit trail keeps it; it belongs to itself. */
export const imageOfOrganization = (organization: Organization): Image => ({
  organization: organization.id,
  parent: organization.parentId,
  slug: organization.slug,
  name: organization.name,
  description: organization.description,
  own_usernames: organization.ownUsernames,
  is_active: organization.isActive,
});
