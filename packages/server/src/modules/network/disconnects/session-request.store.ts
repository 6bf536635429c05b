import { type RawBuilder, sql } from "kysely";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Database, Handle } from "../../../storage/database.ts";
import { isIn, rowsFor, rowsOrNone } from "../../../storage/in-list.ts";
import type { SessionRequestTable } from "../../../storage/network-tables.ts";
import { plannerActor } from "./planner.ts";
import { type NewRequest, type SessionRequest, toRequest } from "./session-request.ts";
import { lockStanding, nameOf, standingOf } from "./standing-requests.ts";

/** Which requests a node may take. */
export interface RequestClaim {
  /** The node's name; null where it sends from an address that all clients know, and may take any request. */
  readonly node: string | null;
  readonly nowMs: number;
  /** Clients that were heard by another node since then are that node's. */
  readonly heardSinceMs: number;
  /** What has been due since before then is anyone's: its node is gone. */
  readonly overdueMs: number;
  readonly leaseMs: number;
  readonly most: number;
  /** So many of one client, with those that are outstanding already: one that is silent keeps nobody else from being asked. */
  readonly mostPerClient: number;
  readonly outstanding: ReadonlyMap<number, number>;
  /** How many more each payer may be served now, by the organizations it pays for; of others none are taken. */
  readonly shares: readonly SendingShare[];
}

/** An organization with requests that are due, who pays for it, and how many more requests of that payer are taken. */
export interface SendingShare {
  readonly organizationId: number;
  readonly payer: number;
  readonly room: number;
}

export type SessionRequestStore = ReturnType<ReturnType<typeof sessionRequestStore>>;

/** Requests to clients, taken under a lease on database time. The house sends them for all tenants. */
export const sessionRequestStore = (tools: Pick<Database, "capabilities">) => (handle: Handle, _scope: TenantScope | null) => ({
  /**
   * Adds requests; one that waits already for the same session and of the same kind stands for the new one, and keeps from
   * ending until the unit does. The planner's takes over the reason of who else asks, for its own may pass while it waits.
   * Returns those that are new or have a new reason.
   */
  async add(asked: readonly NewRequest[]): Promise<SessionRequest[]> {
    if (asked.length === 0) return [];
    const standing = new Set(
      (await lockStanding(handle, null, standingOf(asked, tools.capabilities.needsRowLocks))).map((row) => nameOf(row)),
    );
    const requests = asked.filter(
      (one) => !standing.has(nameOf({ name_space_id: one.nameSpaceId, session_id: one.sessionId, kind: one.kind })),
    );
    if (requests.length === 0) return [];
    const ids = await tools.capabilities.nextNumbers(handle, "session_request_id", requests.length);
    const { columns, expression } = rowsFor(
      "session_request",
      requests.map((request, index) => ({
        name_space_id: request.nameSpaceId,
        id: ids[index]!,
        organization_id: request.organizationId,
        session_id: request.sessionId,
        client_id: request.clientId,
        kind: request.kind,
        reason: request.reason,
        actor: request.actor,
        created_at: request.createdAtMs,
        due_at: request.dueAtMs,
        attempts: 0,
        claimed_until: null,
        finished_at: null,
        outcome: null,
      })),
    );
    const rows = await handle
      .insertInto("session_request")
      .columns(columns as (keyof SessionRequestTable)[])
      .expression(expression)
      .onConflict((conflict) =>
        conflict
          .columns(["name_space_id", "session_id", "kind"])
          .where("finished_at", "is", null)
          .doUpdateSet((eb) => ({ reason: eb.ref("excluded.reason"), actor: eb.ref("excluded.actor") }))
          .where("session_request.actor", "=", plannerActor)
          .where("excluded.actor", "!=", plannerActor),
      )
      .returningAll()
      .execute();
    return rows.map(toRequest);
  },

  /** The request of a kind that waits for a session. */
  async findWaiting(
    session: { readonly id: number; readonly nameSpaceId: number },
    kind: SessionRequest["kind"],
  ): Promise<SessionRequest | undefined> {
    const row = await handle
      .selectFrom("session_request")
      .selectAll()
      .where("name_space_id", "=", session.nameSpaceId)
      .where("session_id", "=", session.id)
      .where("kind", "=", kind)
      .where("finished_at", "is", null)
      .executeTakeFirst();
    return row && toRequest(row);
  },

  /** Those of the sessions whose client was asked so and has answered, or has not for long enough, after then. What was let live is none. */
  async listAskedSince(
    nameSpaceId: number,
    sessionIds: readonly number[],
    kind: SessionRequest["kind"],
    sinceMs: number,
  ): Promise<ReadonlySet<number>> {
    if (sessionIds.length === 0) return new Set();
    const rows = await handle
      .selectFrom("session_request")
      .select("session_id")
      .where("name_space_id", "=", nameSpaceId)
      .where(isIn(sql.ref("session_id"), sessionIds))
      .where("kind", "=", kind)
      .where("finished_at", ">", sinceMs)
      .where("outcome", "!=", "nothing_to_end")
      .execute();
    return new Set(rows.map((row) => row.session_id));
  },

  /** How many wait to be sent, or for their answer. */
  async countWaiting(): Promise<number> {
    const row = await handle
      .selectFrom("session_request")
      .select(sql<number>`cast(count(*) as bigint)`.as("waiting"))
      .where("finished_at", "is", null)
      .executeTakeFirstOrThrow();
    return row.waiting;
  },

  /** Whether anything is due: a read, for it is asked twice a second. */
  async hasDue(nowMs: number): Promise<boolean> {
    const row = await handle
      .selectFrom("session_request")
      .select("id")
      .where("due_at", "<=", nowMs)
      .where("finished_at", "is", null)
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  },

  /** Whose requests are due. */
  async listDueOrganizations(nowMs: number): Promise<number[]> {
    const rows = await handle
      .selectFrom("session_request")
      .select("organization_id")
      .distinct()
      .where("due_at", "<=", nowMs)
      .where("finished_at", "is", null)
      .execute();
    return rows.map((row) => row.organization_id);
  },

  /** Takes requests that are due and this node's to send. They are anyone's again when the lease is over. */
  async claim(claim: RequestClaim): Promise<SessionRequest[]> {
    const now = tools.capabilities.databaseNowMs;
    const due = waiting(handle, claim, now);
    const ranked = due
      .select(["session_request.due_at", "session_request.client_id", "session_request.organization_id"])
      .select(placeAtClient.as("place"));
    // What its client cannot be asked now does not count among what its payer may have asked.
    const shared = sql`select ranked.name_space_id, ranked.id, share.room,
        row_number() over (partition by share.payer order by ranked.due_at, ranked.id) as turn
      from (${ranked}) as ranked
      join ${rowsOrNone({ organizationId: "bigint", payer: "bigint", room: "bigint" }, claim.shares)} as share
        on share."organizationId" = ranked.organization_id
      where ranked.place <= ${roomOf(claim)}`;
    let chosen = due
      .where(
        sql<boolean>`(session_request.name_space_id, session_request.id) in
          (select name_space_id, id from (${shared}) as shared where turn <= room)`,
      )
      .orderBy("session_request.due_at")
      .limit(claim.most);
    if (tools.capabilities.needsRowLocks) chosen = chosen.forUpdate("session_request").skipLocked();
    const rows = await handle
      .updateTable("session_request")
      .set((eb) => ({ claimed_until: sql<number>`${now} + ${sql.lit(claim.leaseMs)}`, attempts: eb("attempts", "+", 1) }))
      .where(sql<boolean>`(name_space_id, id) in ${chosen}`)
      .returningAll()
      .execute();
    return rows.map(toRequest);
  },

  /** Ends a request with what came of it. */
  async finish(request: SessionRequest, outcome: string, nowMs: number): Promise<void> {
    await handle
      .updateTable("session_request")
      .set({ finished_at: nowMs, outcome, claimed_until: null })
      .where("name_space_id", "=", request.nameSpaceId)
      .where("id", "=", request.id)
      .execute();
  },

  /** Ends a request whose reason is gone. False where somebody else has asked for the same meanwhile. */
  async dismiss(request: SessionRequest, outcome: string, nowMs: number): Promise<boolean> {
    const { numUpdatedRows } = await handle
      .updateTable("session_request")
      .set({ finished_at: nowMs, outcome, claimed_until: null })
      .where("name_space_id", "=", request.nameSpaceId)
      .where("id", "=", request.id)
      .where("actor", "=", request.actor)
      .executeTakeFirstOrThrow();
    return numUpdatedRows > 0n;
  },

  /** Leaves a request for later. */
  async postpone(request: SessionRequest, dueAtMs: number): Promise<void> {
    await handle
      .updateTable("session_request")
      .set({ due_at: dueAtMs, claimed_until: null })
      .where("name_space_id", "=", request.nameSpaceId)
      .where("id", "=", request.id)
      .where("finished_at", "is", null)
      .execute();
  },

  /** Removes requests that ended before then; at most so many. Their history stays with their sessions. */
  async removeFinished(beforeMs: number, most: number): Promise<number> {
    let done = handle
      .selectFrom("session_request")
      .select(["name_space_id", "id"])
      .where("finished_at", "<", beforeMs)
      .orderBy("finished_at")
      .limit(most);
    if (tools.capabilities.needsRowLocks) done = done.forUpdate().skipLocked();
    const { numDeletedRows } = await handle
      .deleteFrom("session_request")
      .where(sql<boolean>`(name_space_id, id) in ${done}`)
      .executeTakeFirstOrThrow();
    return Number(numDeletedRows);
  },
});

