import type { Selectable, Updateable } from "kysely";
import type { SessionTable } from "../../../storage/network-tables.ts";
import type { Session, SessionDescription } from "./session.ts";

/** A session as its row says. */
export const toSession = (row: Selectable<SessionTable>): Session => ({
  id: row.id,
  nameSpaceId: row.name_space_id,
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
  reportedAtMs: row.marked_at,
  lastSeenAtMs: row.heard_at,
  stopMs: row.stop_at,
  closedBy: row.closed_by,
  closedAtMs: row.closed_at,
  terminateCause: row.terminate_cause,
  reportedSeconds: row.mark_seconds,
  inputOctets: row.input_octets,
  outputOctets: row.output_octets,
  intervalSeconds: row.interval_seconds,
  interimSeconds: row.interim_seconds,
  timeoutAtMs: row.timeout_at,
  burnedSeconds: row.burned_seconds,
  unbilledSeconds: row.unbilled_seconds,
  ledgerId: row.ledger_id,
});

/** What equipment tells, as columns. */
export const descriptionColumns = (told: SessionDescription) => ({
  username: told.username,
  realm: told.realm,
  nas_ip_address: told.nasIpAddress,
  nas_identifier: told.nasIdentifier,
  nas_port_id: told.nasPortId,
  nas_port_type: told.nasPortType,
  authentic: told.authentic,
  connect_info_start: told.connectInfoStart,
  connect_info_stop: told.connectInfoStop,
  called_station_id: told.calledStationId,
  calling_station_id: told.callingStationId,
  service_type: told.serviceType,
  framed_protocol: told.framedProtocol,
  framed_ip_address: told.framedIpAddress,
  framed_ipv6_address: told.framedIpv6Address,
  framed_ipv6_prefix: told.framedIpv6Prefix,
  framed_interface_id: told.framedInterfaceId,
  delegated_ipv6_prefix: told.delegatedIpv6Prefix,
  class: told.class,
});

/** What of a session is kept when its user is deleted: no name, no device, no address. */
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

/** What a report may change of a session: never whose it is, nor where it belongs. */
export type SessionRevision = Partial<
  Pick<
    Session,
    | (typeof toldLate)[number]
    | "sourceAddress"
    | "lastUpdateMs"
    | "reportedAtMs"
    | "lastSeenAtMs"
    | "reportedSeconds"
    | "inputOctets"
    | "outputOctets"
    | "intervalSeconds"
    | "burnedSeconds"
    | "unbilledSeconds"
    | "ledgerId"
    | "stopMs"
    | "closedBy"
    | "closedAtMs"
    | "terminateCause"
    | "decisionId"
    | "interimSeconds"
    | "timeoutAtMs"
  >
>;

/** Addresses come late, and info about the end at the end. */
export const toldLate = [
  "framedIpAddress",
  "framedIpv6Address",
  "framedIpv6Prefix",
  "framedInterfaceId",
  "delegatedIpv6Prefix",
  "connectInfoStop",
] as const;

const revisable: Readonly<Record<keyof SessionRevision, keyof SessionTable>> = {
  framedIpAddress: "framed_ip_address",
  framedIpv6Address: "framed_ipv6_address",
  framedIpv6Prefix: "framed_ipv6_prefix",
  framedInterfaceId: "framed_interface_id",
  delegatedIpv6Prefix: "delegated_ipv6_prefix",
  connectInfoStop: "connect_info_stop",
  sourceAddress: "source_address",
  lastUpdateMs: "last_update_at",
  reportedAtMs: "marked_at",
  lastSeenAtMs: "heard_at",
  reportedSeconds: "mark_seconds",
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
};

/** The columns that a revision names. */
export const revisionColumns = (revision: SessionRevision): Updateable<SessionTable> =>
  Object.fromEntries(
    (Object.keys(revision) as (keyof SessionRevision)[]).map((name) => [revisable[name], revision[name]]),
  ) as Updateable<SessionTable>;

/** A session as a row. */
export const toRow = (session: Session): Selectable<SessionTable> => ({
  name_space_id: session.nameSpaceId,
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
  marked_at: session.reportedAtMs,
  heard_at: session.lastSeenAtMs,
  stop_at: session.stopMs,
  closed_by: session.closedBy,
  closed_at: session.closedAtMs,
  terminate_cause: session.terminateCause,
  mark_seconds: session.reportedSeconds,
  input_octets: session.inputOctets,
  output_octets: session.outputOctets,
  interval_seconds: session.intervalSeconds,
  interim_seconds: session.interimSeconds,
  timeout_at: session.timeoutAtMs,
  burned_seconds: session.burnedSeconds,
  unbilled_seconds: session.unbilledSeconds,
  ledger_id: session.ledgerId,
});
