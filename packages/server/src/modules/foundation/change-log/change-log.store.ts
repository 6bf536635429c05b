import type { Caller } from "../../../kernel/caller.ts";
import { type Change, type Image, verbOf } from "../../../kernel/change.ts";
import { timeOrderedId } from "../../../kernel/ids.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import { readJson, writeJson } from "../../../storage/columns.ts";
import type { Handle } from "../../../storage/database.ts";
import { within } from "../../../storage/tenant-wall.ts";
import { write } from "../../../storage/verbs.ts";

export type ChangeLogStore = ReturnType<ReturnType<typeof changeLogStore>>;

const rowsAtOnce = 200;

/** The log of changes: the audit trail with the outbox. Nothing changes a row but the removal of secrets that an older version wrote. */
export const changeLogStore = () => (handle: Handle, scope: TenantScope | null) => ({
  /** Writes each change twice: as a row of the audit trail, and as an event of the outbox that names that row. */
  async append(changes: readonly Change[], { actor, requestId, address }: Caller, nowMs: number): Promise<void> {
    const entries = changes.map((change) => ({
      name_space_id: change.namespaceId,
      id: timeOrderedId(),
      organization_id: change.organizationId,
      created_at: nowMs,
      actor_kind: actor.kind,
      actor_id: actor.id,
      actor_name: actor.name,
      operation: change.operation,
      resource: change.resource,
      resource_id: change.resourceId,
      before: change.before && writeJson(change.before),
      after: change.after && writeJson(change.after),
      request_id: requestId,
      address,
    }));
    await write(handle, { insertInto: "audit_entry", rows: entries });
    const events = changes.map((change, index) => ({
      name_space_id: change.namespaceId,
      id: timeOrderedId(),
      organization_id: change.organizationId,
      created_at: nowMs,
      event: `${change.resource}.${verbOf(change)}`,
      resource_id: change.resourceId,
      audit_entry_id: entries[index]!.id,
    }));
    await write(handle, { insertInto: "outbox_event", rows: events });
  },

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
