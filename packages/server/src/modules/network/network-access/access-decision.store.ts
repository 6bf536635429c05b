import { type Insertable, type Selectable, type SqlBool, sql } from "kysely";
import type { TraceLine } from "../../../aaa/words/access-decision.ts";
import type { AttributeItem } from "../../../aaa/words/attributes.ts";
import type { Page, PageRequest } from "../../../kernel/pagination.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import { readJson, writeJson } from "../../../storage/columns.ts";
import type { Handle } from "../../../storage/database.ts";
import { isAnyOf, isIn } from "../../../storage/in-list.ts";
import { readRows } from "../../../storage/page-rows.ts";
import { listOf } from "../../../storage/paging.ts";
import { moveRows, type RowsPlace } from "../../../storage/row-changes.ts";
import { runnerOf } from "../../../storage/runner.ts";
import { isSince } from "../../../storage/since.ts";
import { inNamespaces, seenRow, within } from "../../../storage/tenant-wall.ts";
import { write } from "../../../storage/verbs.ts";
import type { AccessDecisionRecord } from "./access-decision.ts";
import type { AccessDecisionTable } from "./network-access.table.ts";

/** What lists of decisions are narrowed by; all that are given must fit. */
export interface AccessDecisionFilters {
  readonly userId?: number;
  readonly clientId?: number;
  readonly outcome?: "accept" | "reject";
  readonly sinceMs?: number;
  readonly untilMs?: number;
}

export type AccessDecisionRow = Insertable<AccessDecisionTable>;

export type AccessDecisionStore = ReturnType<ReturnType<typeof accessDecisionStore>>;

export const accessDecisionStore = () => (handle: Handle, scope: TenantScope | null) => ({
  async find(id: number): Promise<AccessDecisionRecord | undefined> {
    const row = seenRow(scope, await handle.selectFrom("access_decision").selectAll().where("id", "=", id).executeTakeFirst());
    return row && toRecord(row);
  },

  async list({ outcome, ...filters }: AccessDecisionFilters, page: PageRequest): Promise<Page<AccessDecisionRecord>> {
    const listed = outcome === undefined ? filters : { ...filters, isAccept: outcome === "accept" };
    const found = await pageOfDecisions(handle, { scope, filters: listed, page });
    return readRows(found, toRecord);
  },

  async insert(rows: readonly AccessDecisionRow[]): Promise<void> {
    await write(handle, { insertInto: "access_decision", rows });
  },

  /** Of these accounts the one that was last accepted at a client, by a name and a device as the client writes them; null: not sent. */
  async findLastAccepted(login: {
    readonly accounts: readonly { readonly namespaceId: number; readonly id: number }[];
    readonly clientId: number;
    readonly username: string | null;
    readonly callingStation: string | null;
  }): Promise<{ userId: number; decisionId: number } | undefined> {
    const { accounts, clientId, username, callingStation } = login;
    if (accounts.length === 0) return undefined;
    const row = await handle
      .selectFrom("access_decision")
      .select(["user_id", "id"])
      .where(isAnyOf({ "access_decision.name_space_id": "namespaceId", "access_decision.user_id": "id" }, accounts))
      .where("client_id", "=", clientId)
      .where("outcome", "=", "accept")
      .where("username", username === null ? "is" : "=", username)
      .where("calling_station", callingStation === null ? "is" : "=", callingStation)
      .where(within(scope, "access_decision"))
      .orderBy("id", "desc")
      .limit(1)
      .executeTakeFirst();
    return row && { userId: row.user_id!, decisionId: row.id };
  },

  /**
   * Removes those of the next `max` decisions after an id that are older than an instant. Returns the last id that was looked
   * at; undefined where nothing older can follow, because ids rise with time.
   */
  async removeOlder(beforeMs: number, afterId: number, max: number): Promise<{ removed: number; lastId: number | undefined }> {
    const looked = await handle
      .selectFrom("access_decision")
      .select(["id", "created_at"])
      .where("id", ">", afterId)
      .where(within(scope, "access_decision"))
      .orderBy("id")
      .limit(max)
      .execute();
    const old = looked.filter((row) => row.created_at < beforeMs).map((row) => row.id);
    if (old.length === 0) return { removed: 0, lastId: undefined };
    const doomed = handle
      .selectFrom("access_decision")
      .select("id")
      .where(isIn(sql.ref("id"), old))
      .where(within(scope, "access_decision"))
      .orderBy("id");
    // Those that follow their account just now are there for the next pass.
    const free = runnerOf(handle).locking === "none" ? doomed : doomed.forUpdate().skipLocked();
    await handle.deleteFrom("access_decision").where("id", "in", free).where(within(scope, "access_decision")).execute();
    return { removed: old.length, lastId: looked.length < max ? undefined : looked.at(-1)!.id };
  },

  /** Keeps the decisions about a deleted account, without its name and its devices. */
  async forgetUser(user: { readonly id: number; readonly namespaceId: number }): Promise<void> {
    await handle
      .updateTable("access_decision")
      .set({ user_id: null, username: null, calling_station: null, trace: "[]" })
      .where("name_space_id", "=", user.namespaceId)
      .where("user_id", "=", user.id)
      .where(within(scope, "access_decision"))
      .execute();
  },

  /** The decisions about accounts go with them to other organizations. */
  followUsers: (users: readonly RowsPlace[]): Promise<void> => moveRows(handle, scope, "access_decision", users),
});

