import { actorLabel } from "../../../kernel/actor.ts";
import type { Transaction } from "../../../kernel/unit-of-work.ts";
import type { DebitStore } from "../../accounts/time-ledger/index.ts";
import type { AccountLockStore } from "../../accounts/users/index.ts";
import type { Ending } from "./session.rows.ts";
import type { SessionStore } from "./session.store.ts";
import { imageOfSession, type Session, type SessionEventName } from "./session.ts";
import type { SessionEventStore } from "./session-event.store.ts";

/** What was read of a session is outdated, for somebody else has written it since: decide again by what it is now. */
export class SessionOutdated extends Error {
  override readonly name = "SessionOutdated";
}

/** Records that a session began, ended or lives again. A report that only counts is no Change. */
export const recordSessionChange = (tx: Transaction<unknown>, operation: string, before: Session | null, after: Session): void =>
  tx.record({
    operation,
    resource: "session",
    resourceId: after.id,
    namespaceId: after.namespaceId,
    organizationId: after.organizationId,
    before: before && imageOfSession(before),
    after: imageOfSession(after),
  });

/** A line for a session's history. */
export const sessionEventOf = (
  tx: Transaction<unknown>,
  session: Session,
  event: SessionEventName,
  detail: Readonly<Record<string, unknown>>,
) => ({
  namespaceId: session.namespaceId,
  organizationId: session.organizationId,
  sessionId: session.id,
  createdAtMs: tx.nowMs,
  event,
  actor: actorLabel(tx.caller.actor),
  detail,
});

export interface ClosingStores {
  readonly accountLocks: AccountLockStore;
  readonly sessions: SessionStore;
  readonly sessionEvents: SessionEventStore;
  readonly debits: DebitStore;
}

export interface Closing extends Ending {
  readonly operation: string;
}

/**
 * Closes live sessions without a Stop, at their last update; returns those that were still live. Their rows of the ledger are
 * sealed. Should a client report one of them later, it reopens and the difference is billed.
 */
export const closeSessions = async (tx: Transaction<ClosingStores>, sessions: readonly Session[], closing: Closing): Promise<Session[]> => {
  if (sessions.length === 0) return [];
  await tx.accountLocks.take(ownersOf(sessions));
  const closed = await tx.sessions.close(sessions, closing);
  await followClosing(tx, sessions, closed, closing);
  return closed;
};

/** The accounts that own sessions, where they are known: their locks come before those of the sessions. */
export const ownersOf = (sessions: readonly Session[]) =>
  sessions.flatMap(({ userId, namespaceId }) => (userId === null ? [] : [{ id: userId, namespaceId }]));

/** What follows when sessions were closed without a Stop; `before` has each of them as it was. */
export const followClosing = async (
  tx: Transaction<ClosingStores>,
  before: readonly Session[],
  closed: readonly Session[],
  closing: Closing,
): Promise<void> => {
  for (const [namespaceId, group] of Map.groupBy(closed, (session) => session.namespaceId)) {
    const debited = group.filter((session) => session.burnedSeconds > 0).map((session) => session.id);
    await tx.debits.seal(namespaceId, debited, tx.nowMs);
  }
  const detail = { closed_by: closing.closedBy, terminate_cause: closing.terminateCause };
  await tx.sessionEvents.append(closed.map((session) => sessionEventOf(tx, session, "closed", detail)));
  const beforeById = new Map(before.map((session) => [session.id, session]));
  for (const session of closed) recordSessionChange(tx, closing.operation, beforeById.get(session.id)!, session);
};
