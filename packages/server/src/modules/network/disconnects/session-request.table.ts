import type { Generated } from "kysely";
import type { Instant } from "../../../storage/column-values.ts";

declare module "../../../storage/tables.ts" {
  interface Tables {
    session_deadline: SessionDeadlineTable;
    session_request: SessionRequestTable;
  }
}

/** When the sessions of a user must end, unless something changes. */
export interface SessionDeadlineTable {
  name_space_id: number;
  user_id: number;
  due_at: Instant;
  /** The account's organization when the deadline was planned: who pays for ending its sessions. */
  organization_id: Generated<number>;
}

/** What is to be asked of a client about a session: to end it, or to change its Session-Timeout. */
export interface SessionRequestTable {
  name_space_id: number;
  id: number;
  organization_id: number;
  session_id: number;
  client_id: number;
  kind: "disconnect" | "coa";
  reason: string;
  actor: string;
  created_at: Instant;
  due_at: Instant;
  attempts: number;
  /** By the database's clock, as leases are. */
  claimed_until: Instant | null;
  finished_at: Instant | null;
  outcome: string | null;
}
