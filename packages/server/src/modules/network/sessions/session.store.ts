import { type Selectable, type SqlBool, sql } from "kysely";
import type { Page, PageRequest } from "../../../kernel/pagination.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import { byKey } from "../../../storage/by-key.ts";
import type { Database, Handle } from "../../../storage/database.ts";
import { isAnyOf, isIn } from "../../../storage/in-list.ts";
import { readRows } from "../../../storage/page-rows.ts";
import { listOf } from "../../../storage/paging.ts";
import { moveRows, type RowsPlace } from "../../../storage/row-changes.ts";
import { runnerOf } from "../../../storage/runner.ts";
import { isSince } from "../../../storage/since.ts";
import { statement } from "../../../storage/statement.ts";
import { guardedBy, inNamespaces, seenRow, within } from "../../../storage/tenant-wall.ts";
import { lock, read, readByKey } from "../../../storage/verbs.ts";
import { keptCount } from "../../foundation/kept-counts/index.ts";
import { type Ending, namelessColumns, toSession } from "./session.rows.ts";
import type { SessionTable } from "./session.table.ts";
import { patienceMs, type Session } from "./session.ts";

/** What a list of sessions is narrowed to; all conditions that are given must hold. */
export interface SessionFilters {
  readonly userId?: number;
  readonly clientId?: number;
  readonly isLive?: boolean;
  readonly sinceMs?: number;
  readonly untilMs?: number;
}

/** The user whose sessions are meant. */
export interface SessionOwner {
  readonly id: number;
  readonly namespaceId: number;
}

/** What closing changes: a session ends at its last update, and its row of the ledger grows no more. */
export const closedColumns = ({ closedBy, closedAtMs, terminateCause }: Ending) => ({
  stop_at: sql<number>`last_update_at`,
  closed_by: closedBy,
  closed_at: closedAtMs,
  terminate_cause: terminateCause,
  ledger_id: null,
});

export type SessionStore = ReturnType<ReturnType<typeof sessionStore>>;

/**
 * Sessions in a tenant scope: for the API, and for what plans and ends sessions. Clients report theirs through
 * `reported-session.store.ts`.
 */
