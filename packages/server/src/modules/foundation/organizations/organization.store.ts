import { type Selectable, type SqlBool, sql } from "kysely";
import { DomainError } from "../../../kernel/errors.ts";
import { foldText } from "../../../kernel/folded-text.ts";
import { timeOrderedId } from "../../../kernel/ids.ts";
import type { Page, PageRequest } from "../../../kernel/pagination.ts";
import { sees, type TenantScope } from "../../../kernel/tenant-scope.ts";
import { readJson, writeJson } from "../../../storage/columns.ts";
import { ConstraintViolation, type Handle } from "../../../storage/database.ts";
import { readRows } from "../../../storage/page-rows.ts";
import { listOf } from "../../../storage/paging.ts";
import { within } from "../../../storage/tenant-wall.ts";
import { imageOfRules, rulesOfImage } from "./login-rule.ts";
import type { OrganizationTable } from "./organization.table.ts";
import type { Organization } from "./organization.ts";
import type { OrganizationNode } from "./organization-tree.ts";

/** The fact of the installation that every change of an organization moves. */
const revisionName = "organization_revision";

/** What lists of organizations are narrowed by; all that are given must fit. */
export interface OrganizationFilters {
  readonly id?: number;
  readonly namePart?: string;
  readonly parentId?: number;
  readonly isActive?: boolean;
  readonly changedSinceMs?: number;
}

export type OrganizationStore = ReturnType<ReturnType<typeof organizationStore>>;

const patternOf = (namePart: string): string => `%${foldText(namePart).replace(/[!%_]/g, (character) => `!${character}`)}%`;

type ListFilters = Omit<OrganizationFilters, "namePart"> & { readonly namePattern?: string };

/** The organizations of a scope: the wall stands around the organization itself. */
const pageOfOrganizations = listOf<ListFilters, Selectable<OrganizationTable>>({
  table: "organization",
  isShort: true,
  filtered(rows, scope, { id, parentId, isActive, changedSinceMs, namePattern }) {
    let fitting = rows.where(within(scope, "organization", "id"));
    if (id !== undefined) fitting = fitting.where("organization.id", "=", id);
    if (parentId !== undefined) fitting = fitting.where("organization.parent_id", "=", parentId);
    if (isActive !== undefined) fitting = fitting.where(sql<SqlBool>`organization.is_active = ${sql.lit(isActive)}`);
    if (changedSinceMs !== undefined) fitting = fitting.where("organization.last_change", ">=", changedSinceMs);
    return namePattern === undefined ? fitting : fitting.where(sql<SqlBool>`organization.name_key like ${namePattern} escape '!'`);
  },
  shown: (handle) => handle.selectFrom("organization").selectAll("organization"),
});

export const organizationStore = () => (handle: Handle, scope: TenantScope | null) => ({
  async find(id: number): Promise<Organization | undefined> {
    const row = await handle.selectFrom("organization").selectAll().where("id", "=", id).executeTakeFirst();
    return row && (scope === null || sees(scope, row.id)) ? toOrganization(row) : undefined;
  },

  /** Who below an organization has a slug: in sight or not, for it tells siblings apart. */
  async slugHolder(parentId: number, slug: string): Promise<number | undefined> {
    const row = await handle
      .selectFrom("organization")
      .select("id")
      .where("parent_id", "=", parentId)
      .where("slug", "=", slug)
      .executeTakeFirst();
    return row?.id;
  },

  async list(filters: OrganizationFilters, page: PageRequest): Promise<Page<Organization>> {
    const { namePart, ...others } = filters;
    const found = await pageOfOrganizations(handle, {
      scope,
      filters: namePart === undefined || namePart === "" ? others : { ...others, namePattern: patternOf(namePart) },
      page,
    });
    return readRows(found, toOrganization);
  },

  /** Every organization, as the tree knows it. */
  async listNodes(): Promise<OrganizationNode[]> {
    const rows = await handle
      .selectFrom("organization")
      .select(["id", "name_space_id", "parent_id", "slug", "is_active", "reversible_secrets", "min_password_length"])
      .select(["login_rules", "version"])
      .where(within(scope, "organization", "id"))
      .orderBy("id")
      .execute();
    return rows.map((row) => ({
      id: row.id,
      namespaceId: row.name_space_id,
      parentId: row.parent_id,
      slug: row.slug,
      isActive: Boolean(row.is_active),
      reversibleSecrets: Boolean(row.reversible_secrets),
      minPasswordLength: row.min_password_length,
      loginRules: rulesOfImage(readJson(row.login_rules)),
      version: row.version,
    }));
  },

  /** A value that is another one after each change of an organization, in sight or not. */
  async findRevision(): Promise<string | undefined> {
    const row = await handle.selectFrom("installation").select("value").where("name", "=", revisionName).executeTakeFirst();
    return row?.value;
  },

  /**
   * Keeps the tree from changing until the unit ends: call it before reading what a change depends on. Otherwise two
   * moves at once could put two organizations below each other, or one below an organization that is being deleted.
   */
  async lockTree(): Promise<void> {
    await writeRevision(handle, timeOrderedId());
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
      .where("name_space_id", "=", organization.namespaceId)
      .where("id", "=", organization.id)
      .where(within(scope, "organization", "id"))
      .execute();
    await writeRevision(handle, timeOrderedId());
  },

  /** Deletes an organization that nothing belongs to any more. Throws `organization.in_use` when something still does. */
  async delete(organization: Organization): Promise<void> {
    try {
      await handle
        .deleteFrom("organization")
        .where("name_space_id", "=", organization.namespaceId)
        .where("id", "=", organization.id)
        .where(within(scope, "organization", "id"))
        .execute();
    } catch (error) {
      if (!(error instanceof ConstraintViolation) || !error.isReference) throw error;
      throw new DomainError("organization.in_use", "Other records still belong to the organization.", { cause: error });
    }
    await writeRevision(handle, timeOrderedId());
  },
});

/** Moves the revision, inside the unit that changes an organization. */
const writeRevision = async (handle: Handle, revision: string): Promise<void> => {
  await handle
    .insertInto("installation")
    .values({ name: revisionName, value: revision })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ value: revision }))
    .execute();
};

const toRow = (organization: Organization) => ({
  name_space_id: organization.namespaceId,
  id: organization.id,
  parent_id: organization.parentId,
  slug: organization.slug,
  name: organization.name,
  name_key: foldText(organization.name),
  description: organization.description,
  own_usernames: organization.ownUsernames,
  reversible_secrets: organization.reversibleSecrets,
  min_password_length: organization.minPasswordLength,
  login_rules: writeJson(imageOfRules(organization.loginRules)),
  is_active: organization.isActive,
  created_at: organization.createdAtMs,
  last_change: organization.lastChangeMs,
  version: organization.version,
});

const toOrganization = (row: Selectable<OrganizationTable>): Organization => ({
  id: row.id,
  namespaceId: row.name_space_id,
  parentId: row.parent_id,
  slug: row.slug,
  name: row.name,
  description: row.description,
  ownUsernames: Boolean(row.own_usernames),
  reversibleSecrets: Boolean(row.reversible_secrets),
  minPasswordLength: row.min_password_length,
  loginRules: rulesOfImage(readJson(row.login_rules)),
  isActive: Boolean(row.is_active),
  createdAtMs: row.created_at,
  lastChangeMs: row.last_change,
  version: row.version,
});
