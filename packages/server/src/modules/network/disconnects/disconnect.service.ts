import { actorLabel } from "../../../kernel/actor.ts";
import type { Caller } from "../../../kernel/caller.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { DomainError } from "../../../kernel/errors.ts";
import type { Transaction, Work } from "../../../kernel/unit-of-work.ts";
import type { AccountHooks } from "../../accounts/users/index.ts";
import type { PayersOf } from "../../foundation/organizations/index.ts";
import type { ServedClients } from "../aaa-clients/index.ts";
import { imageOfSession, ownersOf, type Session } from "../sessions/index.ts";
import type { RequestDispatcher } from "./request-dispatcher.ts";
import { type DisconnectReason, type DisconnectStores, planDeadlines } from "./session-deadline.service.ts";
import type { DeadlineOwner, DueOrganization, DueShare } from "./session-deadline.store.ts";
import { storeRequests } from "./session-request.service.ts";
import { planner } from "./session-request.ts";

export interface DisconnectDependencies {
  readonly work: Work<DisconnectStores>;
  readonly clock: Clock;
  readonly table: ServedClients;
  /** Who pays for what becomes of an organization's sessions. */
  readonly payersOf: PayersOf;
  readonly dispatcher: RequestDispatcher;
}

export type Disconnects = ReturnType<typeof createDisconnects>;

const usersAtOnce = 50;
/** A session that still lives so long after it should have ended is looked at again. */
const againMs = 60_000;
/** A user whose sessions could not be ended, for want of a database or of the process that wanted to, is looked at again. */
const claimMs = 5_000;

/** Has clients asked to end sessions. */
const disconnect = async (
  tx: Transaction<DisconnectStores>,
  sessions: readonly Session[],
  reason: DisconnectReason | string,
  dispatcher: RequestDispatcher,
): Promise<void> => {
  const actor = actorLabel(tx.caller.actor);
  const wanted = sessions.map((session) => ({ session, kind: "disconnect" as const, reason, actor }));
  const stored = await storeRequests(tx, wanted, dispatcher, tx.nowMs);
  if (stored.length > 0) tx.afterCommit(() => dispatcher.committed(stored));
};

/** Ends sessions: those whose time is over, those of accounts that go or move, and those that an operator names. */
export const createDisconnects = ({ work, clock, table, payersOf, dispatcher }: DisconnectDependencies) => ({
  /**
   * Asks clients to end the sessions of users whose time is over: of some at once, to which organizations take turns. Returns of
   * how many; throws what went wrong first.
   */
  async endDue(): Promise<number> {
    const stores = work.acrossTenants("the planner ends the sessions of all tenants");
    if (!(await stores.sessionDeadlines.hasDue(clock.nowMs()))) return 0;
    const organizations = await stores.sessionDeadlines.listDueOrganizations(clock.nowMs());
    const payerOf = await payersOf(organizations.map(({ organizationId }) => organizationId));
    const shares = dueShares(organizations, payerOf, usersAtOnce);
    const due = await work.run(planner, (tx) => tx.sessionDeadlines.claimDue(tx.nowMs, tx.nowMs + claimMs, shares));
    const endOne = (owner: DeadlineOwner): Promise<void> =>
      work.run(planner, async (tx) => {
        await tx.accountLocks.takeAtOnce(owner);
        const end = (await planDeadlines(tx, [{ ...owner, makesDeadline: false }], tx.nowMs)).get(owner.id);
        if (!end || end.dueAtMs > tx.nowMs) return;
        await tx.sessionDeadlines.set(owner, tx.nowMs + againMs);
        // Those whose clients were just asked are about to end: each Stop of another one comes by here.
        const ids = end.live.map((session) => session.id);
        const asked = await tx.sessionRequests.listRequestedSince(owner.namespaceId, ids, "disconnect", tx.nowMs - againMs);
        const others = end.live.filter((session) => !asked.has(session.id));
        await disconnect(tx, others, end.reason, dispatcher);
      });
    // Side by side: what they read and write travels together. One that fails stops nobody else's.
    const failed = (await Promise.allSettled(due.map(endOne))).find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
    const users = organizations.reduce((sum, one) => sum + one.users, 0);
    if (due.length > 0 && users > due.length) dispatcher.wake();
    return due.length;
  },

  /** An operator has a session ended. Throws where it is over already, or its client takes no requests. */
  async disconnect(
    caller: Caller,
    operation: string,
    id: number,
    reason: string | null,
  ): Promise<{ session: Session; createdAtMs: number }> {
    return work.run(caller, async (tx) => {
      const found = await tx.sessions.find(id);
      if (found) await tx.accountLocks.take(ownersOf([found]));
      const session = await tx.sessions.lock(id);
      if (!session) throw new DomainError("session.not_found", "There is no such session.");
      if (session.stopMs !== null) throw new DomainError("session.not_active", "The session is over.");
      if (!table.takesRequests(session.clientId)) {
        throw new DomainError(
          "session.client_takes_no_requests",
          "The session's AAA client is not served any more, or has no coa_port: it cannot be asked.",
        );
      }
      await disconnect(tx, [session], reason ?? "operator", dispatcher);
      const waiting = await tx.sessionRequests.findWaiting(session, "disconnect");
      tx.record({
        operation,
        resource: "session",
        resourceId: session.id,
        namespaceId: session.namespaceId,
        organizationId: session.organizationId,
        before: imageOfSession(session),
        after: { ...imageOfSession(session), disconnect: "requested" },
      });
      return { session, createdAtMs: waiting?.createdAtMs ?? tx.nowMs };
    });
  },

  /** The sessions of an account that is deleted, or moves to where its client may not serve it, end. */
  ofAccounts: {
    async onDelete(tx, { user }) {
      await disconnect(tx, await tx.sessions.lockLiveOf([user]), "deleted", dispatcher);
    },
    async onMove(tx, _operation, moves) {
      const users = moves.map(({ before }) => before);
      await disconnect(tx, await tx.sessions.lockLiveOf(users), "moved", dispatcher);
    },
  } satisfies AccountHooks<DisconnectStores> as AccountHooks<DisconnectStores>,
});

/**
 * How many of each organization's due users are looked at in one pass: payers take the free places in turns, and a payer's own
 * organizations take the payer's. Child organizations multiply nothing, and what nobody else needs one payer may have.
 */
const dueShares = (due: readonly DueOrganization[], payerOf: (organizationId: number) => string, dispatcher: number): DueShare[] => {
  const ofPayers = [...Map.groupBy(due, ({ organizationId }) => payerOf(organizationId)).values()];
  const shares = new Map<number, number>();
  /** Gives one place to the next of a payer's organizations that still has users; false where none has. */
  const giveOne = (line: DueOrganization[]): boolean => {
    for (let next = line.shift(); next !== undefined; next = line.shift()) {
      const given = shares.get(next.organizationId) ?? 0;
      if (given >= next.users) continue;
      shares.set(next.organizationId, given + 1);
      line.push(next);
      return true;
    }
    return false;
  };
  let left = dispatcher;
  for (let isGiven = true; isGiven; ) {
    isGiven = false;
    for (const line of ofPayers) {
      if (left === 0 || !giveOne(line)) continue;
      left -= 1;
      isGiven = true;
    }
  }
  return [...shares].map(([organizationId, max]) => ({ organizationId, max }));
};
