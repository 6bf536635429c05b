import type { Instant, Json } from "../../../storage/column-values.ts";

declare module "../../../storage/tables.ts" {
  interface Tables {
    access_decision: AccessDecisionTable;
    reservation: ReservationTable;
    client_contact: ClientContactTable;
  }
}

export interface AccessDecisionTable {
  name_space_id: number;
  id: number;
  organization_id: number;
  created_at: Instant;
  client_id: number | null;
  user_id: number | null;
  username: string | null;
  calling_station: string | null;
  source: "radius" | "freeradius" | "app";
  outcome: "accept" | "reject";
  reason: string | null;
  session_timeout: number | null;
  trace: Json;
  reply: Json;
}

/** The place of a device that was accepted, until its session starts or a minute is over. */
export interface ReservationTable {
  name_space_id: number;
  user_id: number;
  client_id: number;
  /** The device; where it is not named, a name that no other request has. */
  station: string;
  decision_id: number;
  expires_at: Instant;
  interim_seconds: number | null;
  timeout_seconds: number | null;
}

/** Which node received a client's packets last. */
export interface ClientContactTable {
  name_space_id: number;
  client_id: number;
  node: string;
  last_seen_at: Instant;
}
