import { type Selectable, sql } from "kysely";
import { DomainError } from "../../../kernel/errors.ts";
import { boundedCount, type Count, countBound, type Page, type PageRequest } from "../../../kernel/pagination.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import { readJson, writeJson } from "../../../storage/columns.ts";
import { type Capabilities, ConstraintViolation, type Handle } from "../../../storage/database.ts";
import { isIn } from "../../../storage/in-list.ts";
import { readRows } from "../../../storage/page-rows.ts";
import { listOf } from "../../../storage/paging.ts";
import { seenRow, within } from "../../../storage/tenant-wall.ts";
import type { SecretBox } from "../../foundation/keys/index.ts";
import type { OrganizationTree } from "../../foundation/organizations/index.ts";
import type { AaaProfileTable } from "./aaa-profile.table.ts";
import type { AaaProfile } from "./aaa-profile.ts";
import type { AttributeNaming } from "./attribute-lists.ts";
import { openSecrets, type SecretCheck, type StoredAttribute, sealSecrets } from "./secret-attributes.ts";

/** An AAA profile that a short name stands for. */
export interface ProfileReference {
  readonly namespaceId: number;
  readonly id: number;
}

/** What short names stand for at one organization. */
export type NamedProfiles = ReadonlyMap<string, ProfileReference>;

/** What lists of profiles are narrowed by; all that are given must fit. */
export interface AaaProfileFilters {
  readonly organization?: { readonly id: number; readonly namespaceId: number };
  readonly shortName?: string | undefined;
  readonly changedSinceMs?: number | undefined;
}

export type AaaProfileStore = ReturnType<ReturnType<typeof aaaProfileStore>>;

const pageOfProfiles = listOf<AaaProfileFilters, Selectable<AaaProfileTable>>({
  table: "aaa_profile",
  isShort: true,
  filtered(rows, scope, { organization, shortName, changedSinceMs }) {
    let fitting = rows.where(within(scope, "aaa_profile"));
    if (organization !== undefined) {
      fitting = fitting
        .where("aaa_profile.name_space_id", "=", organization.namespaceId)
        .where("aaa_profile.organization_id", "=", organization.id);
    }
    if (shortName !== undefined) fitting = fitting.where("aaa_profile.short_name", "=", shortName);
    return changedSinceMs === undefined ? fitting : fitting.where("aaa_profile.last_change", ">=", changedSinceMs);
  },
  shown: (handle) => handle.selectFrom("aaa_profile").selectAll("aaa_profile"),
});

export interface AaaProfileStoreNeeds {
  readonly capabilities: Capabilities;
  readonly secretBox: SecretBox;
  readonly isSecretAttribute: SecretCheck;
  readonly nameAttribute: AttributeNaming;
}

