import { actorLabel, type Caller } from "../../../kernel/caller.ts";
import type { Change } from "../../../kernel/change.ts";
import type { ChangeHandler, SharedTask } from "../../../kernel/unit-of-work.ts";
import type { Session } from "../sessions/index.ts";
import { askClients, type PlanningStores, planSessions } from "./session-plan.ts";

/** What of an account, when it changes, moves the end of its sessions. */
const movingFields = ["user_time", "expiration", "is_active"] as const;

/**
 * A change of an account that runs beside the beginning of its first session may see no session, and the session the
 * account from before: so that beginnings are planned once more when no such change can be under way any longer.
 */
const againAfterMs = 5_000;

/** A unit that moves the end of sessions. */
interface MovingUnit {
  readonly changes: readonly Change[];
  readonly caller: Caller;
  readonly nowMs: number;
}

export interface PlanHandlerDependencies {
  /** Whether units run beside each other. */
  readonly isConcurrent: boolean;
  /** Whether a client can be asked to change a session. */
  takesRequests(clientId: number): boolean;
  /** Something may be due at once. */
  wake(): void;
}

/**
 * Plans anew, in the transaction of the change, when an account's time or a session changes: deadlines are never behind
 * what they are made of. Other sessions of the user are told of their new end.
 */
export const sessionPlanHandler = ({ isConcurrent, takesRequests, wake }: PlanHandlerDependencies): ChangeHandler<PlanningStores> => {
  /** Units that have left something to be done at once. */
  const hasty = new WeakSet<readonly Change[]>();

  /** Whether something of the plan is due at once. */
  const planUser = async (stores: PlanningStores, userId: number, moves: readonly Move[]): Promise<boolean> => {
    const own = moves.flatMap(({ changes }) => changes);
    const nowMs = Math.max(...moves.map((move) => move.nowMs));
    const again = isConcurrent && own.some(beginsSession) ? { againAtMs: nowMs + againAfterMs } : {};
    const owner = { id: userId, nameSpaceId: own[0]!.nameSpaceId };
    const planned = await planSessions(stores, owner, { nowMs, makesDeadline: !own.every(endsSession), ...again });
    if (!planned) return false;
    // What is over at once is ended by the planner, and needs no change before.
    if (planned.dueAtMs <= nowMs) return true;
    const told = new Set<number>();
    let made = 0;
    for (const { changes, actor } of moves) {
      const others = othersThan(changes, planned.live).filter(({ id, clientId }) => !told.has(id) && takesRequests(clientId));
      for (const { id } of others) told.add(id);
      if (others.length === 0) continue;
      made += (await askClients(stores, others, { kind: "change", reason: changes[0]!.resource, actor, nowMs })).length;
    }
    return made > 0;
  };

  /** Plans for all units of one transaction at once: the deadline that stands at its end is the only one that anybody sees. */
  const planAll = async (stores: PlanningStores, units: readonly MovingUnit[]): Promise<void> => {
    const moves = units.flatMap(({ changes, caller, nowMs }) =>
      [...Map.groupBy(changes.filter(movesEnd), userOf)].flatMap(([userId, own]): Move[] =>
        userId === null ? [] : [{ userId, changes: own, actor: actorLabel(caller.actor), nowMs }],
      ),
    );
    // One order for everyone: two units that plan for the same users wait for each other.
    const byUser = [...Map.groupBy(moves, (move) => move.userId)].sort(([one], [other]) => one - other);
    const credited = byUser.filter(([, own]) => own.every(isCredit));
    const mayHaveLive = await stores.sessions.mayHaveLive(
      credited.map(([id, [first]]) => ({ id, nameSpaceId: first!.changes[0]!.nameSpaceId })),
    );
    for (const [userId, own] of byUser) {
      // Who has no live session has no deadline either: most changes of a balance end here.
      if (own.every(isCredit) && !mayHaveLive.has(userId)) continue;
      if (await planUser(stores, userId, own)) hasty.add(units[0]!.changes);
    }
  };

  const planning: SharedTask<PlanningStores, MovingUnit> = {
    acrossTenants: "a session may be out of the sight of who changes its user",
    run: planAll,
  };
  return {
    async inTransaction(tx, changes) {
      if (changes.some(movesEnd)) await tx.doTogether(planning, { changes, caller: tx.caller, nowMs: tx.nowMs });
    },
    afterCommit(changes) {
      if (hasty.has(changes)) wake();
    },
  };
};

/** What of one unit moves the end of one user's sessions. */
interface Move {
  readonly userId: number;
  readonly changes: readonly Change[];
  readonly actor: string;
  readonly nowMs: number;
}

const isCredit = ({ changes }: Move): boolean => changes[0]!.resource === "user";

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
