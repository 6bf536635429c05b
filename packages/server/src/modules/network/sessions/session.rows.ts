import type { Selectable, Updateable } from "kysely";
import type { Closer } from "../../../aaa/accounting/known-session.ts";
import type { SessionDescription } from "../../../aaa/words/accounting-record.ts";
import type { SessionTable } from "./session.table.ts";
import type { Session } from "./session.ts";

/** The session of a row. */
export const toSession = (row: Selectable<SessionTable>): Session => ({
  id: row.id,
  namespaceId: row.name_space_id,
  organizationId: row.organization_id,
  userId: row.user_id,
  pseudonym: row.pseudonym,
  clientId: row.client_id,
  acctSessionId: row.acct_session_id,
  station: row.station,
  decisionId: row.decision_id,
  sourceAddress: row.source_address,
  username: row.username,
  realm: row.realm,
  nasIpAddress: row.nas_ip_address,
  nasIdentifier: row.nas_identifier,
  nasPortId: row.nas_port_id,
  nasPortType: row.nas_port_type,
  authentic: row.authentic,
  connectInfoStart: row.connect_info_start,
  connectInfoStop: row.connect_info_stop,
  calledStationId: row.called_station_id,
  callingStationId: row.calling_station_id,
  serviceType: row.service_type,
  framedProtocol: row.framed_protocol,
  framedIpAddress: row.framed_ip_address,
  framedIpv6Address: row.framed_ipv6_address,
  framedIpv6Prefix: row.framed_ipv6_prefix,
  framedInterfaceId: row.framed_interface_id,
  delegatedIpv6Prefix: row.delegated_ipv6_prefix,
  class: row.class,
  startMs: row.start_at,
  lastUpdateMs: row.last_update_at,
  reportedAtMs: row.reported_at,
  lastSeenAtMs: row.last_seen_at,
  stopMs: row.stop_at,
  closedBy: row.closed_by,
  closedAtMs: row.closed_at,
  terminateCause: row.terminate_cause,
  reportedSeconds: row.reported_seconds,
  inputOctets: row.input_octets,
  outputOctets: row.output_octets,
  intervalSeconds: row.interval_seconds,
  interimSeconds: row.interim_seconds,
  timeoutAtMs: row.timeout_at,
  burnedSeconds: row.burned_seconds,
  unbilledSeconds: row.unbilled_seconds,
  ledgerId: row.ledger_id,
});

/** How equipment describes a session, as columns. */
const descriptionColumns = (description: SessionDescription) => ({
  username: description.username,
  realm: description.realm,
  nas_ip_address: description.nasIpAddress,
  nas_identifier: description.nasIdentifier,
  nas_port_id: description.nasPortId,
  nas_port_type: description.nasPortType,
  authentic: description.authentic,
  connect_info_start: description.connectInfoStart,
  connect_info_stop: description.connectInfoStop,
  called_station_id: description.calledStationId,
  calling_station_id: description.callingStationId,
  service_type: description.serviceType,
  framed_protocol: description.framedProtocol,
  framed_ip_address: description.framedIpAddress,
  framed_ipv6_address: description.framedIpv6Address,
  framed_ipv6_prefix: description.framedIpv6Prefix,
  framed_interface_id: description.framedInterfaceId,
  delegated_ipv6_prefix: description.delegatedIpv6Prefix,
  class: description.class,
});

/** What is erased from a session when its user is deleted: name, device and addresses. */
export const namelessColumns = {
  username: null,
  station: "",
  connect_info_start: null,
  connect_info_stop: null,
  calling_station_id: null,
  framed_ip_address: null,
  framed_ipv6_address: null,
  framed_ipv6_prefix: null,
  framed_interface_id: null,
  delegated_ipv6_prefix: null,
  class: null,
} as const;

/** What equipment may report later: addresses come late, and Connect-Info about the end comes with the end. */
export const lateAttributes = [
  "framedIpAddress",
  "framedIpv6Address",
  "framedIpv6Prefix",
  "framedInterfaceId",
  "delegatedIpv6Prefix",
  "connectInfoStop",
] as const;

const revisable = {
  framedIpAddress: "framed_ip_address",
  framedIpv6Address: "framed_ipv6_address",
  framedIpv6Prefix: "framed_ipv6_prefix",
  framedInterfaceId: "framed_interface_id",
  delegatedIpv6Prefix: "delegated_ipv6_prefix",
  connectInfoStop: "connect_info_stop",
  sourceAddress: "source_address",
  lastUpdateMs: "last_update_at",
  reportedAtMs: "reported_at",
  lastSeenAtMs: "last_seen_at",
  reportedSeconds: "reported_seconds",
  inputOctets: "input_octets",
  outputOctets: "output_octets",
  intervalSeconds: "interval_seconds",
  burnedSeconds: "burned_seconds",
  unbilledSeconds: "unbilled_seconds",
  ledgerId: "ledger_id",
  stopMs: "stop_at",
  closedBy: "closed_by",
  closedAtMs: "closed_at",
  terminateCause: "terminate_cause",
  decisionId: "decision_id",
  interimSeconds: "interim_seconds",
  timeoutAtMs: "timeout_at",
} as const satisfies Partial<Record<keyof Session, keyof SessionTable>>;

/** What a report may change of a session: never whose it is, nor where it belongs. */
export type SessionRevision = Partial<Pick<Session, keyof typeof revisable>>;

/** The columns that a revision names. */
export const revisionColumns = (revision: SessionRevision): Updateable<SessionTable> =>
  Object.fromEntries(
    (Object.keys(revision) as (keyof SessionRevision)[]).map((name) => [revisable[name], revision[name]]),
  ) as Updateable<SessionTable>;

/** How a session is closed without a Stop: by whom, when and why. */
export interface Ending {
  readonly closedBy: Exclude<Closer, "stop">;
  readonly closedAtMs: number;
  readonly terminateCause: string;
}

/** A session as a row. */
export const toRow = (session: Session): Selectable<SessionTable> => ({
  name_space_id: session.namespaceId,
  id: session.id,
  organization_id: session.organizationId,
  user_id: session.userId,
  pseudonym: session.pseudonym,
  client_id: session.clientId,
  acct_session_id: session.acctSessionId,
  station: session.station,
  decision_id: session.decisionId,
  source_address: session.sourceAddress,
  ...descriptionColumns(session),
  start_at: session.startMs,
  last_update_at: session.lastUpdateMs,
  reported_at: session.reportedAtMs,
  last_seen_at: session.lastSeenAtMs,
  stop_at: session.stopMs,
  closed_by: session.closedBy,
  closed_at: session.closedAtMs,
  terminate_cause: session.terminateCause,
  reported_seconds: session.reportedSeconds,
  input_octets: session.inputOctets,
  output_octets: session.outputOctets,
  interval_seconds: session.intervalSeconds,
  interim_seconds: session.interimSeconds,
  timeout_at: session.timeoutAtMs,
  burned_seconds: session.burnedSeconds,
  unbilled_seconds: session.unbilledSeconds,
  ledger_id: session.ledgerId,
});
