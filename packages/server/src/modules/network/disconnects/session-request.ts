import type { Selectable } from "kysely";
import type { SessionRequestTable } from "../../../storage/network-tables.ts";

/** What is to be asked of a client about a session. */
export interface SessionRequest {
  readonly id: number;
  readonly nameSpaceId: number;
  readonly organizationId: number;
  readonly sessionId: number;
  readonly clientId: number;
  readonly kind: "disconnect" | "change";
  readonly reason: string;
  readonly actor: string;
  readonly createdAtMs: number;
  readonly dueAtMs: number;
  readonly attempts: number;
  readonly finishedAtMs: number | null;
  readonly outcome: string | null;
}

/** A request that nobody has asked yet. */
export type NewRequest = Omit<SessionRequest, "id" | "attempts" | "finishedAtMs" | "outcome">;

/** A request as its row tells it. */
export const toRequest = (row: Selectable<SessionRequestTable>): SessionRequest => ({
  id: row.id,
  nameSpaceId: row.name_space_id,
  organizationId: row.organization_id,
  sessionId: row.session_id,
  clientId: row.client_id,
  kind: row.kind,
  reason: row.reason,
  actor: row.actor,
  createdAtMs: row.created_at,
  dueAtMs: row.due_at,
  attempts: row.attempts,
  finishedAtMs: row.finished_at,
  outcome: row.outcome,
});