/** What is due, this node's to send, and nobody's: a claim that ends later than a lease lasts is of a clock that ran ahead. */
const waiting = (handle: Handle, claim: RequestClaim, now: RawBuilder<number>) => {
  const due = handle
    .selectFrom("session_request")
    .select(["session_request.name_space_id", "session_request.id"])
    .where("session_request.due_at", "<=", claim.nowMs)
    .where("session_request.finished_at", "is", null)
    .where(sql<boolean>`coalesce(session_request.claimed_until not between ${now} and ${now} + ${sql.lit(claim.leaseMs)}, true)`);
  const { node } = claim;
  if (node === null) return due;
  return due.where((eb) =>
    eb.or([
      eb("session_request.due_at", "<=", claim.overdueMs),
      eb.not(
        eb.exists(
          eb
            .selectFrom("client_contact")
            .select("client_contact.client_id")
            .whereRef("client_contact.client_id", "=", "session_request.client_id")
            .where("client_contact.node", "!=", node)
            .where("client_contact.heard_at", ">", claim.heardSinceMs),
        ),
      ),
    ]),
  );
};

const placeAtClient = sql<number>`row_number() over
  (partition by session_request.client_id order by session_request.due_at, session_request.id)`;

/** How many more a client may be asked. */
const roomOf = ({ mostPerClient, outstanding }: RequestClaim) => {
  const taken = [...outstanding].map(([clientId, requests]) => ({ clientId, requests }));
  const rows = rowsOrNone({ clientId: "bigint", requests: "bigint" }, taken);
  return sql`${sql.lit(mostPerClient)} - coalesce((select requests from ${rows} as taken where taken."clientId" = ranked.client_id), 0)`;
};
