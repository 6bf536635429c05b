import { type EndReason, type SessionEnd, sessionEnd } from "../../../aaa/session-time/session-end.ts";
import type { AccountLockStore } from "../../accounts/users/index.ts";
import type { AccessFactsStore, AccountFacts } from "../network-access/index.ts";
import type { Session, SessionEventStore, SessionStore } from "../sessions/index.ts";
import type { DeadlineOwner, SessionDeadlineStore } from "./session-deadline.store.ts";
import type { SessionRequestStore } from "./session-request.store.ts";

/** What ends sessions, and changes their Session-Timeout, works with these. */
export interface DisconnectStores {
  readonly accountLocks: AccountLockStore;
  readonly accessFacts: AccessFactsStore;
  readonly sessions: SessionStore;
  readonly sessionDeadlines: SessionDeadlineStore;
  readonly sessionRequests: SessionRequestStore;
  readonly sessionEvents: SessionEventStore;
}

/** Why a request is made to end a session. */
export type DisconnectReason = EndReason | "moved" | "deleted" | "operator";

/** A user whose deadline is to be worked out. */
export interface UserToPlan extends DeadlineOwner {
  /** Whether the user may have no deadline yet. One who has none when a session ends has nothing that limits the others. */
  readonly makesDeadline: boolean;
  /** When the deadline is to be worked out again at the latest. */
  readonly againAtMs?: number;
}

/** The live sessions of a user, and when they must end. */
export interface PlannedEnd extends SessionEnd {
  readonly live: readonly Session[];
}

/**
 * Works out when the live sessions of users must end, and keeps it as their deadlines, by as few statements for many users as for one.
 * Returns the users whose sessions something ends, by their ids. Call it with the users' rows locked, and where something was written
 * since: what it reads is true then until the unit ends. Give it stores of all tenants: a session may be out of the sight of who changes
 * its user.
 */
export const planDeadlines = async (
  stores: DisconnectStores,
  users: readonly UserToPlan[],
  nowMs: number,
): Promise<ReadonlyMap<number, PlannedEnd>> => {
  // Asked for together they travel together, and are done one after another.
  const [deadlines, { live, accounts }] = await Promise.all([
    stores.sessionDeadlines.listOf(users.filter(({ makesDeadline }) => !makesDeadline)),
    readUsers(stores, users),
  ]);
  const ends = new Map<number, PlannedEnd>();
  const planned: Parameters<SessionDeadlineStore["plan"]>[0][number][] = [];
  const unlimited: DeadlineOwner[] = [];
  for (const user of users) {
    const { id, namespaceId, makesDeadline, againAtMs = Number.POSITIVE_INFINITY } = user;
    if (!makesDeadline && !deadlines.has(id)) continue;
    const account = accounts.get(id);
    const sessions = live.get(id) ?? [];
    const end = account && sessionEnd(account, sessions, nowMs);
    const dueAtMs = Math.min(end?.dueAtMs ?? Number.POSITIVE_INFINITY, againAtMs);
    if (account && dueAtMs !== Number.POSITIVE_INFINITY) planned.push({ id, namespaceId, organizationId: account.organizationId, dueAtMs });
    else unlimited.push(user);
    if (end) ends.set(id, { live: sessions, ...end });
  }
  if (planned.length > 0) await stores.sessionDeadlines.plan(planned);
  if (unlimited.length > 0) await stores.sessionDeadlines.remove(unlimited);
  return ends;
};

type ReadingStores = Pick<DisconnectStores, "accessFacts" | "sessions">;

/**
 * Sessions before the balance: what an Interim-Update debits between the two reads makes the end too early, and it is worked out anew
 * then. The other order could overestimate the time left and give unpaid seconds away.
 */
const readUsers = async ({ sessions, accessFacts }: ReadingStores, users: readonly DeadlineOwner[]) => {
  const [only] = users;
  if (only === undefined || users.length > 1) {
    const ids = users.map(({ id }) => id);
    const [live, accounts] = await Promise.all([sessions.listLiveOfAll(users), accessFacts.findMany(ids)]);
    return { live: Map.groupBy(live, ({ userId }) => userId!), accounts };
  }
  const [live, account] = await Promise.all([sessions.listLiveOf(only), accessFacts.findById(only.id)]);
  return { live: new Map([[only.id, live]]), accounts: new Map(account ? [[only.id, account]] : []) };
};

/** The live sessions of a user and its account, where no unit keeps them from changing between the two reads. */
export const readUser = async (
  { sessions, accessFacts }: ReadingStores,
  owner: DeadlineOwner,
): Promise<{ readonly live: readonly Session[]; readonly account: AccountFacts | undefined }> => {
  const live = await sessions.listLiveOf(owner);
  return { live, account: await accessFacts.findById(owner.id) };
};

/** Whose session; undefined where nobody knows, or the account is deleted. */
export const ownerOf = ({ userId, namespaceId }: Session): DeadlineOwner | undefined =>
  userId === null ? undefined : { id: userId, namespaceId };
