import { sql } from "kysely";
import type { Image } from "../../../kernel/change.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import { writeJson } from "../../../storage/columns.ts";
import type { Handle } from "../../../storage/database.ts";
import { isIn } from "../../../storage/paging.ts";
import type { OrganizationTree } from "../../foundation/organizations/index.ts";

/** An AAA profile that a short name stands for. */
export interface ProfileReference {
  readonly nameSpaceId: number;
  readonly id: number;
}

/** One RADIUS attribute of a profile, with FreeRADIUS' operator. */
export interface ProfileAttribute {
  readonly attribute: string;
  readonly op: string;
  readonly value: string;
}

export interface AaaProfile {
  readonly id: number;
  readonly nameSpaceId: number;
  readonly organizationId: number;
  readonly shortName: string;
  readonly name: string;
  readonly description: string | null;
  readonly check: readonly ProfileAttribute[];
  readonly reply: readonly ProfileAttribute[];
  readonly createdAtMs: number;
  readonly lastChangeMs: number;
  readonly version: number;
}

export type AaaProfileStore = ReturnType<typeof createAaaProfileStore>;

export const createAaaProfileStore = (handle: Handle, _scope: TenantScope | null) => ({
  /**
   * Finds the AAA profiles that short names stand for at an organization: its own, or the nearest above it. Profiles
   * above are found whatever the caller sees, for an account may use what its organization inherits.
   */
  async resolveNames(tree: OrganizationTree, organizationId: number, names: readonly string[]): Promise<Map<string, ProfileReference>> {
    const found = new Map<string, ProfileReference>();
    if (names.length === 0) return found;
    const line = tree.lineOf(organizationId);
    const ids = line.map((node) => node.id);
    const rows = await handle
      .selectFrom("aaa_profile")
      .select(["name_space_id", "id", "organization_id", "short_name"])
      .where(isIn(sql.ref("name_space_id"), [...new Set(line.map((node) => node.nameSpaceId))]))
      .where(isIn(sql.ref("organization_id"), ids))
      .where(isIn(sql.ref("short_name"), [...new Set(names)]))
      .execute();
    for (const row of rows.sort((a, b) => ids.indexOf(a.organization_id) - ids.indexOf(b.organization_id))) {
      if (!found.has(row.short_name)) found.set(row.short_name, { nameSpaceId: row.name_space_id, id: row.id });
    }
    return found;
  },

  async insert(profile: AaaProfile): Promise<void> {
    await handle
      .insertInto("aaa_profile")
      .values({
        name_space_id: profile.nameSpaceId,
        id: profile.id,
        organization_id: profile.organizationId,
        short_name: profile.shortName,
        name: profile.name,
        description: profile.description,
        check_attributes: writeJson(profile.check),
        reply_attributes: writeJson(profile.reply),
        created_at: profile.createdAtMs,
        last_change: profile.lastChangeMs,
        version: profile.version,
      })
      .execute();
  },
});

/** The profile as the audit trail keeps it. */
export const imageOfProfile = (profile: AaaProfile): Image => ({
  organization: profile.organizationId,
  short_name: profile.shortName,
  name: profile.name,
  description: profile.description,
  check: profile.check,
  reply: profile.reply,
});
