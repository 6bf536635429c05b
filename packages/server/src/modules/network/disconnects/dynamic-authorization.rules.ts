import { sessionEnd } from "../../../aaa/session-time/session-end.ts";
import { changedTimeout } from "../../../aaa/session-time/session-timeout.ts";
import type { DynamicAuthorizationRequest, RequestAttribute } from "../../../aaa/words/dynamic-authorization.ts";
import type { Session } from "../sessions/index.ts";
import type { RequestFacts, Unsendable } from "./dynamic-authorization.facts.ts";
import { plannerActor, type SessionRequest } from "./session-request.ts";

/** Why a request is not sent. */
export type Unsent = Unsendable["unsent"] | "nothing_to_change" | "nothing_to_end";

/** The Session-Timeout that a CoA-Request carries; undefined for a Disconnect-Request, and where the session has the right one. */
export const newTimeout = ({ kind }: SessionRequest, facts: RequestFacts, nowMs: number): number | undefined => {
  const { account, session } = facts;
  return kind === "coa" && account ? changedTimeout({ ...facts, account, nowMs }, session.timeoutAtMs) : undefined;
};

/** What is sent for a request, or why nothing is. */
export const composeRequest = (
  { kind, actor }: SessionRequest,
  facts: RequestFacts,
  timeoutSeconds: number | undefined,
  nowMs: number,
): DynamicAuthorizationRequest | "nothing_to_change" | "nothing_to_end" => {
  const { destination } = facts;
  const session = identify(facts.session);
  if (kind === "disconnect") return actor === plannerActor && livesOn(facts, nowMs) ? "nothing_to_end" : { kind, ...destination, session };
  if (timeoutSeconds === undefined) return "nothing_to_change";
  return { kind, ...destination, session, changes: [{ name: "Session-Timeout", value: String(timeoutSeconds) }] };
};

/** Whether the planner's reason is gone: a guest was topped up or switched on again while the request waited. */
const livesOn = ({ account, live }: RequestFacts, nowMs: number): boolean => {
  const end = account && sessionEnd(account, live, nowMs);
  return account !== undefined && (end === undefined || end.dueAtMs > nowMs);
};

/** What identifies a session at its client, and nothing else: a Disconnect-Request may hold no more (RFC 5176 §3). */
const identify = (session: Session): RequestAttribute[] => {
  const attributes: readonly (readonly [name: string, value: string | null])[] = [
    ["User-Name", session.username],
    [session.nasIpAddress?.includes(":") ? "NAS-IPv6-Address" : "NAS-IP-Address", session.nasIpAddress],
    ["NAS-Identifier", session.nasIdentifier],
    ["Calling-Station-Id", session.callingStationId],
    ["Framed-IP-Address", session.framedIpAddress],
    ["Acct-Session-Id", session.acctSessionId],
  ];
  return attributes.flatMap(([name, value]) => (value === null ? [] : [{ name, value }]));
};
