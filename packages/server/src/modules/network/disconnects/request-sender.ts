import { mergeReply, numberOf } from "../../../access/reply-attributes.ts";
import { longestTimeoutSeconds } from "../../../access/time-share.ts";
import { systemCaller } from "../../../kernel/caller.ts";
import type { Clock } from "../../../kernel/clock.ts";
import type { Transaction, Work } from "../../../kernel/unit-of-work.ts";
import type { AaaClient, ClientTable } from "../aaa-clients/index.ts";
import type { ProfileBook } from "../network-access/index.ts";
import { type ClosingStores, causeOf, closeSessions, type Session, type SessionEventName, sessionEventOf } from "../sessions/index.ts";
import { beganAtMs, type ClientOrder, identify, type OrderOutcome, sessionNotFound, timeoutNow } from "./session-order.ts";
import type { PlanningStores } from "./session-plan.ts";
import type { SessionRequest } from "./session-request.store.ts";

/** How orders leave the house. */
export interface OrderPort {
  /** Resolves with what became of an order, after all of its retransmissions; never rejects. */
  send(order: ClientOrder): Promise<OrderOutcome>;
}

export interface RequestSenderDependencies {
  readonly work: Work<PlanningStores & ClosingStores>;
  readonly clock: Clock;
  readonly table: ClientTable;
  readonly profiles: ProfileBook;
  readonly orders: OrderPort;
  /** What this machine is called; null where it sends from an address that all clients know. */
  readonly node: string | null;
}

export interface RequestSender {
  /** Takes what is due and this node's to send, and sends it. Returns how many requests it took; does not wait for answers. */
  sendDue(): Promise<number>;
  /** Ends when all that was taken has been answered or given up. */
  settle(): Promise<void>;
}

const sender = systemCaller("disconnects");
const mostOutstanding = 64;
/** An order takes 18 s with its retransmissions, twice that where its protection is dropped, and may wait for its turn. */
const leaseMs = 90_000;
/** Clients that another node heard within this time are that node's, unless it leaves their requests lying. */
const nearMs = 10 * 60_000;
const overdueMs = 5_000;
const mostAttempts = 3;
const pauseMs = 15_000;
/** A Session-Timeout that is right to within this is left alone. */
const toleranceMs = 5_000;

/** What is to be sent for a request, or why nothing is. */
type Composed = { readonly order: ClientOrder; readonly timeoutSeconds: number | undefined } | { readonly outcome: string };

