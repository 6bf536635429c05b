import { longestTimeoutSeconds, secondsBetween, shareOf } from "../../../aaa/session-time/time-share.ts";
import type { AaaClient } from "../aaa-clients/index.ts";
import type { AccountFacts } from "../network-access/index.ts";
import type { Session } from "../sessions/index.ts";

/** An attribute by its FreeRADIUS name. */
export interface OrderAttribute {
  readonly name: string;
  readonly value: string;
}

/** What a client is to do with a session (RFC 5176): end it, or change its Session-Timeout. */
export interface ClientOrder {
  readonly client: AaaClient;
  readonly kind: "disconnect" | "change";
  /** Where the session's packets come from. */
  readonly address: string;
  readonly session: readonly OrderAttribute[];
  readonly changes: readonly OrderAttribute[];
}

/** What became of an order. An `ack` is the client's word, and no proof that the session ended. */
export type OrderOutcome =
  | { readonly kind: "ack" }
  | { readonly kind: "nak"; readonly errorCause: number | undefined }
  | { readonly kind: "timeout" }
  | { readonly kind: "unreachable"; readonly code: string }
  | { readonly kind: "unsendable"; readonly fault: string };

/** Error-Cause of a client that knows no such session (RFC 5176 §3.5). */
export const sessionNotFound = 503;

/** What identifies a session at its client, and nothing else: a Disconnect-Request may hold no more (RFC 5176 §3). */
export const identify = (session: Session): OrderAttribute[] => {
  const told: readonly (readonly [name: string, value: string | null])[] = [
    ["User-Name", session.username],
    [session.nasIpAddress?.includes(":") ? "NAS-IPv6-Address" : "NAS-IP-Address", session.nasIpAddress],
    ["NAS-Identifier", session.nasIdentifier],
    ["Calling-Station-Id", session.callingStationId],
    ["Framed-IP-Address", session.framedIpAddress],
    ["Acct-Session-Id", session.acctSessionId],
  ];
  return told.flatMap(([name, value]) => (value === null ? [] : [{ name, value }]));
};

/** What the new end of a session depends on. */
export interface TimeoutFacts {
  readonly account: AccountFacts;
  readonly session: Session;
  /** All live sessions of the user, this one among them. */
  readonly live: readonly Session[];
  /** What the user's profiles say themselves. */
  readonly profileTimeoutSeconds: number | undefined;
  readonly nowMs: number;
}

/** When the equipment began the session, by our clock. */
export const beganAtMs = (session: Session): number => session.reportedAtMs - session.reportedSeconds * 1000;

/**
 * The Session-Timeout that a live session should have now: what is left for it, on top of what has passed, for the
 * attribute counts from the session's beginning (RFC 2865 §5.27). Undefined where nothing limits it; below 1 of time left,
 * nothing is changed any more.
 */
export const timeoutNow = ({ account, session, live, profileTimeoutSeconds, nowMs }: TimeoutFacts): number | undefined => {
  const elapsed = Math.max(0, secondsBetween(beganAtMs(session), nowMs));
  const limits: number[] = [];
  if (account.seconds !== null) {
    const unreportedMs = live.reduce((sum, one) => sum + Math.max(0, nowMs - one.reportedAtMs), 0);
    limits.push(elapsed + shareOf(account.seconds, Math.floor(unreportedMs / 1000), live.length));
  }
  if (account.expirationMs !== null) limits.push(elapsed + secondsBetween(nowMs, account.expirationMs));
  if (profileTimeoutSeconds !== undefined) limits.push(profileTimeoutSeconds);
  if (limits.length === 0) return undefined;
  return Math.min(...limits, longestTimeoutSeconds);
};
