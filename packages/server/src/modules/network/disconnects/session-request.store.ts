import { sql } from "kysely";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Capabilities, Database, Handle } from "../../../storage/database.ts";
import { isIn, rowsOrNone } from "../../../storage/in-list.ts";
import { statement } from "../../../storage/statement.ts";
import { lock } from "../../../storage/verbs.ts";
import { type Claimant, type NewRequest, plannerActor, type SessionRequest, type StoredRequest } from "./session-request.ts";
import { claimRequests, isOfOtherNode, type RequestClaim, toRequest } from "./session-request-claim.store.ts";

/** Who claims nothing. */
const nobody: Claimant = { node: null, contactSinceMs: 0, leaseMs: 0 };

export type SessionRequestStore = ReturnType<ReturnType<typeof sessionRequestStore>>;

/** Requests to clients, taken under a lease on database time. Gatehouse sends them for all tenants. */
export const sessionRequestStore =
  ({ capabilities }: Pick<Database, "capabilities">) =>
  (handle: Handle, _scope: TenantScope | null) => ({
    /**
     * Adds requests; one that waits already for the same session and of the same kind stands for the new one, and keeps from
     * ending until the unit does. The planner's takes over the reason of who else asks, for its own may pass while it waits.
     * Returns those that are new or have a new reason. The claimant has those of them that say so and are new.
     */
    async add(wanted: readonly NewRequest[], claimant: Claimant = nobody): Promise<StoredRequest[]> {
      if (wanted.length === 0) return [];
      const standing = new Set((await lock(handle, standingRequests, standingFor(wanted, capabilities.needsRowLocks))).map(nameOf));
      const requests = wanted.filter(
        (one) => !standing.has(nameOf({ name_space_id: one.namespaceId, session_id: one.sessionId, kind: one.kind })),
      );
      if (requests.length === 0) return [];
      const ids = await capabilities.nextNumbers(handle, "session_request_id", requests.length);
      const rows = await handle
        .insertInto("session_request")
        .columns([...givenColumns, "attempts", "claimed_until"])
        .expression(
          newRows(
            requests.map((request, index) => rowOf(request, ids[index]!)),
            claimant,
            capabilities,
          ),
        )
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
      const isNew = new Set(ids);
      return rows.map((row) => ({ ...toRequest(row), isClaimed: row.claimed_until !== null && isNew.has(row.id) }));
    },

    /** The request of a kind that waits for a session. */
    async findWaiting(
      session: { readonly id: number; readonly namespaceId: number },
      kind: SessionRequest["kind"],
    ): Promise<SessionRequest | undefined> {
      const row = await handle
        .selectFrom("session_request")
        .selectAll()
        .where("name_space_id", "=", session.namespaceId)
        .where("session_id", "=", session.id)
        .where("kind", "=", kind)
        .where("finished_at", "is", null)
        .executeTakeFirst();
      return row && toRequest(row);
    },

    /** The sessions whose client got such a request that ended after then, answered or not. Cancelled requests are excluded. */
    async listRequestedSince(
      namespaceId: number,
      sessionIds: readonly number[],
      kind: SessionRequest["kind"],
      sinceMs: number,
    ): Promise<ReadonlySet<number>> {
      if (sessionIds.length === 0) return new Set();
      const rows = await handle
        .selectFrom("session_request")
        .select("session_id")
        .where("name_space_id", "=", namespaceId)
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

    /** Takes requests that are due and this process' to send. They are anyone's again when the lease is over. */
    claim: (claim: RequestClaim): Promise<SessionRequest[]> => claimRequests(handle, capabilities, claim),

    /** Ends a request with its outcome. */
    async finish(request: SessionRequest, outcome: string, nowMs: number): Promise<void> {
      await handle
        .updateTable("session_request")
        .set({ finished_at: nowMs, outcome, claimed_until: null })
        .where("name_space_id", "=", request.namespaceId)
        .where("id", "=", request.id)
        .execute();
    },

    /** Ends a request whose reason is gone. False where somebody else has asked for the same meanwhile. */
    async dismiss(request: SessionRequest, outcome: string, nowMs: number): Promise<boolean> {
      const { numUpdatedRows } = await handle
        .updateTable("session_request")
        .set({ finished_at: nowMs, outcome, claimed_until: null })
        .where("name_space_id", "=", request.namespaceId)
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
        .where("name_space_id", "=", request.namespaceId)
        .where("id", "=", request.id)
        .where("finished_at", "is", null)
        .execute();
    },

    /** Leaves a request that was claimed and not sent for later: the attempt does not count. */
    async defer(request: SessionRequest, dueAtMs: number): Promise<void> {
      await handle
        .updateTable("session_request")
        .set((eb) => ({ due_at: dueAtMs, claimed_until: null, attempts: eb("attempts", "-", 1) }))
        .where("name_space_id", "=", request.namespaceId)
        .where("id", "=", request.id)
        .where("finished_at", "is", null)
        .execute();
    },

    /** Removes requests that ended before then; at most so many. Their history stays with their sessions. */
    async removeFinished(beforeMs: number, max: number): Promise<number> {
      let finished = handle
        .selectFrom("session_request")
        .select(["name_space_id", "id"])
        .where("finished_at", "<", beforeMs)
        .orderBy("finished_at")
        .limit(max);
      if (capabilities.needsRowLocks) finished = finished.forUpdate().skipLocked();
      const { numDeletedRows } = await handle
        .deleteFrom("session_request")
        .where(sql<boolean>`(name_space_id, id) in ${finished}`)
        .executeTakeFirstOrThrow();
      return Number(numDeletedRows);
    },
  });

/** The columns whose values a new request gives. */
const givenColumns = [
  "name_space_id",
  "id",
  "organization_id",
  "session_id",
  "client_id",
  "kind",
  "reason",
  "actor",
  "created_at",
  "due_at",
] as const;

const rowOf = (request: NewRequest, id: number) => ({
  name_space_id: request.namespaceId,
  id,
  organization_id: request.organizationId,
  session_id: request.sessionId,
  client_id: request.clientId,
  kind: request.kind,
  reason: request.reason,
  actor: request.actor,
  created_at: request.createdAtMs,
  due_at: request.dueAtMs,
  is_claimed: Number(request.isClaimed ?? false),
});

/** What is inserted: the rows, of which the claimant has its own with their first attempt. */
const newRows = (rows: readonly ReturnType<typeof rowOf>[], claimant: Claimant, { databaseNowMs }: Capabilities) => {
  const kindOf = (column: string) => (["kind", "reason", "actor"].includes(column) ? "text" : "bigint");
  const columns = [...givenColumns, "is_claimed"];
  const listed = rowsOrNone(Object.fromEntries(columns.map((column) => [column, kindOf(column)])), rows);
  const isOwn = sql`listed.is_claimed = 1 and not ${isOfOtherNode(claimant, "listed")}`;
  // Without a condition one of the databases takes what follows on a conflict for the condition of a join.
  return sql`select ${sql.join(givenColumns.map((column) => sql.ref(`listed.${column}`)))},
    case when ${isOwn} then 1 else 0 end, case when ${isOwn} then ${databaseNowMs} + ${sql.lit(claimant.leaseMs)} end
    from ${listed} as listed where 1 = 1`;
};

interface StandingRequests {
  readonly isLocked: boolean;
  readonly isOfPlanner: boolean;
  readonly namespaceIds: readonly number[];
  readonly sessionIds: readonly number[];
}

/** Which requests would stand for new ones. */
const standingFor = (wanted: readonly NewRequest[], isLocked: boolean): StandingRequests => ({
  isLocked,
  isOfPlanner: wanted.every(({ actor }) => actor === plannerActor),
  namespaceIds: [...new Set(wanted.map((one) => one.namespaceId))],
  sessionIds: wanted.map((one) => one.sessionId),
});

interface NamedRequest {
  readonly name_space_id: number;
  readonly session_id: number;
  readonly kind: string;
}

/** What a request is about: no two of one name wait. */
const nameOf = (row: NamedRequest) => `${row.name_space_id}/${row.session_id}/${row.kind}`;

/**
 * Requests that wait and that nothing new would change, kept from ending. Most that are wanted wait already, and to find that out
 * by inserting them costs numbers and rows.
 */
const standingRequests = statement<StandingRequests, NamedRequest>((handle, { isLocked, isOfPlanner, namespaceIds, sessionIds }) => {
  let standing = handle
    .selectFrom("session_request")
    .select(["name_space_id", "session_id", "kind"])
    .where(isIn(sql.ref("name_space_id"), namespaceIds))
    .where(isIn(sql.ref("session_id"), sessionIds))
    .where("finished_at", "is", null)
    .orderBy("session_id");
  if (!isOfPlanner) standing = standing.where("actor", "!=", plannerActor);
  return isLocked ? standing.forNoKeyUpdate() : standing;
});
