import { actorLabel, type Caller } from "../../../kernel/caller.ts";
import type { Clock } from "../../../kernel/clock.ts";
import { DomainError } from "../../../kernel/errors.ts";
import type { Transaction, Work } from "../../../kernel/unit-of-work.ts";
import type { AccountHooks } from "../../accounts/users/index.ts";
import type { PayersOf } from "../../foundation/organizations/index.ts";
import type { ClientTable } from "../aaa-clients/index.ts";
import { imageOfSession, ownersOf, type Session } from "../sessions/index.ts";
import { dueShares } from "./due-shares.ts";
import { planner } from "./planner.ts";
import type { DeadlineOwner } from "./session-deadline.store.ts";
import { askClients, type EndReason, type PlanningStores, planSessions } from "./session-plan.ts";

export interface DisconnectDependencies {
  readonly work: Work<PlanningStores>;
  readonly clock: Clock;
  readonly table: ClientTable;
  /** Who pays for what becomes of an organization's sessions. */
  readonly payersOf: PayersOf;
  /** Requests wait to be sent, or more users are due. */
  wake(): void;
}

export type Disconnects = ReturnType<typeof createDisconnects>;

const usersAtOnce = 50;
/** A session that still lives so long after it should have ended is looked at again. */
const againMs = 60_000;
/** A user whose sessions could not be ended, for want of a database or of the process that wanted to, is looked at again. */
const claimMs = 5_000;

const ask = async (
  tx: Transaction<PlanningStores>,
  sessions: readonly Session[],
  reason: EndReason | string,
  wake: () => void,
): Promise<void> => {
  const made = await askClients(tx, sessions, { kind: "disconnect", reason, actor: actorLabel(tx.caller.actor), nowMs: tx.nowMs });
  if (made.length > 0) tx.afterCommit(wake);
};

/** Ends sessions: those whose time is over, those of accounts that go or move, and those that an operator names. */
export const createDisconnects = ({ work, clock, table, payersOf, wake }: DisconnectDependencies) => ({
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
        const plan = await planSessions(tx, owner, { nowMs: tx.nowMs, makesDeadline: false });
        if (!plan || plan.dueAtMs > tx.nowMs) return;
        await tx.sessionDeadlines.set(owner, tx.nowMs + againMs);
        // Those whose clients were just asked are about to end: each Stop of another one comes by here.
        const ids = plan.live.map((session) => session.id);
        const asked = await tx.sessionRequests.listAskedSince(owner.nameSpaceId, ids, "disconnect", tx.nowMs - againMs);
        await ask(
          tx,
          plan.live.filter((session) => !asked.has(session.id)),
          plan.reason,
          wake,
        );
      });
    // Side by side: what they read and write travels together. One that fails stops nobody else's.
    const failed = (await Promise.allSettled(due.map(endOne))).find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
    const users = organizations.reduce((sum, one) => sum + one.users, 0);
    if (due.length > 0 && users > due.length) wake();
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
      await ask(tx, [session], reason ?? "operator", wake);
      const waiting = await tx.sessionRequests.findWaiting(session, "disconnect");
      tx.record({
        operation,
        resource: "session",
        resourceId: session.id,
        nameSpaceId: session.nameSpaceId,
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
      await ask(tx, await tx.sessions.lockLiveOf([user]), "deleted", wake);
    },
    async onMove(tx, _operation, moves) {
      const users = moves.map(({ before }) => before);
      await ask(tx, await tx.sessions.lockLiveOf(users), "moved", wake);
    },
  } satisfies AccountHooks<PlanningStores> as AccountHooks<PlanningStores>,
});
