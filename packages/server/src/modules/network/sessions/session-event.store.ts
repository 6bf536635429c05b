import { type Selectable, type SqlBool, sql } from "kysely";
import type { Page, PageRequest } from "../../../kernel/pagination.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import { readJson, writeJson } from "../../../storage/columns.ts";
import type { Handle } from "../../../storage/database.ts";
import { readRows } from "../../../storage/page-rows.ts";
import { listOf } from "../../../storage/paging.ts";
import { within } from "../../../storage/tenant-wall.ts";
import { write } from "../../../storage/verbs.ts";
import type { SessionEventTable } from "./session.table.ts";
import type { SessionEvent, SessionEventName } from "./session.ts";

export type SessionEventStore = ReturnType<ReturnType<typeof sessionEventStore>>;

export const sessionEventStore = () => (handle: Handle, scope: TenantScope | null) => ({
  /** Adds lines; their ids are taken here, so that they rise as things happened. */
  async append(events: readonly Omit<SessionEvent, "id">[]): Promise<void> {
    await write(handle, {
      insertInto: "session_event",
      rows: events.map((event) => ({
        name_space_id: event.namespaceId,
        organization_id: event.organizationId,
        session_id: event.sessionId,
        created_at: event.createdAtMs,
        event: event.event,
        actor: event.actor,
        detail: writeJson(event.detail),
      })),
      numberedBy: "session_event_id",
    });
  },

  /** The history of a session in sight, oldest first. */
  async list(session: SessionPlace, page: PageRequest): Promise<Page<SessionEvent>> {
    const found = await pageOfEvents(handle, { scope, filters: { id: session.id, namespaceId: session.namespaceId }, page });
    return readRows(found, toEvent);
  },
});

interface SessionPlace {
  readonly id: number;
  readonly namespaceId: number;
}

const pageOfEvents = listOf<SessionPlace, Selectable<SessionEventTable>>({
  table: "session_event",
  isShort: true,
  filtered: (rows, scope, { id, namespaceId }) =>
    rows.where("session_event.name_space_id", "=", namespaceId).where(sql<SqlBool>`session_event.session_id in (
      select session.id from session
      where session.name_space_id = ${namespaceId} and session.id = ${id} and ${within(scope, "session")})`),
  shown: (handle) => handle.selectFrom("session_event").selectAll("session_event"),
});

const toEvent = (row: Selectable<SessionEventTable>): SessionEvent => ({
  id: row.id,
  namespaceId: row.name_space_id,
  organizationId: row.organization_id,
  sessionId: row.session_id,
  createdAtMs: row.created_at,
  event: row.event as SessionEventName,
  actor: row.actor,
  detail: readJson<Record<string, unknown>>(row.detail),
});
