import type { Generated } from "kysely";
import type { Instant, Json } from "./column-values.ts";

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
export interface SessionTable {
  name_space_id: number;
  id: number;
  organization_id: number;
  user_id: number | null;
  pseudonym: string | null;
  client_id: number;
  acct_session_id: string;
  /** The device in one spelling; empty where it is not named. */
  station: string;
  decision_id: number | null;
  /** Where its packets come from. */
  source_address: string | null;
  username: string | null;
  realm: string | null;
  nas_ip_address: string | null;
  nas_identifier: string | null;
  nas_port_id: string | null;
  nas_port_type: string | null;
  authentic: string | null;
  connect_info_start: string | null;
  connect_info_stop: string | null;
  called_station_id: string | null;
  calling_station_id: string | null;
  service_type: string | null;
  framed_protocol: string | null;
  framed_ip_address: string | null;
  framed_ipv6_address: string | null;
  framed_ipv6_prefix: string | null;
  framed_interface_id: string | null;
  delegated_ipv6_prefix: string | null;
  class: string | null;
  start_at: Instant;
  /** The latest event reported, by the client's clock; `marked_at` and `heard_at` are by ours. */
  last_update_at: Instant;
  marked_at: Instant;
  heard_at: Instant;
  stop_at: Instant | null;
  closed_by: "stop" | "restart" | "reboot" | "reaper" | "client" | "operator" | null;
  closed_at: Instant | null;
  terminate_cause: string | null;
  mark_seconds: number;
  input_octets: number;
  output_octets: number;
  /** Between the last two reports. */
  interval_seconds: number | null;
  /** Acct-Interim-Interval: how often the client was asked to report. */
  interim_seconds: number | null;
  /** When the client ends the session by itself. */
  timeout_at: Instant | null;
  burned_seconds: number;
  unbilled_seconds: number;
  /** The row of the time ledger that grows with it. */
  ledger_id: number | null;
}
export interface SessionEventTable {
  name_space_id: number;
  id: number;
  organization_id: number;
  session_id: number;
  created_at: Instant;
  event: string;
  actor: string;
  detail: Json;
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
/** Which node received a client's packets last. */
export interface ClientContactTable {
  name_space_id: number;
  client_id: number;
  node: string;
  heard_at: Instant;
}