const pageOfDecisions = listOf<Omit<AccessDecisionFilters, "outcome"> & { readonly isAccept?: boolean }, Selectable<AccessDecisionTable>>({
  table: "access_decision",
  filtered(rows, scope, { userId, clientId, isAccept, sinceMs, untilMs }) {
    let decisions = rows.where(within(scope, "access_decision")).where(inNamespaces(scope, "access_decision"));
    if (userId !== undefined) decisions = decisions.where("access_decision.user_id", "=", userId);
    if (clientId !== undefined) decisions = decisions.where("access_decision.client_id", "=", clientId);
    if (isAccept !== undefined) {
      decisions = decisions.where(sql<SqlBool>`access_decision.outcome = ${sql.lit(isAccept ? "accept" : "reject")}`);
    }
    if (sinceMs !== undefined) decisions = decisions.where(isSince(sql.ref("access_decision.created_at"), sinceMs));
    return untilMs === undefined ? decisions : decisions.where("access_decision.created_at", "<", untilMs);
  },
  shown: (handle) => handle.selectFrom("access_decision").selectAll("access_decision"),
});

/** A decision as it is stored, and as it waits to be written: one text takes half the memory of a list of lines. */
export const rowOfDecision = (record: AccessDecisionRecord): AccessDecisionRow => ({
  name_space_id: record.namespaceId,
  id: record.id,
  organization_id: record.organizationId,
  created_at: record.createdAtMs,
  client_id: record.clientId,
  user_id: record.userId,
  username: record.username,
  calling_station: record.callingStation,
  source: record.source,
  outcome: record.outcome,
  reason: record.reason,
  session_timeout: record.sessionTimeoutSeconds,
  trace: writeTrace(record.trace),
  reply: writeJson(record.reply),
});

/** A line that passes is stored as step and detail, half the text of an object: the trace is most of a decision, and nearly all lines pass. */
const writeTrace = (trace: readonly TraceLine[]): string =>
  writeJson(trace.map((line) => (line.verdict === "pass" ? [line.step, line.detail] : line)));

const readTrace = (text: string): TraceLine[] =>
  readJson<(TraceLine | readonly [step: string, detail: string])[]>(text).map((line) =>
    "step" in line ? line : { step: line[0], verdict: "pass", detail: line[1] },
  );

const toRecord = (row: Selectable<AccessDecisionTable>): AccessDecisionRecord => ({
  id: row.id,
  namespaceId: row.name_space_id,
  organizationId: row.organization_id,
  createdAtMs: row.created_at,
  clientId: row.client_id,
  userId: row.user_id,
  username: row.username,
  callingStation: row.calling_station,
  source: row.source,
  outcome: row.outcome,
  reason: row.reason as AccessDecisionRecord["reason"],
  sessionTimeoutSeconds: row.session_timeout,
  reply: readJson<AttributeItem[]>(row.reply),
  trace: readTrace(row.trace),
});