export const createRequestSender = (deps: RequestSenderDependencies): RequestSender => {
  const { work, clock, table } = deps;
  const stores = () => work.acrossTenants("requests of all tenants are sent by the house");
  const outstanding = new Set<Promise<void>>();

  const compose = async (request: SessionRequest, session: Session | undefined): Promise<Composed> => {
    if (!session || session.stopMs !== null) return { outcome: "session_over" };
    const client = table.get(session.clientId);
    if (!client || client.coaPort === null) return { outcome: "client_takes_no_requests" };
    const order: ClientOrder = { client, kind: request.kind, address: addressOf(client, session), session: identify(session), changes: [] };
    if (request.kind === "disconnect") return { order, timeoutSeconds: undefined };
    const timeoutSeconds = await newTimeout(session);
    if (timeoutSeconds === undefined) return { outcome: "nothing_to_change" };
    return { order: { ...order, changes: [{ name: "Session-Timeout", value: String(timeoutSeconds) }] }, timeoutSeconds };
  };

  /** The Session-Timeout that a session should be given; undefined where the one that it has is right. */
  const newTimeout = async (session: Session): Promise<number | undefined> => {
    if (session.userId === null) return undefined;
    // In the order of the plan: what is burned between the two reads makes the new end too early, not too late.
    const live = await stores().sessions.listLiveOf({ id: session.userId, nameSpaceId: session.nameSpaceId });
    const account = await stores().accessFacts.findById(session.userId);
    if (!account) return undefined;
    const profiles = await deps.profiles.read(account.profileIds);
    const profileTimeoutSeconds = numberOf(mergeReply(profiles.flatMap((profile) => profile.reply)), "session-timeout");
    const limit = timeoutNow({ account, session, live, profileTimeoutSeconds, nowMs: clock.nowMs() });
    const { timeoutAtMs } = session;
    // What once was limited and is not any more is set as far as the attribute goes.
    if (limit === undefined) return timeoutAtMs === null ? undefined : longestTimeoutSeconds;
    const isRight = timeoutAtMs !== null && Math.abs(beganAtMs(session) + limit * 1000 - timeoutAtMs) <= toleranceMs;
    return isRight || limit < 1 ? undefined : limit;
  };

  const deliver = async (request: SessionRequest): Promise<void> => {
    const session = await stores().sessions.find(request.sessionId);
    const composed = await compose(request, session);
    if ("outcome" in composed || !session) {
      await work.run(sender, (tx) => drop(tx, request, session, "outcome" in composed ? composed.outcome : "session_over"));
      return;
    }
    const { order, timeoutSeconds } = composed;
    const detail = { kind: request.kind, reason: request.reason, attempt: request.attempts };
    const told = timeoutSeconds === undefined ? {} : { session_timeout: timeoutSeconds };
    await note(session, "request_sent", { ...detail, address: order.address, port: order.client.coaPort, ...told });
    const outcome = await deps.orders.send(order);
    await work.run(sender, (tx) => conclude(tx, { request, session, timeoutSeconds, detail: { ...detail, ...told } }, outcome));
  };

  const note = (session: Session, event: SessionEventName, detail: Record<string, unknown>) =>
    work.run(sender, (tx) => tx.sessionEvents.append([sessionEventOf(tx, session, event, detail)]));

  return {
    async sendDue() {
      const room = mostOutstanding - outstanding.size;
      if (room <= 0 || !(await stores().sessionRequests.hasDue(clock.nowMs()))) return 0;
      const nowMs = clock.nowMs();
      const claim = { node: deps.node, nowMs, heardSinceMs: nowMs - nearMs, overdueMs: nowMs - overdueMs, leaseMs, most: room };
      const taken = await work.run(sender, (tx) => tx.sessionRequests.claim(claim));
      for (const request of taken) {
        const delivery: Promise<void> = deliver(request).finally(() => outstanding.delete(delivery));
        outstanding.add(delivery);
        // A failure here is the database's: the lease ends, and somebody tries again.
        delivery.catch(() => {});
      }
      return taken.length;
    },
    async settle() {
      while (outstanding.size > 0) await Promise.allSettled(outstanding);
    },
  };
};

/** A client of one address is asked there; one of a range, where the session's packets come from. */
const addressOf = (client: AaaClient, session: Session): string =>
  client.address.includes("/") ? (session.sourceAddress ?? session.nasIpAddress ?? client.address) : client.address;

/** Ends a request that is not sent. */
const drop = async (
  tx: Transaction<PlanningStores>,
  request: SessionRequest,
  session: Session | undefined,
  outcome: string,
): Promise<void> => {
  await tx.sessionRequests.finish(request, outcome, tx.nowMs);
  if (outcome !== "client_takes_no_requests" || request.kind !== "disconnect" || !session) return;
  await tx.sessionEvents.append([
    sessionEventOf(tx, session, "request_given_up", { kind: request.kind, reason: request.reason, why: outcome }),
  ]);
};

interface Delivery {
  readonly request: SessionRequest;
  readonly session: Session;
  readonly timeoutSeconds: number | undefined;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Notes what a client answered, and what follows of it. */
const conclude = async (tx: Transaction<PlanningStores & ClosingStores>, delivery: Delivery, outcome: OrderOutcome): Promise<void> => {
  const { request, session, timeoutSeconds, detail } = delivery;
  const note = (event: SessionEventName, more: object = {}) =>
    tx.sessionEvents.append([sessionEventOf(tx, session, event, { ...detail, ...more })]);
  switch (outcome.kind) {
    case "ack":
      await tx.sessionRequests.finish(request, "ack", tx.nowMs);
      if (timeoutSeconds !== undefined) await tx.sessions.setTimeout(session, beganAtMs(session) + timeoutSeconds * 1000);
      return note("request_acknowledged");
    case "nak":
      await tx.sessionRequests.finish(request, "nak", tx.nowMs);
      await note("request_refused", { error_cause: outcome.errorCause ?? null });
      if (outcome.errorCause === sessionNotFound) await closeForgotten(tx, session);
      return;
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
