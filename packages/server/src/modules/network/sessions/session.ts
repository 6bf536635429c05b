import type { Closer, KnownSession } from "../../../aaa/accounting/accounting.ts";
import type { Image } from "../../../kernel/change.ts";

/** What equipment tells of a session in its own words; null where it does not. */
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

/** A connection that accounting reports, with what `aaa/accounting/accounting.ts` rules on. */
export interface Session extends KnownSession, SessionDescription {
  readonly nameSpaceId: number;
  readonly organizationId: number;
  /** Null: nobody that is known, or an account that is deleted. */
  readonly userId: number | null;
  readonly pseudonym: string | null;
  readonly clientId: number;
  readonly acctSessionId: string;
  readonly station: string;
  readonly decisionId: number | null;
  readonly sourceAddress: string | null;
  readonly terminateCause: string | null;
  readonly intervalSeconds: number | null;
  readonly interimSeconds: number | null;
  /** When the equipment ends it by itself, by our clock; null: never, or nobody knows. */
  readonly timeoutAtMs: number | null;
  readonly burnedSeconds: number;
  readonly unbilledSeconds: number;
  /** The row of the time ledger that grows with it. */
  readonly ledgerId: number | null;
}

/** How the API tells a session's state. */
export const sessionStatuses = ["active", "completed"] as const;

/** Why a session ended, in FreeRADIUS' words, where its equipment does not say. */
export const causeOf: Readonly<Record<Exclude<Closer, "stop">, string>> = {
  restart: "Lost-Service",
  reboot: "NAS-Reboot",
  reaper: "Lost-Carrier",
  client: "Lost-Carrier",
  operator: "Admin-Reset",
};

/** The session as the audit trail keeps it: that it is there and whose it is, not what it counts nor what names a device. */
export const imageOfSession = (session: Session): Image => ({
  organization: session.organizationId,
  user: session.userId,
  client: session.clientId,
  session_id: session.acctSessionId,
  session_status: session.stopMs === null ? "active" : "completed",
  closed_by: session.closedBy,
  terminate_cause: session.terminateCause,
});
