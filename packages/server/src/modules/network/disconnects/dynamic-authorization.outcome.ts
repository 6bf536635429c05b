import { changedTimeout, timeoutAtMsOf } from "../../../aaa/session-time/live-session-timeout.ts";
import { type DynamicAuthorizationOutcome, errorCauses } from "../../../aaa/words/dynamic-authorization.ts";
import type { Transaction } from "../../../kernel/unit-of-work.ts";
import { type ClosingStores, causeOf, closeSessions, type Session, type SessionEventName, sessionEventOf } from "../sessions/index.ts";
import type { RequestFacts, Unsendable } from "./dynamic-authorization.facts.ts";
import type { RequestDispatcher } from "./request-dispatcher.ts";
import { type DisconnectStores, ownerOf, planDeadlines, readUser } from "./session-deadline.service.ts";
import { storeRequests } from "./session-request.service.ts";
import type { SessionRequest } from "./session-request.ts";

const maxAttempts = 3;
const pauseMs = 15_000;

/** Why a request is not sent. */
export type Unsent = Unsendable["unsent"] | "nothing_to_change" | "nothing_to_end";

type Tx = Transaction<DisconnectStores & ClosingStores>;

/** A request that was sent. */
export interface SentRequest {
  readonly request: SessionRequest;
  readonly facts: RequestFacts;
  /** The Session-Timeout of a CoA-Request. */
  readonly timeoutSeconds: number | undefined;
  readonly sentAtMs: number;
}

/** Notes a request that is not sent, and does what follows. */
export const noteUnsent = async (
  tx: Tx,
  request: SessionRequest,
  facts: RequestFacts | Unsendable,
  unsent: Unsent,
  dispatcher: RequestDispatcher,
): Promise<void> => {
  const { session } = facts;
  if (unsent === "nothing_to_end") return cancelRequest(tx, request, session!);
  await tx.sessionRequests.finish(request, unsent, tx.nowMs);
  if (unsent === "nothing_to_change")
    return "unsent" in facts ? undefined : storeNextChange(tx, request, facts, facts.session.timeoutAtMs, dispatcher);
  const isLost = unsent === "client_takes_no_requests" || unsent === "client_has_no_address";
  if (!isLost || request.kind !== "disconnect" || !session) return;
  await tx.sessionEvents.append([sessionEventOf(tx, session, "request_given_up", whyOf(request, unsent))]);
};

const whyOf = ({ kind, reason }: SessionRequest, why: string) => ({ kind, reason, why });

/** The planner's reason is gone: worked out under the account's lock, so that nobody plans meanwhile and counts on this request. */
const cancelRequest = async (tx: Tx, request: SessionRequest, session: Session): Promise<void> => {
  const owner = ownerOf(session)!;
  await tx.accountLocks.takeAtOnce(owner);
  const end = (await planDeadlines(tx, [{ ...owner, makesDeadline: true }], tx.nowMs)).get(owner.id);
  const isDue = end !== undefined && end.dueAtMs <= tx.nowMs;
  if (isDue || !(await tx.sessionRequests.dismiss(request, "nothing_to_end", tx.nowMs))) {
    await tx.sessionRequests.postpone(request, tx.nowMs);
    return;
  }
  await tx.sessionEvents.append([sessionEventOf(tx, session, "request_given_up", whyOf(request, "nothing_to_end"))]);
};

/** Notes that a request was sent and what became of it, and does what follows. */
export const noteOutcome = async (
  tx: Tx,
  sent: SentRequest,
  outcome: DynamicAuthorizationOutcome,
  dispatcher: RequestDispatcher,
): Promise<void> => {
  const { request, facts, timeoutSeconds } = sent;
  await finishSent(tx, sent, outcome);
  // A client that refuses a change is left alone.
  if (timeoutSeconds === undefined || outcome.kind === "CoA-NAK" || outcome.kind === "unsendable") return;
  await storeNextChange(tx, request, facts, timeoutAtMsOf(facts.session, timeoutSeconds), dispatcher);
};