export const sessionStore = (tools: Pick<Database, "capabilities">) => (handle: Handle, scope: TenantScope | null) => ({
  async find(id: number): Promise<Session | undefined> {
    const row = seenRow(scope, await handle.selectFrom("session").selectAll().where("id", "=", id).executeTakeFirst());
    return row && toSession(row);
  },

  /** The session, kept from changing until the unit ends. */
  async lock(id: number): Promise<Session | undefined> {
    let query = handle.selectFrom("session").selectAll().where("id", "=", id);
    if (tools.capabilities.needsRowLocks) query = query.forNoKeyUpdate();
    const row = seenRow(scope, await query.executeTakeFirst());
    return row && toSession(row);
  },

  async list(filters: SessionFilters, page: PageRequest): Promise<Page<Session>> {
    const found = await pageOfSessions(handle, { scope, filters, page });
    return readRows(found, toSession);
  },

  /**
   * Which of these users may have a live session, in sight or not: one query however many users. It spares a unit its
   * transaction, so where one has begun the answer for a single user is yes without a query.
   */
  async mayHaveLive(owners: readonly SessionOwner[]): Promise<Set<number>> {
    const runner = runnerOf(handle);
    if (owners.length === 1 && runner.locking !== "none" && !runner.batchingHandle?.("session")) return new Set([owners[0]!.id]);
    const keys = owners.map(({ namespaceId, id }) => ({ namespaceId, id }));
    if (keys.length === 0) return new Set();
    const rows = await (keys.length === 1 ? readByKey(handle, liveOwner, keys[0]!) : read(handle, liveOwnersOf, { owners: keys }));
    return new Set(rows.map((row) => row.user_id!));
  },

  /** The live sessions of a user, by id. */
  async listLiveOf(owner: SessionOwner): Promise<Session[]> {
    const { namespaceId, id } = owner;
    return (await read(handle, liveOfUser, { scope, namespaceId, id })).map(toSession);
  },

  /** The live sessions of several users, by id: one query however many users. */
  async listLiveOfAll(users: readonly SessionOwner[]): Promise<Session[]> {
    const owners = users.map(({ namespaceId, id }) => ({ namespaceId, id }));
    return owners.length === 0 ? [] : (await read(handle, liveOfUsers, { scope, owners })).map(toSession);
  },

  /** The live sessions of users, by id, kept from changing until the unit ends. Call it with the users' rows locked. */
  async lockLiveOf(users: readonly SessionOwner[]): Promise<Session[]> {
    if (!tools.capabilities.needsRowLocks) return this.listLiveOfAll(users);
    const owners = users.map(({ namespaceId, id }) => ({ namespaceId, id }));
    return owners.length === 0 ? [] : (await lock(handle, liveOfUsersForUpdate, { scope, owners })).map(toSession);
  },

  /**
   * The stale ones among the next `max` live sessions after an id, and the id of the last of those; undefined when there are no
   * more.
   */
  async listStale(nowMs: number, afterId: number, max: number): Promise<{ stale: Session[]; lastId: number | undefined }> {
    const live = await handle
      .selectFrom("session")
      .select(["id", "last_seen_at", "interim_seconds", "interval_seconds"])
      .where("stop_at", "is", null)
      .where("id", ">", afterId)
      .where(within(scope, "session"))
      .orderBy("id")
      .limit(max)
      .execute();
    const ids = live.filter((row) => nowMs - row.last_seen_at > patienceMs(row.interim_seconds, row.interval_seconds)).map((row) => row.id);
    const rows =
      ids.length === 0
        ? []
        : await handle
            .selectFrom("session")
            .selectAll()
            .where(isIn(sql.ref("id"), ids))
            .where("stop_at", "is", null)
            .execute();
    return { stale: rows.map(toSession), lastId: live.length < max ? undefined : live.at(-1)?.id };
  },

  /**
   * Closes live sessions at their last update, and returns those that were still live. All time that was reported is debited
   * already; time that was not reported is billed to nobody.
   */
  async close(sessions: readonly Session[], ending: Ending): Promise<Session[]> {
    const closed: Session[] = [];
    const groups = [...Map.groupBy(sessions, (session) => session.namespaceId)].sort(([one], [other]) => one - other);
    for (const [namespaceId, group] of groups) {
      // An update locks rows as it finds them; everybody locks them in the order of their ids.
      if (tools.capabilities.needsRowLocks && group.length > 1)
        await lock(handle, sessionsForUpdate, { namespaceId, ids: group.map(({ id }) => id) });
      const rows = await handle
        .updateTable("session")
        .set(closedColumns(ending))
        .where("name_space_id", "=", namespaceId)
        .where(
          isIn(
            sql.ref("id"),
            group.map((session) => session.id),
          ),
        )
        // Written so that no index is used for it: the index of live sessions would lead to all of a namespace.
        .where(sql<SqlBool>`(stop_at is null) is true`)
        .where(within(scope, "session"))
        .returningAll()
        .execute();
      closed.push(...rows.map(toSession));
    }
    return closed;
  },

  /** Writes when the equipment will end a session by itself. */
  async setTimeout(session: Session, timeoutAtMs: number): Promise<void> {
    await handle
      .updateTable("session")
      .set({ timeout_at: timeoutAtMs })
      .where("name_space_id", "=", session.namespaceId)
      .where("id", "=", session.id)
      .where(within(scope, "session"))
      .execute();
  },

  /** Keeps a deleted user's sessions for the books: under a pseudonym, without name, device and addresses. */
  async pseudonymize(owner: SessionOwner, pseudonym: string): Promise<void> {
    await handle
      .updateTable("session")
      .set({ ...namelessColumns, user_id: null, pseudonym, ledger_id: null })
      .where("name_space_id", "=", owner.namespaceId)
      .where("user_id", "=", owner.id)
      .where(within(scope, "session"))
      .execute();
  },

  /** Moves the sessions of users with them to other organizations of their namespaces. */
  follow: (users: readonly RowsPlace[]): Promise<void> => moveRows(handle, scope, "session", users),
});

