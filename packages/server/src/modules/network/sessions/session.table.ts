import type { Instant, Json } from "../../../storage/column-values.ts";

declare module "../../../storage/tables.ts" {
  interface Tables {
    session: SessionTable;
    session_event: SessionEventTable;
  }
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
  /** The latest event reported, by the client's clock; `reported_at` and `last_seen_at` are by ours. */
  last_update_at: Instant;
  reported_at: Instant;
  last_seen_at: Instant;
  stop_at: Instant | null;
  closed_by: "stop" | "restart" | "reboot" | "stale" | "client" | "operator" | null;
  closed_at: Instant | null;
  terminate_cause: string | null;
  reported_seconds: number;
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