const finishSent = async (tx: Tx, sent: SentRequest, outcome: DynamicAuthorizationOutcome): Promise<void> => {
  const { request, facts, timeoutSeconds } = sent;
  const note = historyOf(tx, sent);
  switch (outcome.kind) {
    case "CoA-ACK":
    case "Disconnect-ACK":
      // The session before the request, as everybody locks them.
      if (timeoutSeconds !== undefined) await tx.sessions.setTimeout(facts.session, timeoutAtMsOf(facts.session, timeoutSeconds));
      await tx.sessionRequests.finish(request, outcome.kind, tx.nowMs);
      return note(["request_acknowledged"]);
    case "CoA-NAK":
    case "Disconnect-NAK":
      await note(["request_refused"], { error_cause: outcome.errorCause ?? null });
      if (outcome.errorCause === errorCauses.sessionContextNotFound) await closeUnknown(tx, facts.session);
      return tx.sessionRequests.finish(request, outcome.kind, tx.nowMs);
    case "unsendable":
      await tx.sessionRequests.finish(request, outcome.kind, tx.nowMs);
      return note(["request_given_up"], { why: outcome.fault });
    default:
      return noteUnanswered(tx, sent, outcome.kind === "timeout" ? "timeout" : outcome.code);
  }
};

/** Writes the history of a request, from its sending on. */
const historyOf = (tx: Tx, { request, facts, timeoutSeconds, sentAtMs }: SentRequest) => {
  const { kind, reason, attempts: attempt } = request;
  const timeout = timeoutSeconds === undefined ? {} : { session_timeout: timeoutSeconds };
  const { address, port } = facts.destination;
  const sent = sessionEventOf(tx, facts.session, "request_sent", { kind, reason, attempt, address, port, ...timeout });
  return (events: readonly SessionEventName[], more: object = {}): Promise<void> =>
    tx.sessionEvents.append([
      { ...sent, createdAtMs: sentAtMs },
      ...events.map((event) => sessionEventOf(tx, facts.session, event, { kind, reason, attempt, ...timeout, ...more })),
    ]);
};

/** The client does not know the session: it ended when it was last reported. */
const closeUnknown = async (tx: Tx, session: Session): Promise<void> => {
  const closing = { operation: "session_request", closedBy: "client", closedAtMs: tx.nowMs, terminateCause: causeOf.client } as const;
  await closeSessions(tx, [session], closing);
};

/** A Disconnect-Request is tried again after a pause that grows. A CoA-Request is not: the deadline ends a session that it did not reach. */
const noteUnanswered = async (tx: Tx, sent: SentRequest, why: string): Promise<void> => {
  const { request } = sent;
  if (request.kind === "disconnect" && request.attempts < maxAttempts) {
    await tx.sessionRequests.postpone(request, tx.nowMs + request.attempts * pauseMs);
    return historyOf(tx, sent)(["request_unanswered"], { why });
  }
  await tx.sessionRequests.finish(request, "unanswered", tx.nowMs);
  return historyOf(tx, sent)(["request_unanswered", "request_given_up"], { why });
};

/**
 * A top-up during a CoA-Request stores no second one, for it finds this one waiting. So the Session-Timeout is worked out once more
 * after this one has ended; where it changed, another CoA-Request is stored. `timeoutAtMs`: when the client ends the session, as
 * far as it has been reported.
 */
const storeNextChange = async (
  tx: Tx,
  { sessionId, kind, reason, actor }: SessionRequest,
  { owner, profileTimeoutSeconds }: RequestFacts,
  timeoutAtMs: number | null,
  dispatcher: RequestDispatcher,
): Promise<void> => {
  if (!owner) return;
  const { live, account } = await readUser(tx, owner);
  const session = live.find(({ id }) => id === sessionId);
  if (!session || !account) return;
  const { nowMs } = tx;
  if (changedTimeout({ account, session, live, profileTimeoutSeconds, nowMs }, timeoutAtMs) === undefined) return;
  const stored = await storeRequests(tx, [{ session, kind, reason, actor }], dispatcher, nowMs);
  tx.afterCommit(() => dispatcher.committed(stored));
};