export const aaaProfileStore = ({ capabilities, secretBox, isSecretAttribute, nameAttribute }: AaaProfileStoreNeeds) => {
  const { toRow, toProfile } = rowsOf(secretBox, isSecretAttribute, nameAttribute);
  return (handle: Handle, scope: TenantScope | null) => ({
    async find(id: number): Promise<AaaProfile | undefined> {
      const row = await handle.selectFrom("aaa_profile").selectAll().where("id", "=", id).executeTakeFirst();
      return toProfile(seenRow(scope, row));
    },

    /** The profiles of these ids that are in sight, in any order. */
    async findMany(ids: readonly number[]): Promise<AaaProfile[]> {
      const rows = await handle
        .selectFrom("aaa_profile")
        .selectAll()
        .where(isIn(sql.ref("id"), ids))
        .where(within(scope, "aaa_profile"))
        .execute();
      return rows.map((row) => toProfile(row)!);
    },

    /** The profile, kept from changing, and from being given to an account, until the unit ends. */
    async lock(id: number): Promise<AaaProfile | undefined> {
      let query = handle.selectFrom("aaa_profile").selectAll().where("id", "=", id);
      if (capabilities.needsRowLocks) query = query.forUpdate();
      return toProfile(seenRow(scope, await query.executeTakeFirst()));
    },

    async list(filters: AaaProfileFilters, page: PageRequest): Promise<Page<AaaProfile>> {
      const found = await pageOfProfiles(handle, { scope, filters, page });
      return readRows(found, (row) => toProfile(row)!);
    },

    /**
     * Finds the AAA profiles that short names stand for at organizations: their own, or the nearest above them. Profiles
     * above are found whatever the caller sees, for an account may use what its organization inherits. One query for all.
     */
    async resolveNames(tree: OrganizationTree, wanted: ReadonlyMap<number, ReadonlySet<string>>): Promise<Map<number, NamedProfiles>> {
      const lines = new Map([...wanted].flatMap(([id, names]) => (names.size === 0 ? [] : [[id, tree.lineOf(id)]])));
      const found = new Map<number, Map<string, ProfileReference>>();
      if (lines.size === 0) return found;
      const nodes = [...lines.values()].flat();
      const rows = await handle
        .selectFrom("aaa_profile")
        .select(["name_space_id", "id", "organization_id", "short_name"])
        .where(isIn(sql.ref("name_space_id"), [...new Set(nodes.map((node) => node.namespaceId))]))
        .where(isIn(sql.ref("organization_id"), [...new Set(nodes.map((node) => node.id))]))
        .where(isIn(sql.ref("short_name"), [...new Set([...wanted.values()].flatMap((names) => [...names]))]))
        .execute();
      const byPlace = Map.groupBy(rows, (row) => row.organization_id);
      for (const [organizationId, line] of lines) {
        const nearest = new Map<string, ProfileReference>();
        for (const row of line.flatMap((node) => byPlace.get(node.id) ?? [])) {
          if (!nearest.has(row.short_name)) nearest.set(row.short_name, { namespaceId: row.name_space_id, id: row.id });
        }
        found.set(organizationId, nearest);
      }
      return found;
    },

    /** Which profile of an organization has a short name; undefined when it is free. */
    async shortNameHolder(namespaceId: number, organizationId: number, shortName: string): Promise<number | undefined> {
      const row = await handle
        .selectFrom("aaa_profile")
        .select("id")
        .where("name_space_id", "=", namespaceId)
        .where("organization_id", "=", organizationId)
        .where("short_name", "=", shortName)
        .executeTakeFirst();
      return row?.id;
    },

    /** How many accounts carry a profile of the scope, in sight or not: organizations below may have namespaces of their own. */
    async countUsers(profile: ProfileReference): Promise<Count> {
      const users = handle
        .selectFrom("user_profile")
        .innerJoin("aaa_profile", (join) =>
          join
            .onRef("aaa_profile.name_space_id", "=", "user_profile.profile_name_space_id")
            .onRef("aaa_profile.id", "=", "user_profile.profile_id"),
        )
        .select(sql`1`.as("one"))
        .where("user_profile.profile_name_space_id", "=", profile.namespaceId)
        .where("user_profile.profile_id", "=", profile.id)
        .where(within(scope, "aaa_profile"))
        .limit(countBound + 1);
      const { rows } = await sql<{ found: number }>`select count(*) as found from ${users} as users`.execute(handle);
      return boundedCount(rows[0]!.found);
    },

    async insert(profile: AaaProfile): Promise<void> {
      await handle.insertInto("aaa_profile").values(toRow(profile)).execute();
    },

    async update(profile: AaaProfile): Promise<void> {
      const { name_space_id: _, id: __, ...columns } = toRow(profile);
      await handle
        .updateTable("aaa_profile")
        .set(columns)
        .where("name_space_id", "=", profile.namespaceId)
        .where("id", "=", profile.id)
        .where(within(scope, "aaa_profile"))
        .execute();
    },

    /** Deletes a profile that no account carries. Throws `aaa_profile.in_use` when one does. */
    async delete(profile: ProfileReference): Promise<void> {
      try {
        await handle
          .deleteFrom("aaa_profile")
          .where("name_space_id", "=", profile.namespaceId)
          .where("id", "=", profile.id)
          .where(within(scope, "aaa_profile"))
          .execute();
      } catch (error) {
        if (!(error instanceof ConstraintViolation) || !error.isReference) throw error;
        throw new DomainError("aaa_profile.in_use", "Accounts still carry the AAA profile.", { cause: error });
      }
    },

    /** Seals the secrets of profiles that were stored before secrets were sealed; how many there were. */
    async sealStored(): Promise<number> {
      const rows = await handle.selectFrom("aaa_profile").selectAll().where(within(scope, "aaa_profile")).execute();
      let sealed = 0;
      for (const row of rows) {
        const { check_attributes, reply_attributes } = toRow(toProfile(row)!);
        const hasOpenSecret = [row.check_attributes, row.reply_attributes].some((text) =>
          readJson<StoredAttribute[]>(text).some((item) => "value" in item && isSecretAttribute(item.attribute, item.value)),
        );
        if (!hasOpenSecret) continue;
        sealed += 1;
        await handle
          .updateTable("aaa_profile")
          .set({ check_attributes, reply_attributes })
          .where("name_space_id", "=", row.name_space_id)
          .where("id", "=", row.id)
          .execute();
      }
      return sealed;
    },
  });
};

const placeOf = (list: "check" | "reply", { namespaceId, id }: ProfileReference): string => `aaa_profile.${list}/${namespaceId}/${id}`;

/**
 * How a profile becomes a row and a row a profile: its secrets are sealed in the database. What an earlier version stored by
 * numbers is read by its name.
 */
const rowsOf = (box: SecretBox, isSecret: SecretCheck, nameAttribute: AttributeNaming) => {
  const readList = (text: string, place: string) => openSecrets(readJson<StoredAttribute[]>(text), place, box).map(nameAttribute);

  const toRow = (profile: AaaProfile) => ({
    name_space_id: profile.namespaceId,
    id: profile.id,
    organization_id: profile.organizationId,
    short_name: profile.shortName,
    name: profile.name,
    description: profile.description,
    check_attributes: writeJson(sealSecrets(profile.check, placeOf("check", profile), box, isSecret)),
    reply_attributes: writeJson(sealSecrets(profile.reply, placeOf("reply", profile), box, isSecret)),
    created_at: profile.createdAtMs,
    last_change: profile.lastChangeMs,
    version: profile.version,
  });

  const toProfile = (row: Selectable<AaaProfileTable> | undefined): AaaProfile | undefined =>
    row && {
      id: row.id,
      namespaceId: row.name_space_id,
      organizationId: row.organization_id,
      shortName: row.short_name,
      name: row.name,
      description: row.description,
      check: readList(row.check_attributes, placeOf("check", referenceOf(row))),
      reply: readList(row.reply_attributes, placeOf("reply", referenceOf(row))),
      createdAtMs: row.created_at,
      lastChangeMs: row.last_change,
      version: row.version,
    };
  return { toRow, toProfile };
};

const referenceOf = (row: Selectable<AaaProfileTable>): ProfileReference => ({ namespaceId: row.name_space_id, id: row.id });
