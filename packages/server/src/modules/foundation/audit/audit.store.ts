import type { Image } from "../../../kernel/change.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import { readJson, writeJson } from "../../../storage/columns.ts";
import type { Handle } from "../../../storage/database.ts";
import { within } from "../../../storage/tenant-wall.ts";

export type AuditStore = ReturnType<typeof createAuditStore>;

const rowsAtOnce = 200;

/** The audit trail as it is read. Nothing changes it but the taking out of secrets that an older version wrote into it. */
export const createAuditStore = (handle: Handle, scope: TenantScope | null) => ({
  /** Writes the images of one kind of resource anew, in steps by id; returns where to go on, undefined at the end. */
  async rewriteImages(resource: string, afterId: string, rewrite: (image: Image) => Image): Promise<string | undefined> {
    const rows = await handle
      .selectFrom("audit_entry")
      .select(["name_space_id", "id", "before", "after"])
      .where("resource", "=", resource)
      .where("id", ">", afterId)
      .where(within(scope, "audit_entry"))
      .orderBy("id")
      .limit(rowsAtOnce)
      .execute();
    for (const row of rows) {
      const [before, after] = [row.before, row.after].map((text) => text && writeJson(rewrite(readJson<Image>(text))));
      if (before === row.before && after === row.after) continue;
      await handle
        .updateTable("audit_entry")
        .set({ before: before ?? null, after: after ?? null })
        .where("name_space_id", "=", row.name_space_id)
        .where("id", "=", row.id)
        .execute();
    }
    return rows.length < rowsAtOnce ? undefined : rows.at(-1)!.id;
  },
});
