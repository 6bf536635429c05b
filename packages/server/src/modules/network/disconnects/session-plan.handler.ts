import { actorLabel } from "../../../kernel/caller.ts";
import type { Change } from "../../../kernel/change.ts";
import type { ChangeHandler } from "../../../kernel/unit-of-work.ts";
import type { Session } from "../sessions/index.ts";
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
  /** Whether a client can be asked to change a session. */
  takesRequests(clientId: number): boolean;
  /** Something may be due at once. */
  wake(): void;
}

/**
 * Plans anew, in the transaction of the change, when an account's time or a session changes: deadlines are never behind
 * what they are made of. Other sessions of the user are told of their new end.
 */
export const sessionPlanHandler = <Handle>({
  isConcurrent,
  storesOver,
  takesRequests,
  wake,
}: PlanHandlerDependencies<Handle>): ChangeHandler<Handle> => ({
  async inTransaction(handle, changes, { caller, nowMs }) {
    const moving = Map.groupBy(changes.filter(movesEnd), userOf);
    if (moving.size === 0) return;
    const stores = storesOver(handle);
    const credited = [...moving].flatMap(([id, [first]]) =>
      id !== null && first!.resource === "user" ? [{ id, nameSpaceId: first!.nameSpaceId }] : [],
    );
    const withLive = await stores.sessions.withLive(credited);
    // One order for everyone: two units that plan for the same users wait for each other.
    for (const userId of [...moving.keys()].filter((id) => id !== null).sort((one, other) => one - other)) {
      const own = moving.get(userId)!;
      const { nameSpaceId, resource } = own[0]!;
      const owner = { id: userId, nameSpaceId };
      // Who has no live session has no deadline either: most changes of a balance end here.
      if (resource === "user" && !withLive.has(userId)) continue;
      const again = isConcurrent && own.some(beginsSession) ? { againAtMs: nowMs + againAfterMs } : {};
      const planned = await planSessions(stores, owner, { nowMs, makesDeadline: !own.every(endsSession), ...again });
      // What is over at once is ended by the planner, and needs no change before.
      if (!planned || planned.dueAtMs <= nowMs) continue;
      const told = othersThan(own, planned.live).filter((session) => takesRequests(session.clientId));
      if (told.length > 0) await askClients(stores, told, { kind: "change", reason: resource, actor: actorLabel(caller.actor), nowMs });
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

const endsSession = ({ resource, after }: Change): boolean => resource === "session" && after?.["session_status"] === "completed";

const beginsSession = ({ resource, before }: Change): boolean => resource === "session" && before === null;

/** A session that begins was told its end when it was let in. */
const othersThan = (changes: readonly Change[], live: readonly Session[]): readonly Session[] =>
  live.filter(({ id }) => !changes.some(({ resource, resourceId }) => resource === "session" && resourceId === id));
