import { changedTimeout } from "../../../aaa/session-time/live-session-timeout.ts";
import { sessionEnd } from "../../../aaa/session-time/session-end.ts";
import type {
  DynamicAuthorizationClient,
  DynamicAuthorizationRequest,
  RequestAttribute,
} from "../../../aaa/words/dynamic-authorization.ts";
import { systemCaller } from "../../../kernel/caller.ts";
import type { Clock } from "../../../kernel/clock.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { ClosingStores, Session } from "../sessions/index.ts";
import type { FactsReader, RequestFacts, Unsendable } from "./dynamic-authorization.facts.ts";
import { noteOutcome, noteUnsent, type Unsent } from "./dynamic-authorization.outcome.ts";
import { maxPerClient, type RequestDispatcher } from "./request-dispatcher.ts";
import type { DisconnectStores } from "./session-deadline.service.ts";
import { plannerActor, type SessionRequest } from "./session-request.ts";

/** What is watched of requests. */
export interface RequestObserver {
  /** What became of an attempt, or why a request was not sent. */
  count(kind: SessionRequest["kind"], outcome: string): void;
  /** A request could be neither sent nor ended; it is tried again. */
  onFailure(error: unknown, request: SessionRequest): void;
}

export interface DynamicAuthorizationDependencies {
  readonly work: Work<DisconnectStores & ClosingStores>;
  readonly clock: Clock;
  readonly facts: FactsReader;
  readonly client: DynamicAuthorizationClient;
  readonly dispatcher: RequestDispatcher;
  readonly observer: RequestObserver;
}

export interface DynamicAuthorization {
  /** From now on this process sends what it stores; what others store it sends by `sendDue`. */
  open(): void;
  /** Claims what is due and this node's to send, and sends it. Returns how many requests it claimed; does not wait for answers. */
  sendDue(): Promise<number>;
  /** Ends when all that was claimed has been answered or given up. */
  settle(): Promise<void>;
}

const sender = systemCaller("disconnects");
/** What its node leaves lying for so long is anyone's to send. */
const overdueMs = 5_000;
/** What failed is tried again at once, and then after pauses that grow up to ten seconds. */
const failurePauseMs = 1_000;
const maxFailurePauses = 10;

export const createDynamicAuthorization = (deps: DynamicAuthorizationDependencies): DynamicAuthorization => {
  const { work, clock, facts: reader, client, dispatcher, observer } = deps;

  /** The whole way of one CoA-Request or Disconnect-Request that this process has claimed. */
  const deliver = async (request: SessionRequest): Promise<void> => {
    const facts = await reader.read(request);
    if ("unsent" in facts) return drop(request, facts, facts.unsent);
    const sentAtMs = clock.nowMs();
    const timeoutSeconds = newTimeout(request, facts, sentAtMs);
    const composed = composeRequest(request, facts, timeoutSeconds, sentAtMs);
    if (typeof composed === "string") return drop(request, facts, composed);
    const freeAtMs = dispatcher.pausedUntilMs(nameOf(composed), sentAtMs);
    if (freeAtMs > sentAtMs) return work.run(sender, (tx) => tx.sessionRequests.defer(request, freeAtMs));
    const outcome = await client.send(composed);
    dispatcher.noteReached(nameOf(composed), outcome.kind !== "unreachable", clock.nowMs());
    observer.count(request.kind, outcome.kind);
    await work.run(sender, (tx) => noteOutcome(tx, { request, facts, timeoutSeconds, sentAtMs }, outcome, dispatcher));
  };

  const drop = async (request: SessionRequest, facts: RequestFacts | Unsendable, unsent: Unsent): Promise<void> => {
    await work.run(sender, (tx) => noteUnsent(tx, request, facts, unsent, dispatcher));
    observer.count(request.kind, unsent);
  };

  /** A failure is the database's. Who cannot give the request back either leaves it to the end of its lease. */
  const giveBack = async (request: SessionRequest, error: unknown): Promise<void> => {
    observer.onFailure(error, request);
    const pauseMs = Math.min(request.attempts - 1, maxFailurePauses) * failurePauseMs;
    await work.run(sender, (tx) => tx.sessionRequests.postpone(request, tx.nowMs + pauseMs)).catch(() => {});
  };

  const send = (request: SessionRequest): Promise<void> => deliver(request).catch((error: unknown) => giveBack(request, error));

  /** Claims requests that are due: no more than there are free places for; payers take turns. */
  const claimDue = async (): Promise<readonly SessionRequest[]> => {
    const nowMs = clock.nowMs();
    const organizations = await work.acrossTenants(acrossTenants).sessionRequests.listDueOrganizations(nowMs);
    const payerOf = await dispatcher.payersOf(organizations);
    const payers = new Map(organizations.map((id) => [id, payerOf(id)]));
    const rooms = dispatcher.roomsOf(new Set(payers.values()), payerOf);
    const shares = [...payers].map(([organizationId, payer]) => ({ organizationId, payer: Number(payer), room: rooms.get(payer) ?? 0 }));
    const claim = {
      ...dispatcher.claimantAt(nowMs),
      nowMs,
      overdueMs: nowMs - overdueMs,
      maxRequests: dispatcher.free(),
      maxPerClient,
      outstanding: dispatcher.ofClients,
      shares,
    };
    return work.run(sender, (tx) => tx.sessionRequests.claim(claim));
  };

  return {
    open() {
      dispatcher.open({
        destinationOf(session) {
          const destination = reader.destinationOf(session);
          return typeof destination === "string" ? undefined : nameOf(destination);
        },
        send(requests) {
          for (const request of requests) dispatcher.take(request, send(request));
        },
      });
    },
    async sendDue() {
      if (dispatcher.free() <= 0) return 0;
      if (!(await work.acrossTenants(acrossTenants).sessionRequests.hasDue(clock.nowMs()))) return 0;
      const claimed = await claimDue();
      for (const request of claimed) dispatcher.take(request, send(request));
      return claimed.length;
    },
    settle: dispatcher.settle,
  };
};

const acrossTenants = "requests of all tenants are sent by Gatehouse";

/** What tells destinations apart. */
const nameOf = ({ address, port }: { readonly address: string; readonly port: number }): string => `${address} ${port}`;

/** The Session-Timeout that a CoA-Request carries; undefined for a Disconnect-Request, and where the session has the right one. */
const newTimeout = ({ kind }: SessionRequest, facts: RequestFacts, nowMs: number): number | undefined => {
  const { account, session } = facts;
  return kind === "coa" && account ? changedTimeout({ ...facts, account, nowMs }, session.timeoutAtMs) : undefined;
};

/** What is sent for a request, or why nothing is. */
const composeRequest = (
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
