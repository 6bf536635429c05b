import { createHash } from "node:crypto";
import { formatInstant, isWritable, type schemas } from "@gatehouse-aaa/contract";
import type { Static } from "typebox";
import { presentInstant } from "../../../kernel/nullable-values.ts";
import type { Session, SessionEvent } from "./session.ts";

/** FreeRADIUS' acctuniqueid: the same at every request, and different for every session. */
const uniqueIdOf = ({ clientId, acctSessionId, id }: Session): string =>
  createHash("md5").update(`${clientId}\n${acctSessionId}\n${id}`).digest("hex");

/** Whether the row has numbers that no equipment can have reported. */
const isDamaged = ({ startMs, lastUpdateMs, reportedSeconds, inputOctets, outputOctets }: Session): boolean =>
  !isWritable(startMs) ||
  !isWritable(lastUpdateMs) ||
  reportedSeconds >= 2 ** 32 ||
  !(Number.isSafeInteger(inputOctets) && Number.isSafeInteger(outputOctets));

/** A session under the names of FreeRADIUS' radacct, and under plainer names beside them. */
export const presentSession = (session: Session): Static<typeof schemas.AaaAccounting> => {
  const shared: SharedValues = {
    nasAddress: session.nasIpAddress ?? session.sourceAddress,
    start: formatInstant(session.startMs),
    stop: presentInstant(session.stopMs),
  };
  return {
    id: session.id,
    ...asRadacct(session, shared),
    ...inPlainNames(session, shared),
    ...(isDamaged(session) ? { damaged: true as const } : {}),
  };
};

/** What stands under two names. */
interface SharedValues {
  readonly nasAddress: string | null;
  readonly start: string;
  readonly stop: string | null;
}

const asRadacct = (session: Session, { nasAddress, start, stop }: SharedValues) => ({
  radacctid: session.id,
  acctsessionid: session.acctSessionId,
  acctuniqueid: uniqueIdOf(session),
  username: session.username,
  realm: session.realm,
  nasipaddress: nasAddress,
  nasidentifier: session.nasIdentifier,
  nasportid: session.nasPortId,
  nasporttype: session.nasPortType,
  acctstarttime: start,
  acctupdatetime: formatInstant(session.lastUpdateMs),
  acctstoptime: stop,
  acctinterval: session.intervalSeconds,
  acctsessiontime: session.reportedSeconds,
  acctauthentic: session.authentic,
  connectinfo_start: session.connectInfoStart,
  connectinfo_stop: session.connectInfoStop,
  acctinputoctets: session.inputOctets,
  acctoutputoctets: session.outputOctets,
  calledstationid: session.calledStationId,
  callingstationid: session.callingStationId,
  acctterminatecause: session.terminateCause,
  servicetype: session.serviceType,
  framedprotocol: session.framedProtocol,
  framedipaddress: session.framedIpAddress,
  framedipv6address: session.framedIpv6Address,
  framedipv6prefix: session.framedIpv6Prefix,
  framedinterfaceid: session.framedInterfaceId,
  delegatedipv6prefix: session.delegatedIpv6Prefix,
  class: session.class,
});

const inPlainNames = (session: Session, { nasAddress, start, stop }: SharedValues) => ({
  user: session.userId,
  pseudonym: session.pseudonym,
  organization: session.organizationId,
  client: session.clientId,
  access_point: null,
  location: null,
  access_decision: session.decisionId,
  session_id: session.acctSessionId,
  start_time: start,
  end_time: stop,
  session_duration: session.reportedSeconds,
  bytes_sent: session.inputOctets,
  bytes_received: session.outputOctets,
  nas_ip_address: nasAddress,
  session_status: session.stopMs === null ? ("active" as const) : ("completed" as const),
  closed_by: session.closedBy,
  burned_seconds: session.burnedSeconds,
  unbilled_seconds: session.unbilledSeconds,
});

export const presentSessionEvent = (event: SessionEvent): Static<typeof schemas.AaaAccountingEvent> => ({
  id: event.id,
  session: event.sessionId,
  created_at: formatInstant(event.createdAtMs),
  event: event.event,
  actor: event.actor,
  detail: event.detail,
});
