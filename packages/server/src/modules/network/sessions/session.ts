import type { Closer, KnownSession } from "../../../aaa/accounting/known-session.ts";
import type { SessionDescription } from "../../../aaa/words/accounting-record.ts";
import type { Image } from "../../../kernel/change.ts";

/** A connection that accounting reports. */
export interface Session extends KnownSession, SessionDescription {
  readonly namespaceId: number;
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

/** What can happen to a session beside its reports. */
export type SessionEventName =
  | "closed"
  | "reopened"
  | "request_made"
  | "request_sent"
  | "request_acknowledged"
  | "request_refused"
  | "request_unanswered"
  | "request_given_up";

/** One line of a session's history. */
export interface SessionEvent {
  readonly id: number;
  readonly namespaceId: number;
  readonly organizationId: number;
  readonly sessionId: number;
  readonly createdAtMs: number;
  readonly event: SessionEventName;
  readonly actor: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Acct-Terminate-Cause of a session whose equipment did not send one. */
export const causeOf: Readonly<Record<Exclude<Closer, "stop">, string>> = {
  restart: "Lost-Service",
  reboot: "NAS-Reboot",
  stale: "Lost-Carrier",
  client: "Lost-Carrier",
  operator: "Admin-Reset",
};

/** The session as the audit trail keeps it: whose it is and its state, without counters and without what names a device. */
export const imageOfSession = (session: Session): Image => ({
  organization: session.organizationId,
  user: session.userId,
  client: session.clientId,
  session_id: session.acctSessionId,
  session_status: session.stopMs === null ? "active" : "completed",
  closed_by: session.closedBy,
  terminate_cause: session.terminateCause,
});

/** RFC 2869 §5.16 advises ten minutes: taken for a client whose interval is not known. */
const usualIntervalSeconds = 600;
const missedReports = 3;
const graceSeconds = 60;

/** A pause that an outage made is no interval that a client keeps to. */
const maxSeenIntervalSeconds = 3_600;

/**
 * How long a client may be silent about a session before that is stale: three reports, and a minute for the way. The interval
 * is the one that the Access-Accept asked for or the one that the client keeps, whichever is longer.
 */
export const patienceMs = (askedSeconds: number | null, seenSeconds: number | null): number => {
  const interval = Math.max(askedSeconds ?? 0, Math.min(seenSeconds ?? 0, maxSeenIntervalSeconds)) || usualIntervalSeconds;
  return (missedReports * interval + graceSeconds) * 1000;
};
