import { parseInstant } from "@gatehouse-aaa/contract";
import type { AccountingRecord, SessionDescription, SessionReport } from "../words/accounting-record.ts";
import { type AttributeValues, classesOf, firstOf, stationOf, storableText, textsOf } from "../words/attributes.ts";

const counters = [
  "Acct-Session-Time",
  "Acct-Delay-Time",
  "Acct-Input-Octets",
  "Acct-Input-Gigawords",
  "Acct-Output-Octets",
  "Acct-Output-Gigawords",
] as const;

/** The attributes whose first value is read. */
const readNames = [
  ...counters,
  "Acct-Status-Type",
  "Acct-Session-Id",
  "Acct-Terminate-Cause",
  "Event-Timestamp",
  "User-Name",
  "Realm",
  "NAS-IP-Address",
  "NAS-IPv6-Address",
  "NAS-Identifier",
  "NAS-Port",
  "NAS-Port-Id",
  "NAS-Port-Type",
  "Acct-Authentic",
  "Connect-Info",
  "Called-Station-Id",
  "Calling-Station-Id",
  "Service-Type",
  "Framed-Protocol",
  "Framed-IP-Address",
  "Framed-IPv6-Address",
  "Framed-IPv6-Prefix",
  "Framed-Interface-Id",
  "Delegated-IPv6-Prefix",
] as const;

type Texts = Readonly<Record<(typeof readNames)[number], string | null>>;

const statuses: Readonly<Record<string, SessionReport["status"]>> = {
  Start: "start",
  "Interim-Update": "interim",
  Alive: "interim",
  Stop: "stop",
};

/** Reads the attributes of an Accounting-Request. Nothing in them is trusted to be a number or a time. */
export const readAccountingRecord = (attributes: AttributeValues, arrivalMs: number): AccountingRecord => {
  const texts = textsOf(attributes, readNames);
  const sentAtMs = sentAt(arrivalMs, numberOf(texts["Acct-Delay-Time"]));
  const eventMs = eventTime(arrivalMs, sentAtMs, timeOf(texts["Event-Timestamp"]));
  const statusType = texts["Acct-Status-Type"] ?? "";
  if (statusType === "Accounting-On" || statusType === "Accounting-Off") return { about: "client", eventMs };
  const status = statuses[statusType];
  const acctSessionId = texts["Acct-Session-Id"];
  if (status === undefined || acctSessionId === null) return { about: "nothing" };
  const sessionSeconds = numberOf(texts["Acct-Session-Time"]);
  const classes = classesOf(attributes);
  return {
    about: "session",
    acctSessionId,
    status,
    eventMs,
    startMs: eventMs - (sessionSeconds ?? 0) * 1000,
    sentAtMs,
    sessionSeconds,
    inputOctets: octetsOf(texts["Acct-Input-Octets"], texts["Acct-Input-Gigawords"]),
    outputOctets: octetsOf(texts["Acct-Output-Octets"], texts["Acct-Output-Gigawords"]),
    userName: firstOf(attributes, "User-Name"),
    station: stationOf(firstOf(attributes, "Calling-Station-Id")),
    classes,
    terminateCause: status === "stop" ? texts["Acct-Terminate-Cause"] : null,
    description: describe(texts, status, storableText(classes[0])),
    unfitNumbers: counters.filter((name) => texts[name] !== null && numberOf(texts[name]) === undefined),
  };
};

const maxDelayMs = 7 * 24 * 3_600_000;
const maxAheadMs = 5 * 60_000;

/** When the client first tried to send a packet, by this machine's clock: it arrived that much later (Acct-Delay-Time, RFC 2866 §5.2). */
const sentAt = (arrivalMs: number, delaySeconds = 0): number => arrivalMs - Math.min(delaySeconds * 1000, maxDelayMs);

/**
 * When the event of a packet happened: its Event-Timestamp (RFC 2869 §5.3) where that is at most 5 minutes ahead and 7 days
 * back, for clocks of network equipment start anywhere; else when it was sent.
 */
const eventTime = (arrivalMs: number, sentAtMs: number, timestampMs: number | undefined): number => {
  const isSane = timestampMs !== undefined && timestampMs <= arrivalMs + maxAheadMs && timestampMs >= arrivalMs - maxDelayMs;
  return isSane ? timestampMs : sentAtMs;
};

/** Every counter and time of RFC 2866 and RFC 2869 is a number of 32 bits. */
const maxNumber = 2 ** 32 - 1;

/** A packet holds no greater number. JSON from another server may, and a number that is no time would move all that follows. */
const numberOf = (text: string | null): number | undefined => {
  const number = text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  return number !== undefined && number <= maxNumber ? number : undefined;
};

/** 64 bits in two attributes of 32 (RFC 2869 §5.1); without the lower one nothing is reported. Counted exactly to 9 PB. */
const octetsOf = (octets: string | null, gigawords: string | null): number | undefined => {
  const low = numberOf(octets);
  return low === undefined ? undefined : Math.min((numberOf(gigawords) ?? 0) * 2 ** 32 + low, Number.MAX_SAFE_INTEGER);
};

/** Times are ISO 8601 from our own listener, and `Jan  5 2026 10:00:00 UTC` or seconds since 1970 from others. */
const timeOf = (text: string | null): number | undefined => {
  if (text === null) return undefined;
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1000;
  const instantMs = parseInstant(text) ?? Date.parse(text);
  return Number.isFinite(instantMs) ? instantMs : undefined;
};

const describe = (texts: Texts, status: SessionReport["status"], firstClass: string | null): SessionDescription => ({
  username: texts["User-Name"],
  realm: texts.Realm,
  nasIpAddress: texts["NAS-IP-Address"] ?? texts["NAS-IPv6-Address"],
  nasIdentifier: texts["NAS-Identifier"],
  // A NAS-Port that is no number of 32 bits is none: other servers might show what they like as one.
  nasPortId: texts["NAS-Port-Id"] ?? numberOf(texts["NAS-Port"])?.toString() ?? null,
  nasPortType: texts["NAS-Port-Type"],
  authentic: texts["Acct-Authentic"],
  connectInfoStart: status === "stop" ? null : texts["Connect-Info"],
  connectInfoStop: status === "stop" ? texts["Connect-Info"] : null,
  calledStationId: texts["Called-Station-Id"],
  callingStationId: texts["Calling-Station-Id"],
  serviceType: texts["Service-Type"],
  framedProtocol: texts["Framed-Protocol"],
  framedIpAddress: texts["Framed-IP-Address"],
  framedIpv6Address: texts["Framed-IPv6-Address"],
  framedIpv6Prefix: texts["Framed-IPv6-Prefix"],
  framedInterfaceId: texts["Framed-Interface-Id"],
  delegatedIpv6Prefix: texts["Delegated-IPv6-Prefix"],
  class: firstClass,
});
