import { predictedZeroMs } from "../../../aaa/session-time/time-share.ts";
import type { AccountLockStore } from "../../accounts/users/index.ts";
import type { AccessFactsStore, AccountFacts } from "../network-access/index.ts";
import type { Session, SessionEventStore, SessionStore } from "../sessions/index.ts";
import type { DeadlineOwner, SessionDeadlineStore } from "./session-deadline.store.ts";
import type { SessionRequestStore } from "./session-request.store.ts";
import type { SessionRequest } from "./session-request.ts";

export interface PlanningStores {
  readonly accountLocks: AccountLockStore;
  readonly accessFacts: AccessFactsStore;
  readonly sessions: SessionStore;
  readonly sessionDeadlines: SessionDeadlineStore;
  readonly sessionRequests: SessionRequestStore;
  readonly sessionEvents: SessionEventStore;
}

/** Why the sessions of a user must end. */
export type EndReason = "no_time_left" | "expired" | "inactive" | "moved" | "deleted" | "operator";

/** When the live sessions of a user must end, and why. */
export interface SessionPlan {
  readonly account: AccountFacts;
  readonly live: readonly Session[];
  readonly dueAtMs: number;
  readonly reason: EndReason;
}

export interface Planning {
  readonly nowMs: number;
  /** Whether the user may have no deadline yet. One who has none when a session ends has nothing that limits the others. */
  readonly makesDeadline: boolean;
  /** When the plan is to be looked at again at the latest. */
  readonly againAtMs?: number;
}

/**
 * Works out when the live sessions of a user must end, all of them together, and keeps it as the user's deadline: when the
 * balance is empty if they all go on, or when the account expires; at once for one that is switched off. Undefined where
 * nothing ends them, and where there is no deadline to be kept. Call it with the user's row locked, and where something was written since: what it
 * reads is true then until the unit ends. Give it stores of all tenants: a session may be out of the sight of who changes its user.
 */
export const planSessions = async (
  { accessFacts, sessions, sessionDeadlines }: PlanningStores,
  owner: DeadlineOwner,
  { nowMs, makesDeadline, againAtMs }: Planning,
): Promise<SessionPlan | undefined> => {
  // Asked for together they travel together, and are done one after another. Sessions come before the balance, as in `findEnd`.
  const [isKept, live, account] = await Promise.all([
    makesDeadline || sessionDeadlines.find(owner).then((dueAtMs) => dueAtMs !== undefined),
    sessions.listLiveOf(owner),
    accessFacts.findById(owner.id),
  ]);
  if (!isKept) return undefined;
  const end = endOf(account, live, nowMs);
  const dueAtMs = Math.min(end?.dueAtMs ?? Number.POSITIVE_INFINITY, againAtMs ?? Number.POSITIVE_INFINITY);
  if (dueAtMs === Number.POSITIVE_INFINITY || !account) await sessionDeadlines.remove(owner);
  else await sessionDeadlines.plan({ ...owner, organizationId: account.organizationId }, dueAtMs);
  return account && end && { account, live, ...end };
};

/** When the live sessions of a user must end, by what is stored now. Give it stores of all tenants. */
export const findEnd = async (stores: Pick<PlanningStores, "accessFacts" | "sessions">, owner: DeadlineOwner, nowMs: number) => {
  // Sessions before the balance: what an interim debits between the two reads makes the end too early, and it is worked out
  // anew then. The other way round it would be too late, and the time that is given away so is nobody's.
  const live = await stores.sessions.listLiveOf(owner);
  const account = await stores.accessFacts.findById(owner.id);
  return { account, live, end: endOf(account, live, nowMs) };
};

const endOf = (
  account: AccountFacts | undefined,
  live: readonly Session[],
  nowMs: number,
): { dueAtMs: number; reason: EndReason } | undefined => {
  if (!account || live.length === 0) return undefined;
  if (!account.isActive) return { dueAtMs: nowMs, reason: "inactive" };
  const reportedAtMs = live.map((session) => session.reportedAtMs);
  const zeroMs = account.seconds === null ? undefined : predictedZeroMs(account.seconds, reportedAtMs);
  const { expirationMs } = account;
  if (expirationMs !== null && (zeroMs === undefined || expirationMs < zeroMs)) return { dueAtMs: expirationMs, reason: "expired" };
  return zeroMs === undefined ? undefined : { dueAtMs: zeroMs, reason: "no_time_left" };
};

/** Who asks something about sessions, and why. */
export interface Asking {
  readonly kind: SessionRequest["kind"];
  readonly reason: string;
  readonly actor: string;
  readonly nowMs: number;
}

/**
 * Asks the clients of sessions to end or change them; what waits already is not asked twice. Returns what is new, and what
 * the planner alone has wanted until now.
 */
export const askClients = async (
  stores: Pick<PlanningStores, "sessionRequests" | "sessionEvents">,
  sessions: readonly Session[],
  { kind, reason, actor, nowMs }: Asking,
): Promise<SessionRequest[]> => {
  const made = await stores.sessionRequests.add(
    sessions.map((session) => ({
      nameSpaceId: session.nameSpaceId,
      organizationId: session.organizationId,
      sessionId: session.id,
      clientId: session.clientId,
      kind,
      reason,
      actor,
      createdAtMs: nowMs,
      dueAtMs: nowMs,
    })),
  );
  // Whether a change is needed at all is known when it is about to be sent: its history begins then.
  const told = made.filter((request) => request.kind === "disconnect");
  await stores.sessionEvents.append(
    told.map(({ nameSpaceId, organizationId, sessionId }) => ({
      nameSpaceId,
      organizationId,
      sessionId,
      createdAtMs: nowMs,
      event: "request_made" as const,
      actor,
      detail: { kind, reason },
    })),
  );
  return made;
};
