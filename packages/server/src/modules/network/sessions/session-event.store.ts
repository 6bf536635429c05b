import { sql } from "kysely";
import type { Page, PageRequest } from "../../../kernel/pagination.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import { insertInChunks } from "../../../storage/chunks.ts";
import { readJson, writeJson } from "../../../storage/columns.ts";
import type { Capabilities, Handle } from "../../../storage/database.ts";
import { isIn, listPage } from "../../../storage/paging.ts";
import { within } from "../../../storage/tenant-wall.ts";

/** What can happen to a session beyond its reports. */
export const sessionEvents = [
  "closed",
  "reopened",
  "request_made",
  "request_sent",
  "request_acknowledged",
  "request_refused",
  "request_unanswered",
  "request_given_up",
] as const;
export type SessionEventName = (typeof sessionEvents)[number];

/** One line of a session's history. */
export interface SessionEvent {
  readonly id: number;
  readonly nameSpaceId: number;
  readonly organizationId: number;
  readonly sessionId: number;
  readonly createdAtMs: number;
  readonly event: SessionEventName;
  readonly actor: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

export type SessionEventStore = ReturnType<ReturnType<typeof sessionEventStoreOver>>;

export const sessionEventStoreOver = (capabilities: Capabilities) => (handle: Handle, scope: TenantScope | null) => ({
  /** Adds lines; their ids are taken here, so that they rise as things happened. */
  async append(events: readonly Omit<SessionEvent, "id">[]): Promise<void> {
    const ids = await capabilities.nextNumbers(handle, "session_event_id", events.length);
    await insertInChunks(
      handle,
      "session_event",
      events.map((event, index) => ({
        name_space_id: event.nameSpaceId,
        id: ids[index]!,
        organization_id: event.organizationId,
        session_id: event.sessionId,
        created_at: event.createdAtMs,
        event: event.event,
        actor: event.actor,
        detail: writeJson(event.detail),
      })),
    );
  },

  /** The history of a session in sight, oldest first. */
  list(session: { readonly id: number; readonly nameSpaceId: number }, page: PageRequest): Promise<Page<SessionEvent>> {
    const seen = handle
      .selectFrom("session")
      .select("session.id")
      .where("session.name_space_id", "=", session.nameSpaceId)
      .where("session.id", "=", session.id)
      .where(within(scope, "session"));
    return listPage(handle, {
      table: "session_event",
      page,
      filtered: handle
        .selectFrom("session_event")
        .where("session_event.name_space_id", "=", session.nameSpaceId)
        .where("session_event.session_id", "in", seen),
      load: async (ids) =>
        (
          await handle
            .selectFrom("session_event")
            .selectAll()
            .where("name_space_id", "=", session.nameSpaceId)
            .where(isIn(sql.ref("id"), ids))
            .execute()
        ).map((row) => ({
          id: row.id,
          nameSpaceId: row.name_space_id,
          organizationId: row.organization_id,
          sessionId: row.session_id,
          createdAtMs: row.created_at,
          event: row.event as SessionEventName,
          actor: row.actor,
          detail: readJson<Record<string, unknown>>(row.detail),
        })),
    });
  },
});