const liveOfUser = statement((handle, { scope, namespaceId, id }: SessionOwner & { readonly scope: TenantScope | null }) =>
  handle
    .selectFrom("session")
    .selectAll()
    .where("name_space_id", "=", namespaceId)
    .where("user_id", "=", id)
    .where("stop_at", "is", null)
    .where(guardedBy(scope, "session"))
    .orderBy("id"),
);

interface Owners {
  readonly scope: TenantScope | null;
  readonly owners: readonly SessionOwner[];
}

const liveOfAll = (handle: Handle, { scope, owners }: Owners) =>
  handle
    .selectFrom("session")
    .selectAll()
    .where("stop_at", "is", null)
    .where(isAnyOf({ name_space_id: "namespaceId", user_id: "id" }, owners))
    .where(guardedBy(scope, "session"))
    .orderBy("id");

const liveOfUsers = statement<Owners, Selectable<SessionTable>>(liveOfAll);
const liveOfUsersForUpdate = statement<Owners, Selectable<SessionTable>>((handle, owners) => liveOfAll(handle, owners).forNoKeyUpdate());

const sessionsForUpdate = statement<{ readonly namespaceId: number; readonly ids: readonly number[] }, { id: number }>(
  (handle, { namespaceId, ids }) =>
    handle
      .selectFrom("session")
      .select("id")
      .where("name_space_id", "=", namespaceId)
      .where(isIn(sql.ref("id"), ids))
      .orderBy("id")
      .forNoKeyUpdate(),
);

interface LiveOwner {
  readonly name_space_id: number;
  readonly user_id: number | null;
}

const liveOwners = (handle: Handle, owners: readonly SessionOwner[]) =>
  handle
    .selectFrom("session")
    .select(["name_space_id", "user_id"])
    .where("stop_at", "is", null)
    .where(isAnyOf({ name_space_id: "namespaceId", user_id: "id" }, owners));

/** Single users are read in one batch with others of the same moment; several at once are a query of their own. */
const liveOwner = byKey<SessionOwner, LiveOwner>({
  table: "session",
  build: liveOwners,
  nameOf: ({ namespaceId, id }) => `${namespaceId}/${id}`,
  nameOfRow: (row) => `${row.name_space_id}/${row.user_id}`,
});

const liveOwnersOf = statement<{ readonly owners: readonly SessionOwner[] }, LiveOwner>((handle, { owners }) => liveOwners(handle, owners));

const pageOfSessions = listOf<SessionFilters, Selectable<SessionTable>>({
  table: "session",
  filtered(rows, scope, { userId, clientId, isLive, sinceMs, untilMs }) {
    let sessions = rows.where(within(scope, "session")).where(inNamespaces(scope, "session"));
    if (userId !== undefined) sessions = sessions.where("session.user_id", "=", userId);
    if (clientId !== undefined) sessions = sessions.where("session.client_id", "=", clientId);
    if (isLive !== undefined) sessions = sessions.where("session.stop_at", isLive ? "is" : "is not", null);
    if (sinceMs !== undefined) sessions = sessions.where(isSince(sql.ref("session.start_at"), sinceMs));
    return untilMs === undefined ? sessions : sessions.where("session.start_at", "<", untilMs);
  },
  shown: (handle) => handle.selectFrom("session").selectAll("session"),
  // Kept counts know all sessions, and those that are live or over.
  kept: {
    by: ["isLive"],
    count(handle, scope, { isLive }) {
      const counted = [
        ...(isLive === false ? [] : (["session.active"] as const)),
        ...(isLive === true ? [] : (["session.completed"] as const)),
      ];
      return keptCount(handle, scope, counted);
    },
  },
});
