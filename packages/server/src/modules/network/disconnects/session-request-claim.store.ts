import { type RawBuilder, type Selectable, sql } from "kysely";
import type { Capabilities, Handle } from "../../../storage/database.ts";
import { rowsOrNone } from "../../../storage/in-list.ts";
import type { SessionRequestTable } from "./session-request.table.ts";
import type { Claimant, SessionRequest } from "./session-request.ts";

/** Which requests a process takes. */
export interface RequestClaim extends Claimant {
  readonly nowMs: number;
  /** What has been due since before then is anyone's: its node is gone. */
  readonly overdueMs: number;
  readonly maxRequests: number;
  /** So many of one client, with those that are outstanding already: one that is silent keeps nobody else from being asked. */
  readonly maxPerClient: number;
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

/** Takes requests that are due and this process' to send. They are anyone's again when the lease is over. */
export const claimRequests = async (handle: Handle, capabilities: Capabilities, claim: RequestClaim): Promise<SessionRequest[]> => {
  const now = capabilities.databaseNowMs;
  const due = unclaimed(handle, claim, now);
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
    .limit(claim.maxRequests);
  if (capabilities.needsRowLocks) chosen = chosen.forUpdate("session_request").skipLocked();
  const rows = await handle
    .updateTable("session_request")
    .set((eb) => ({ claimed_until: sql<number>`${now} + ${sql.lit(claim.leaseMs)}`, attempts: eb("attempts", "+", 1) }))
    .where(sql<boolean>`(name_space_id, id) in ${chosen}`)
    .returningAll()
    .execute();
  return rows.map(toRequest);
};

/** What is due, this node's to send, and nobody's: a claim that ends later than a lease lasts is of a clock that ran ahead. */
const unclaimed = (handle: Handle, claim: RequestClaim, now: RawBuilder<number>) => {
  const due = handle
    .selectFrom("session_request")
    .select(["session_request.name_space_id", "session_request.id"])
    .where("session_request.due_at", "<=", claim.nowMs)
    .where("session_request.finished_at", "is", null)
    .where(sql<boolean>`coalesce(session_request.claimed_until not between ${now} and ${now} + ${sql.lit(claim.leaseMs)}, true)`);
  return claim.node === null
    ? due
    : due.where((eb) =>
        eb.or([eb("session_request.due_at", "<=", claim.overdueMs), sql<boolean>`not ${isOfOtherNode(claim, "session_request")}`]),
      );
};

/** Whether the client of a row of requests was in contact with another node of late. */
export const isOfOtherNode = ({ node, contactSinceMs }: Claimant, rows: "session_request" | "listed"): RawBuilder<boolean> =>
  node === null
    ? sql<boolean>`1 = 0`
    : sql<boolean>`exists (select 1 from client_contact
        where client_contact.client_id = ${sql.ref(`${rows}.client_id`)} and client_contact.node != ${node}
          and client_contact.last_seen_at > ${contactSinceMs})`;

const placeAtClient = sql<number>`row_number() over
  (partition by session_request.client_id order by session_request.due_at, session_request.id)`;

/** How many more a client may be asked. */
const roomOf = ({ maxPerClient, outstanding }: RequestClaim) => {
  const taken = [...outstanding].map(([clientId, requests]) => ({ clientId, requests }));
  const rows = rowsOrNone({ clientId: "bigint", requests: "bigint" }, taken);
  return sql`${sql.lit(maxPerClient)} - coalesce((select requests from ${rows} as taken where taken."clientId" = ranked.client_id), 0)`;
};

/** A request as its row is. */
export const toRequest = (row: Selectable<SessionRequestTable>): SessionRequest => ({
  id: row.id,
  namespaceId: row.name_space_id,
  organizationId: row.organization_id,
  sessionId: row.session_id,
  clientId: row.client_id,
  kind: row.kind,
  reason: row.reason,
  actor: row.actor,
  createdAtMs: row.created_at,
  dueAtMs: row.due_at,
  attempts: row.attempts,
  finishedAtMs: row.finished_at,
  outcome: row.outcome,
});
