import type { Transaction } from "../../../kernel/unit-of-work.ts";
import { type ClosingStores, causeOf, closeSessions, type Session, type SessionEventName, sessionEventOf } from "../sessions/index.ts";
import { type Composed, ownerOf } from "./request-composing.ts";
import { beganAtMs, type OrderOutcome, sessionNotFound } from "./session-order.ts";
import { type PlanningStores, planSessions } from "./session-plan.ts";
import type { SessionRequest } from "./session-request.ts";

const mostAttempts = 3;
const pauseMs = 15_000;

/** Ends a request that is not sent. */
export const drop = async (
  tx: Transaction<PlanningStores>,
  request: SessionRequest,
  session: Session | undefined,
  outcome: Extract<Composed, { outcome: string }>["outcome"],
): Promise<void> => {
  if (outcome === "nothing_to_end") return letLive(tx, request, session!);
  await tx.sessionRequests.finish(request, outcome, tx.nowMs);
  const isLost = outcome === "client_takes_no_requests" || outcome === "client_has_no_address";
  if (!isLost || request.kind !== "disconnect" || !session) return;
  await tx.sessionEvents.append([sessionEventOf(tx, session, "request_given_up", whyOf(request, outcome))]);
};

const whyOf = ({ kind, reason }: SessionRequest, why: string) => ({ kind, reason, why });

/** The planner's reason is gone: worked out under the plan's lock, so that nobody plans meanwhile and counts on this request. */
const letLive = async (tx: Transaction<PlanningStores>, request: SessionRequest, session: Session): Promise<void> => {
  const owner = ownerOf(session)!;
  await tx.accountLocks.takeAtOnce(owner);
  const plan = await planSessions(tx, owner, { nowMs: tx.nowMs, makesDeadline: true });
  const isDue = plan !== undefined && plan.dueAtMs <= tx.nowMs;
  if (isDue || !(await tx.sessionRequests.dismiss(request, "nothing_to_end", tx.nowMs))) {
    await tx.sessionRequests.postpone(request, tx.nowMs);
    return;
  }
  await tx.sessionEvents.append([sessionEventOf(tx, session, "request_given_up", whyOf(request, "nothing_to_end"))]);
};

/** What was sent. */
export interface Delivery {
  readonly request: SessionRequest;
  readonly session: Session;
  readonly timeoutSeconds: number | undefined;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** When a client that has obeyed a change will end the session by itself, by our clock. */
export const timeoutAtMsOf = (session: Session, timeoutSeconds: number): number => beganAtMs(session) + timeoutSeconds * 1000;

/** Notes what a client answered, and what follows of it. */
export const conclude = async (
  tx: Transaction<PlanningStores & ClosingStores>,
  delivery: Delivery,
  outcome: OrderOutcome,
): Promise<void> => {
  const { request, session, timeoutSeconds, detail } = delivery;
  const note = (event: SessionEventName, more: object = {}) =>
    tx.sessionEvents.append([sessionEventOf(tx, session, event, { ...detail, ...more })]);
  switch (outcome.kind) {
    case "ack":
      // The session before the request, as everybody locks them.
      if (timeoutSeconds !== undefined) await tx.sessions.setTimeout(session, timeoutAtMsOf(session, timeoutSeconds));
      await tx.sessionRequests.finish(request, "ack", tx.nowMs);
      return note("request_acknowledged");
    case "nak":
      await note("request_refused", { error_cause: outcome.errorCause ?? null });
      if (outcome.errorCause === sessionNotFound) await closeForgotten(tx, session);
      return tx.sessionRequests.finish(request, "nak", tx.nowMs);
    case "unsendable":
      await tx.sessionRequests.finish(request, "unsendable", tx.nowMs);
      return note("request_given_up", { why: outcome.fault });
    default:
      return unanswered(tx, delivery, outcome.kind === "timeout" ? "timeout" : outcome.code);
  }
};

/** The client knows the session no more: it is over since it was last heard of. */
const closeForgotten = async (tx: Transaction<PlanningStores & ClosingStores>, session: Session): Promise<void> => {
  const closing = { operation: "session_request", closedBy: "client", closedAtMs: tx.nowMs, terminateCause: causeOf.client } as const;
  await closeSessions(tx, [session], closing);
};

/** A disconnect is tried again after a pause that grows; a change is not, for the deadline ends what it did not reach. */
const unanswered = async (tx: Transaction<PlanningStores>, { request, session, detail }: Delivery, why: string): Promise<void> => {
  const note = (event: SessionEventName) => tx.sessionEvents.append([sessionEventOf(tx, session, event, { ...detail, why })]);
  await note("request_unanswered");
  if (request.kind === "disconnect" && request.attempts < mostAttempts) {
    await tx.sessionRequests.postpone(request, tx.nowMs + request.attempts * pauseMs);
    return;
  }
  await tx.sessionRequests.finish(request, "unanswered", tx.nowMs);
  await note("request_given_up");
};
