import { type Selectable, type SqlBool, sql } from "kysely";
import type { RejectReason, TraceLine } from "../../../access/decision.ts";
import type { AttributeItem } from "../../../access/facts.ts";
import type { Page, PageRequest } from "../../../kernel/pagination.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import { insertInChunks } from "../../../storage/chunks.ts";
import { readJson, writeJson } from "../../../storage/columns.ts";
import type { Handle } from "../../../storage/database.ts";
import type { AccessDecisionTable } from "../../../storage/network-tables.ts";
import { isIn, listPage } from "../../../storage/paging.ts";
import { inNameSpaces, seenRow, within } from "../../../storage/tenant-wall.ts";
import type { AccessDecisionRecord } from "./access-decision.ts";

/** What lists of decisions are narrowed by; all that are given must fit. */
export interface AccessDecisionFilters {
  readonly userId?: number;
  readonly clientId?: number;
  readonly outcome?: "accept" | "reject";
  readonly sinceMs?: number;
  readonly untilMs?: number;
}

export type AccessDecisionStore = ReturnType<typeof createAccessDecisionStore>;

export const createAccessDecisionStore = (handle: Handle, scope: TenantScope | null) => ({
  async find(id: number): Promise<AccessDecisionRecord | undefined> {
    const row = seenRow(scope, await handle.selectFrom("access_decision").selectAll().where("id", "=", id).executeTakeFirst());
    return row && toRecord(row);
  },

  list(filters: AccessDecisionFilters, page: PageRequest): Promise<Page<AccessDecisionRecord>> {
    let filtered = handle
      .selectFrom("access_decision")
      .where(within(scope, "access_decision"))
      .where(inNameSpaces(scope, "access_decision"));
    if (filters.userId !== undefined) filtered = filtered.where("access_decision.user_id", "=", filters.userId);
    if (filters.clientId !== undefined) filtered = filtered.where("access_decision.client_id", "=", filters.clientId);
    if (filters.outcome !== undefined) filtered = filtered.where(sql<SqlBool>`access_decision.outcome = ${sql.lit(filters.outcome)}`);
    if (filters.sinceMs !== undefined) filtered = filtered.where("access_decision.created_at", ">=", filters.sinceMs);
    if (filters.untilMs !== undefined) filtered = filtered.where("access_decision.created_at", "<", filters.untilMs);
    return listPage(handle, {
      table: "access_decision",
      page,
      filtered,
      load: async (ids) =>
        (
          await handle
            .selectFrom("access_decision")
            .selectAll()
            .where(isIn(sql.ref("id"), ids))
            .execute()
        ).map(toRecord),
    });
  },

  async insert(records: readonly AccessDecisionRecord[]): Promise<void> {
    await insertInChunks(handle, "access_decision", records.map(toRow));
  },

  /** Keeps the decisions about a deleted account for the books, without its name and its devices. */
  async forgetUser(user: { readonly id: number; readonly nameSpaceId: number }): Promise<void> {
    await handle
      .updateTable("access_decision")
      .set({ user_id: null, username: null, calling_station: null, trace: "[]" })
      .where("name_space_id", "=", user.nameSpaceId)
      .where("user_id", "=", user.id)
      .where(within(scope, "access_decision"))
      .execute();
  },

  /** The decisions about an account go with it to another organization. */
  async followUser(user: { readonly id: number; readonly nameSpaceId: number }, organizationId: number): Promise<void> {
    await handle
      .updateTable("access_decision")
      .set({ organization_id: organizationId })
      .where("name_space_id", "=", user.nameSpaceId)
      .where("user_id", "=", user.id)
      .where(within(scope, "access_decision"))
      .execute();
  },
});

const toRow = (record: AccessDecisionRecord) => ({
  name_space_id: record.nameSpaceId,
  id: record.id,
  organization_id: record.organizationId,
  created_at: record.createdAtMs,
  client_id: record.clientId,
  user_id: record.userId,
  username: record.username,
  calling_station: record.callingStation,
  door: record.door,
  outcome: record.outcome,
  reason: record.reason,
  session_timeout: record.sessionTimeoutSeconds,
  trace: writeJson(record.trace),
  reply: writeJson(record.reply),
});

const toRecord = (row: Selectable<AccessDecisionTable>): AccessDecisionRecord => ({
  id: row.id,
  nameSpaceId: row.name_space_id,
  organizationId: row.organization_id,
  createdAtMs: row.created_at,
  clientId: row.client_id,
  userId: row.user_id,
  username: row.username,
  callingStation: row.calling_station,
  door: row.door,
  outcome: row.outcome,
  reason: row.reason as RejectReason | null,
  sessionTimeoutSeconds: row.session_timeout,
  reply: readJson<AttributeItem[]>(row.reply),
  trace: readJson<TraceLine[]>(row.trace),
});
