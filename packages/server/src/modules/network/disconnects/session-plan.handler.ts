import { actorLabel, type Caller } from "../../../kernel/caller.ts";
import type { Change } from "../../../kernel/change.ts";
import type { ChangeHandler } from "../../../kernel/unit-of-work.ts";
import { askClients, type PlanningStores, planSessions } from "./session-plan.ts";

/** What of an account, when it changes, moves the end of its sessions. */
const movingFields = ["user_time", "expiration", "is_active"] as const;

export interface PlanHandlerDependencies<Handle> {
  /** Stores of all tenants over the handle of a unit. */
  storesOver(handle: Handle): PlanningStores;
  /** Something may be due at once. */
  wake(): void;
}

/**
 * Plans anew, in the transaction of the change, when an account's time or a session changes: deadlines are never behind
 * what they are made of. Other sessions of the user are told of their new end.
 */
export const sessionPlanHandler = <Handle>({ storesOver, wake }: PlanHandlerDependencies<Handle>): ChangeHandler<Handle> => ({
  async inTransaction(handle, changes, context) {
    const planned = new Set<number>();
    const moving = changes.filter((change) => movesEnd(change) && userOf(change) !== null);
    // One order for everyone: two units that plan for the same users wait for each other.
    for (const change of moving.toSorted((a, b) => userOf(a)! - userOf(b)!)) {
      const userId = userOf(change)!;
      if (planned.has(userId)) continue;
      planned.add(userId);
      await plan(storesOver(handle), change, userId, context);
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
): Promise<void> => {
  const planned = await planSessions(stores, { id: userId, nameSpaceId }, nowMs);
  // What is over at once is ended by the planner, and needs no change before.
  if (!planned || planned.dueAtMs <= nowMs) return;
  // A session that begins was told its end when it was let in.
  const others = resource === "session" ? planned.live.filter((session) => session.id !== resourceId) : planned.live;
  await askClients(stores, others, { kind: "change", reason: resource, actor: actorLabel(caller.actor), nowMs });
};
