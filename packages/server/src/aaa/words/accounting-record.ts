import type { AttributeValues } from "./attributes.ts";

/** An Accounting-Request (RFC 2866 §4.1) of a client that is known and has proved itself. */
export interface AccountingRequest<Client> {
  readonly client: Client;
  /** The packet's source as text: IPv4, or IPv6 without zone. NAS-IP-Address is only what the client says of itself. */
  readonly sourceAddress: string;
  /** Nothing secret is among them. */
  readonly attributes: AttributeValues;
  readonly receivedAtMs: number;
}

/** What an Accounting-Request says: of one session, or of its client as a whole. */
export type AccountingRecord =
  | SessionRecord
  /** Accounting-On or Accounting-Off. */
  | { readonly about: "client"; readonly eventMs: number }
  /** Tunnels, failures, and what names no session: it needs no storing. */
  | { readonly about: "nothing" };

/** What a packet reports of one session: all that matching and evidence depend on. */
export interface SessionReport {
  /** Acct-Status-Type. */
  readonly status: "start" | "interim" | "stop";
  /** When it happened, by the client's clock where that is sane. */
  readonly eventMs: number;
  /** When the session began, going by this report: the event less the session time. */
  readonly startMs: number;
  /** When the client first sent it, by this machine's clock. */
  readonly sentAtMs: number;
  /** Acct-Session-Time; undefined where the packet has none, and so for the octets (64 bit, RFC 2869 §5.1). */
  readonly sessionSeconds: number | undefined;
  readonly inputOctets: number | undefined;
  readonly outputOctets: number | undefined;
}

/** An Accounting-Request of one session. */
export interface SessionRecord extends SessionReport {
  readonly about: "session";
  readonly acctSessionId: string;
  /** User-Name as it was sent. */
  readonly userName: string | undefined;
  /** The device, in one spelling; empty for none. */
  readonly station: string;
  /** Every Class, as text. */
  readonly classes: readonly string[];
  readonly terminateCause: string | null;
  readonly description: SessionDescription;
  /** The numbers that no attribute of their name can hold; they count as if they were not there. */
  readonly unfitNumbers: readonly string[];
}

/** How equipment describes a session, in its own words; null where it does not. */
export interface SessionDescription {
  readonly username: string | null;
  readonly realm: string | null;
  readonly nasIpAddress: string | null;
  readonly nasIdentifier: string | null;
  readonly nasPortId: string | null;
  readonly nasPortType: string | null;
  readonly authentic: string | null;
  readonly connectInfoStart: string | null;
  readonly connectInfoStop: string | null;
  readonly calledStationId: string | null;
  readonly callingStationId: string | null;
  readonly serviceType: string | null;
  readonly framedProtocol: string | null;
  readonly framedIpAddress: string | null;
  readonly framedIpv6Address: string | null;
  readonly framedIpv6Prefix: string | null;
  readonly framedInterfaceId: string | null;
  readonly delegatedIpv6Prefix: string | null;
  readonly class: string | null;
}
