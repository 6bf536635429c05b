import { systemCaller } from "../../../kernel/caller.ts";
import type { Clock } from "../../../kernel/clock.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { PayersOf } from "../../foundation/organizations/index.ts";
import type { ClientTable } from "../aaa-clients/index.ts";
import type { ProfileBook } from "../network-access/index.ts";
import { type ClosingStores, type Session, type SessionEventName, sessionEventOf } from "../sessions/index.ts";
import { createRequestComposing } from "./request-composing.ts";
import { conclude, drop, timeoutAtMsOf } from "./request-conclusion.ts";
import { roomsOf } from "./sending-rooms.ts";
import type { ClientOrder, OrderOutcome } from "./session-order.ts";
import { askClients, type PlanningStores } from "./session-plan.ts";
import type { SessionRequest } from "./session-request.ts";

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
  readonly place: SendingPlace;
  /** Who pays for what organizations have sent. */
  readonly payersOf: PayersOf;
}

/** The process that sends. */
export interface SendingPlace {
  /** What its machine is called; null where it sends from an address that all clients know. */
  readonly node: string | null;
  /** What became of an attempt, or of a request that was not sent. */
  count(kind: SessionRequest["kind"], outcome: string): void;
  /** More waits to be sent. */
  wake(): void;
  /** A request could be neither sent nor ended; it is tried again. */
  onFailure(error: unknown, request: SessionRequest): void;
}

export interface RequestSender {
  /** Takes what is due and this node's to send, and sends it. Returns how many requests it took; does not wait for answers. */
  sendDue(): Promise<number>;
  /** Ends when all that was taken has been answered or given up. */
  settle(): Promise<void>;
}

const sender = systemCaller("disconnects");
/** Orders under way at once: of all clients, and of one. Small equipment has small buffers, and may be silent. */
const mostOutstanding = 256;
const mostPerClient = 16;
/** An order takes 18 s with its retransmissions, twice that where its protection is dropped, and may wait for its turn. */
const leaseMs = 90_000;
/** Clients that another node heard within this time are that node's, unless it leaves their requests lying. */
const nearMs = 10 * 60_000;
const overdueMs = 5_000;
/** What failed is tried again at once, and then after pauses that grow up to ten seconds. */
const failurePauseMs = 1_000;
const mostFailurePauses = 10;

export const createRequestSender = (deps: RequestSenderDependencies): RequestSender => {
  const { work, clock, place } = deps;
  const composing = createRequestComposing(deps);
  const stores = () => work.acrossTenants("requests of all tenants are sent by the house");
  const outstanding = new Set<Promise<void>>();
  const ofClients = new Map<number, number>();
  const ofPayers = new Map<string, number>();

  const deliver = async (request: SessionRequest): Promise<void> => {
    const session = await stores().sessions.find(request.sessionId);
    const composed = await composing.compose(request, session);
    if ("outcome" in composed || !session) {
      const outcome = "outcome" in composed ? composed.outcome : "session_over";
      await work.run(sender, (tx) => drop(tx, request, session, outcome));
      place.count(request.kind, outcome);
      if (outcome === "nothing_to_change") await lookAgain(request, session!.timeoutAtMs);
      return;
    }
    const { order, timeoutSeconds } = composed;
    const detail = { kind: request.kind, reason: request.reason, attempt: request.attempts };
    const told = timeoutSeconds === undefined ? {} : { session_timeout: timeoutSeconds };
    await note(session, "request_sent", { ...detail, address: order.address, port: order.client.coaPort, ...told });
    const outcome = await deps.orders.send(order);
    place.count(request.kind, outcome.kind);
    await work.run(sender, (tx) => conclude(tx, { request, session, timeoutSeconds, detail: { ...detail, ...told } }, outcome));
    if (timeoutSeconds === undefined || outcome.kind === "nak" || outcome.kind === "unsendable") return;
    await lookAgain(request, timeoutAtMsOf(session, timeoutSeconds));
  };

  /**
   * What moved a session's end while a change was being made of it has found that waiting, and asked for no other: whether
   * it was heard or not, its client is told once of each end.
   */
  const lookAgain = async ({ sessionId, reason, actor }: SessionRequest, timeoutAtMs: number | null): Promise<void> => {
    const session = await stores().sessions.find(sessionId);
    if (!session || session.stopMs !== null) return;
    if ((await composing.newTimeout({ ...session, timeoutAtMs })) === undefined) return;
    await work.run(sender, (tx) => askClients(tx, [session], { kind: "change", reason, actor, nowMs: tx.nowMs }));
    place.wake();
  };

  /** A failure is the database's. Who cannot give the request back either leaves it to the end of its lease. */
  const giveBack = async (request: SessionRequest, error: unknown): Promise<void> => {
    place.onFailure(error, request);
    const pauseMs = Math.min(request.attempts - 1, mostFailurePauses) * failurePauseMs;
    await work.run(sender, (tx) => tx.sessionRequests.postpone(request, tx.nowMs + pauseMs)).catch(() => {});
  };

  const note = (session: Session, event: SessionEventName, detail: Record<string, unknown>) =>
    work.run(sender, (tx) => tx.sessionEvents.append([sessionEventOf(tx, session, event, detail)]));

  const begin = (request: SessionRequest, payer: string): void => {
    const { clientId } = request;
    const delivery: Promise<void> = deliver(request)
      .catch((error: unknown) => giveBack(request, error))
      .finally(() => {
        const ofClient = ofClients.get(clientId)!;
        // With a quarter of the places taken, somebody's room may have been too small.
        const wasFull = ofClient >= mostPerClient || outstanding.size >= mostOutstanding / 4;
        outstanding.delete(delivery);
        oneLess(ofClients, clientId);
        oneLess(ofPayers, payer);
        if (wasFull) place.wake();
      });
    outstanding.add(delivery);
    ofClients.set(clientId, (ofClients.get(clientId) ?? 0) + 1);
    ofPayers.set(payer, (ofPayers.get(payer) ?? 0) + 1);
  };

  return {
    async sendDue() {
      const room = mostOutstanding - outstanding.size;
      if (room <= 0 || !(await stores().sessionRequests.hasDue(clock.nowMs()))) return 0;
      const nowMs = clock.nowMs();
      const near = { node: place.node, nowMs, heardSinceMs: nowMs - nearMs, overdueMs: nowMs - overdueMs };
      const dueOrganizations = await stores().sessionRequests.listDueOrganizations(nowMs);
      const payerOf = await deps.payersOf(dueOrganizations);
      const payers = new Map(dueOrganizations.map((id) => [id, payerOf(id)]));
      const rooms = roomsOf(new Set(payers.values()), ofPayers, room);
      const shares = [...payers].map(([organizationId, payer]) => ({ organizationId, payer: Number(payer), room: rooms.get(payer) ?? 0 }));
      const claim = { ...near, leaseMs, most: room, mostPerClient, outstanding: ofClients, shares };
      const taken = await work.run(sender, (tx) => tx.sessionRequests.claim(claim));
      for (const request of taken) begin(request, payerOf(request.organizationId));
      return taken.length;
    },
    async settle() {
      while (outstanding.size > 0) await Promise.allSettled(outstanding);
    },
  };
};

const oneLess = <Key>(counts: Map<Key, number>, key: Key): void => {
  const count = counts.get(key)! - 1;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
};
