import type { Caller } from "../../../kernel/caller.ts";
import { type Change, verbOf } from "../../../kernel/change.ts";
import { timeOrderedId } from "../../../kernel/ids.ts";
import { writeJson } from "../../../storage/columns.ts";
import type { Handle } from "../../../storage/database.ts";
import { insertRows } from "../../../storage/statements.ts";

/**
 * Writes each change of a unit twice in its transaction: as a row of the audit trail, and as an event of the outbox
 * that names that row. Both are complete or neither is.
 */
export const writeTrail = async (handle: Handle, changes: readonly Change[], caller: Caller, nowMs: number): Promise<void> => {
  const entries = changes.map((change) => ({
    name_space_id: change.nameSpaceId,
    id: timeOrderedId(),
    organization_id: change.organizationId,
    created_at: nowMs,
    actor_kind: caller.actor.kind,
    actor_id: caller.actor.id,
    actor_name: caller.actor.name,
    operation: change.operation,
    resource: change.resource,
    resource_id: change.resourceId,
    before: change.before && writeJson(change.before),
    after: change.after && writeJson(change.after),
    request_id: caller.requestId,
    address: caller.address,
  }));
  await insertRows(handle, "audit_entry", entries);
  const events = changes.map((change, index) => ({
    name_space_id: change.nameSpaceId,
    id: timeOrderedId(),
    organization_id: change.organizationId,
    created_at: nowMs,
    event: `${change.resource}.${verbOf(change)}`,
    resource_id: change.resourceId,
    audit_entry_id: entries[index]!.id,
  }));
  await insertRows(handle, "outbox_event", events);
};
