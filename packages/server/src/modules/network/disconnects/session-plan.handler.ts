import { actorLabel, type Caller } from "../../../kernel/caller.ts";
import type { Change } from "../../../kernel/change.ts";
import type { ChangeHandler } from "../../../kernel/unit-of-work.ts";
import { askClients, type PlanningStores, planSessions } from "./session-plan.ts";

/** What of an account, when it changes, moves the end of its sessions. */
const movingFields = ["user_time", "expiration", "is_active"] as const;

/**
 * A change of an account that runs beside the beginning of its first session may see no session, and the session the
 * account from before: so that beginnings are planned once more when no such change can be under way any longer.
 */
const againAfterMs = 5_000;

export interface PlanHandlerDependencies<Handle> {
  /** Whether units run beside each other. */
  readonly isConcurrent: boolean;
  /** Stores of all tenants over the handle of a unit. */
  storesOver(handle: Handle): PlanningStores;
  /** Something may be due at once. */
  wake(): void;
}

/**
 * Plans anew, in the transaction of the change, when an account's time or a session changes: deadlines are never behind
 * what they are made of. Other sessions of the user are told of their new end.
 */
export const sessionPlanHandler = <Handle>({ isConcurrent, storesOver, wake }: PlanHandlerDependencies<Handle>): ChangeHandler<Handle> => ({
  async inTransaction(handle, changes, context) {
    const planned = new Set<number>();
    const moving = changes.filter((change) => movesEnd(change) && userOf(change) !== null);
    // One order for everyone: two units that plan for the same users wait for each other.
    for (const change of moving.toSorted((a, b) => userOf(a)! - userOf(b)!)) {
      const userId = userOf(change)!;
      if (planned.has(userId)) continue;
      planned.add(userId);
      const stores = storesOver(handle);
      const owner = { id: userId, nameSpaceId: change.nameSpaceId };
      // Who has no live session has no deadline either: most changes of a balance end here.
      if (change.resource === "user" && !(await stores.sessions.hasLive(owner))) continue;
      const dueAtMs = await plan(stores, change, userId, context);
      if (isConcurrent && change.resource === "session" && change.before === null) {
        await stores.sessionDeadlines.lock(owner);
        await stores.sessionDeadlines.set(owner, Math.min(dueAtMs ?? Number.POSITIVE_INFINITY, context.nowMs + againAfterMs));
      }
    }
  },
  afterCommit(changes) {
    if (changes.some(movesEnd)) wake();
  },
});

const movesEnd = ({ resource, before, after }: Change): boolean => {
  if (resource === "session") return before?.["session_status"] !== after?.["session_status"];
  if (resource !== "user" || before === null || after === null) return false;
  return movingFields.some((field) => before[field] !== after[field]);
};

const userOf = ({ resource, resourceId, before, after }: Change): number | null =>
  resource === "user" ? resourceId : (((after ?? before)?.["user"] as number | null | undefined) ?? null);

const plan = async (
  stores: PlanningStores,
  { resource, resourceId, nameSpaceId }: Change,
  userId: number,
  { caller, nowMs }: { caller: Caller; nowMs: number },
): Promise<number | undefined> => {
  const planned = await planSessions(stores, { id: userId, nameSpaceId }, nowMs);
  // What is over at once is ended by the planner, and needs no change before.
  if (!planned || planned.dueAtMs <= nowMs) return planned?.dueAtMs;
  // A session that begins was told its end when it was let in.
  const others = resource === "session" ? planned.live.filter((session) => session.id !== resourceId) : planned.live;
  await askClients(stores, others, { kind: "change", reason: resource, actor: actorLabel(caller.actor), nowMs });
  return planned.dueAtMs;
};
