import { parseInstant } from "@gatehouse-aaa/contract";
import type { AccountingPacket } from "../../../aaa/accounting/accounting.ts";
import { eventTimeMs, sentAtMs } from "../../../aaa/accounting/event-time.ts";
import { type AttributeValues, classesOf, firstOf, stationOf, storableText } from "../../../aaa/words/attributes.ts";
import type { SessionDescription } from "./session.ts";

/** An Accounting-Request of one session, as it is ruled on and stored. */
export interface SessionReport {
  readonly acctSessionId: string;
  readonly packet: AccountingPacket;
  readonly description: SessionDescription;
  readonly userName: string | undefined;
  readonly station: string;
  /** Every Class of the request, as text. */
  readonly classes: readonly string[];
  readonly terminateCause: string | null;
}

/** What an Accounting-Request says: of one session, or of the client as a whole. */
export type AccountingRecord =
  /** `unfit` names the numbers that are none of their attribute's, and count as if they were not there. */
  | { readonly what: "session"; readonly report: SessionReport; readonly unfit: readonly string[] }
  | { readonly what: "client_restarted"; readonly eventMs: number }
  /** Tunnels, failures, and what names no session: it needs no storing. */
  | { readonly what: "nothing" };

const kinds: Readonly<Record<string, AccountingPacket["kind"]>> = {
  Start: "start",
  "Interim-Update": "interim",
  Alive: "interim",
  Stop: "stop",
};

/** Reads the attributes of an Accounting-Request. Pure; nothing in them is trusted to be a number or a time. */
export const readAccountingRecord = (attributes: AttributeValues, arrivalMs: number): AccountingRecord => {
  const times = {
    arrivalMs,
    eventTimestampMs: timeOf(firstOf(attributes, "Event-Timestamp")),
    delaySeconds: numberOf(attributes, "Acct-Delay-Time"),
  };
  const status = firstOf(attributes, "Acct-Status-Type") ?? "";
  if (status === "Accounting-On" || status === "Accounting-Off") return { what: "client_restarted", eventMs: eventTimeMs(times) };
  const kind = kinds[status];
  const acctSessionId = storableText(firstOf(attributes, "Acct-Session-Id"));
  if (kind === undefined || acctSessionId === null) return { what: "nothing" };
  const packet: AccountingPacket = {
    kind,
    eventMs: eventTimeMs(times),
    sentAtMs: sentAtMs(times),
    seconds: numberOf(attributes, "Acct-Session-Time"),
    inputOctets: octetsOf(attributes, "Input"),
    outputOctets: octetsOf(attributes, "Output"),
  };
  const classes = classesOf(attributes);
  const report: SessionReport = {
    acctSessionId,
    packet,
    description: describe(attributes, kind, classes),
    userName: firstOf(attributes, "User-Name"),
    station: storableText(stationOf(firstOf(attributes, "Calling-Station-Id"))) ?? "",
    classes,
    terminateCause: kind === "stop" ? storableText(firstOf(attributes, "Acct-Terminate-Cause")) : null,
  };
  return { what: "session", report, unfit: unfitOf(attributes) };
};

/** Every counter and time of RFC 2866 and RFC 2869 is a number of 32 bits. */
const greatest = 2 ** 32 - 1;

/** A packet holds no greater number; what another server writes as JSON may, and one that is no time would move all that follows. */
const numberOf = (attributes: AttributeValues, name: string): number | undefined => {
  const text = firstOf(attributes, name);
  const number = text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  return number !== undefined && number <= greatest ? number : undefined;
};

const counted = [
  "Acct-Session-Time",
  "Acct-Delay-Time",
  "Acct-Input-Octets",
  "Acct-Input-Gigawords",
  "Acct-Output-Octets",
  "Acct-Output-Gigawords",
] as const;

/** The numbers of a request that count nothing, as they are none of their attribute's. */
const unfitOf = (attributes: AttributeValues): string[] =>
  counted.filter((name) => firstOf(attributes, name) !== undefined && numberOf(attributes, name) === undefined);

/** 64 bits in two attributes of 32 (RFC 2869 §5.1); without the lower one nothing is told. Counted exactly to 9 PB. */
const octetsOf = (attributes: AttributeValues, direction: "Input" | "Output"): number | undefined => {
  const low = numberOf(attributes, `Acct-${direction}-Octets`);
  if (low === undefined) return undefined;
  const high = numberOf(attributes, `Acct-${direction}-Gigawords`) ?? 0;
  return Math.min(high * 2 ** 32 + low, Number.MAX_SAFE_INTEGER);
};

/** Times come in ISO 8601 from our own door, and as `Jan  5 2026 10:00:00 UTC` or seconds since 1970 from others. */
const timeOf = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1000;
  const instantMs = parseInstant(text) ?? Date.parse(text);
  return Number.isFinite(instantMs) ? instantMs : undefined;
};

/** A port that is no number of 32 bits is none: other servers might show what they like as one. */
const portOf = (attributes: AttributeValues): string | null => numberOf(attributes, "NAS-Port")?.toString() ?? null;

const describe = (attributes: AttributeValues, kind: AccountingPacket["kind"], classes: readonly string[]): SessionDescription => {
  const text = (name: string) => storableText(firstOf(attributes, name));
  const connectInfo = text("Connect-Info");
  return {
    username: text("User-Name"),
    realm: text("Realm"),
    nasIpAddress: text("NAS-IP-Address") ?? text("NAS-IPv6-Address"),
    nasIdentifier: text("NAS-Identifier"),
    nasPortId: text("NAS-Port-Id") ?? portOf(attributes),
    nasPortType: text("NAS-Port-Type"),
    authentic: text("Acct-Authentic"),
    connectInfoStart: kind === "stop" ? null : connectInfo,
    connectInfoStop: kind === "stop" ? connectInfo : null,
    calledStationId: text("Called-Station-Id"),
    callingStationId: text("Calling-Station-Id"),
    serviceType: text("Service-Type"),
    framedProtocol: text("Framed-Protocol"),
    framedIpAddress: text("Framed-IP-Address"),
    framedIpv6Address: text("Framed-IPv6-Address"),
    framedIpv6Prefix: text("Framed-IPv6-Prefix"),
    framedInterfaceId: text("Framed-Interface-Id"),
    delegatedIpv6Prefix: text("Delegated-IPv6-Prefix"),
    class: storableText(classes[0]),
  };
};
