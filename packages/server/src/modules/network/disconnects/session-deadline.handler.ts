import { actorLabel } from "../../../kernel/actor.ts";
import type { Caller } from "../../../kernel/caller.ts";
import type { Change } from "../../../kernel/change.ts";
import type { ChangeHandler, SharedTask } from "../../../kernel/unit-of-work.ts";
import type { Session } from "../sessions/index.ts";
import type { RequestDispatcher } from "./request-dispatcher.ts";
import { type DisconnectStores, planDeadlines } from "./session-deadline.service.ts";
import { storeRequests, type WantedRequest } from "./session-request.service.ts";
import type { StoredRequest } from "./session-request.ts";

/** What of an account, when it changes, moves the end of its sessions. */
const movingFields = ["user_time", "expiration", "is_active"] as const;

/**
 * A change of an account that runs beside the beginning of its first session may not see that session, and the session may
 * begin with the account of before. So a session that begins is planned once more, when no such change can be under way.
 */
const againAfterMs = 5_000;

/** A unit that moves the end of sessions. */
interface MovingUnit {
  readonly changes: readonly Change[];
  readonly caller: Caller;
  readonly nowMs: number;
}

export interface DeadlineHandlerDependencies {
  /** Whether units run beside each other. */
  readonly isConcurrent: boolean;
  /** Whether a client can be asked to change a session. */
  takesRequests(clientId: number): boolean;
  readonly dispatcher: RequestDispatcher;
}

/** What a transaction has left to be done after its commit. */
interface Aftermath {
  readonly stored: readonly StoredRequest[];
  /** Whether sessions are over at once. */
  readonly isDue: boolean;
}

/**
 * Plans anew, in the transaction of the change, when an account's time or a session changes: deadlines are never behind
 * what they are made of. The clients of the user's other sessions get a CoA-Request with the new end.
 */
export const sessionDeadlineHandler = ({
  isConcurrent,
  takesRequests,
  dispatcher,
}: DeadlineHandlerDependencies): ChangeHandler<DisconnectStores> => {
  /** What is left to do after the commit; the key is the list of changes of the first unit in the transaction. */
  const aftermaths = new WeakMap<readonly Change[], Aftermath>();

  /** Plans for all units of one transaction at once: the deadline that stands at its end is the only one that anybody sees. */
  const planAll = async (stores: DisconnectStores, units: readonly MovingUnit[]): Promise<void> => {
    const moves = await movesOfLiveUsers(stores, movesOf(units));
    if (moves.size === 0) return;
    const nowMs = Math.max(...units.map((unit) => unit.nowMs));
    const users = [...moves].map(([id, own]) => {
      const changes = own.flatMap((move) => move.changes);
      const again = isConcurrent && changes.some(beginsSession) ? { againAtMs: nowMs + againAfterMs } : {};
      return { id, namespaceId: changes[0]!.namespaceId, makesDeadline: !changes.every(endsSession), ...again };
    });
    const ends = await planDeadlines(stores, users, nowMs);
    // What is over at once is ended by the planner, and needs no change before.
    const isDue = [...ends.values()].some(({ dueAtMs }) => dueAtMs <= nowMs);
    const wanted = [...ends].flatMap(([id, { live, dueAtMs }]) =>
      dueAtMs <= nowMs ? [] : changesFor(moves.get(id)!, live).filter(({ session }) => takesRequests(session.clientId)),
    );
    const stored = wanted.length === 0 ? [] : await storeRequests(stores, wanted, dispatcher, nowMs);
    aftermaths.set(units[0]!.changes, { stored, isDue });
  };

  const planning: SharedTask<DisconnectStores, MovingUnit> = {
    acrossTenants: "a session may be out of the sight of who changes its user",
    run: planAll,
  };
  return {
    async inTransaction(tx, changes) {
      if (changes.some(movesEnd)) await tx.doTogether(planning, { changes, caller: tx.caller, nowMs: tx.nowMs });
    },
    afterCommit(changes) {
      const aftermath = aftermaths.get(changes);
      if (!aftermath) return;
      if (aftermath.stored.length > 0) dispatcher.committed(aftermath.stored);
      if (aftermath.isDue) dispatcher.wake();
    },
  };
};

/** What moves the sessions of each user, by the user's id, in one order for everyone: two units that plan for the same users wait for each other. */
const movesOf = (units: readonly MovingUnit[]): Map<number, Move[]> => {
  const moves = units.flatMap(({ changes, caller }) =>
    [...Map.groupBy(changes.filter(movesEnd), userOf)].flatMap(([userId, own]): Move[] =>
      userId === null ? [] : [{ userId, changes: own, actor: actorLabel(caller.actor) }],
    ),
  );
  return new Map([...Map.groupBy(moves, ({ userId }) => userId)].sort(([one], [other]) => one - other));
};

/** Who has no live session has no deadline either: most changes of a balance end here. */
const movesOfLiveUsers = async (stores: DisconnectStores, moves: Map<number, Move[]>): Promise<Map<number, Move[]>> => {
  const credited = [...moves].filter(([, own]) => own.every(isAccountChange));
  const owners = credited.map(([id, [first]]) => ({ id, namespaceId: first!.changes[0]!.namespaceId }));
  const mayHaveLive = await stores.sessions.mayHaveLive(owners);
  const idle = new Set(credited.filter(([id]) => !mayHaveLive.has(id)).map(([id]) => id));
  return new Map([...moves].filter(([id]) => !idle.has(id)));
};

/** The live sessions of a user whose clients must get a CoA-Request with the new end: once each, in the name of who moved it first. */
const changesFor = (moves: readonly Move[], live: readonly Session[]): WantedRequest[] => {
  const wanted = new Map<number, WantedRequest>();
  for (const { changes, actor } of moves) {
    for (const session of othersThan(changes, live)) {
      if (!wanted.has(session.id)) wanted.set(session.id, { session, kind: "coa", reason: changes[0]!.resource, actor });
    }
  }
  return [...wanted.values()];
};

/** What of one unit moves the end of one user's sessions. */
interface Move {
  readonly userId: number;
  readonly changes: readonly Change[];
  readonly actor: string;
}

const isAccountChange = ({ changes }: Move): boolean => changes[0]!.resource === "user";

const movesEnd = ({ resource, before, after }: Change): boolean => {
  if (resource === "session") return before?.["session_status"] !== after?.["session_status"];
  if (resource !== "user" || before === null || after === null) return false;
  return movingFields.some((field) => before[field] !== after[field]);
};

const userOf = ({ resource, resourceId, before, after }: Change): number | null =>
  resource === "user" ? resourceId : (((after ?? before)?.["user"] as number | null | undefined) ?? null);

const endsSession = ({ resource, after }: Change): boolean => resource === "session" && after?.["session_status"] === "completed";

const beginsSession = ({ resource, before }: Change): boolean => resource === "session" && before === null;

/** A session that begins got its Session-Timeout with the Access-Accept. */
const othersThan = (changes: readonly Change[], live: readonly Session[]): readonly Session[] =>
  live.filter(({ id }) => !changes.some(({ resource, resourceId }) => resource === "session" && resourceId === id));
