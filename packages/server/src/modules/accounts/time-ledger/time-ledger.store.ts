import { type Selectable, type SqlBool, sql } from "kysely";
import type { Page, PageRequest } from "../../../kernel/pagination.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Handle } from "../../../storage/database.ts";
import { isIn } from "../../../storage/in-list.ts";
import { readRows } from "../../../storage/page-rows.ts";
import { listOf } from "../../../storage/paging.ts";
import { statement } from "../../../storage/statement.ts";
import { within } from "../../../storage/tenant-wall.ts";
import { write } from "../../../storage/verbs.ts";
import type { TimeLedgerTable } from "./time-ledger.table.ts";

/** One change of a balance, in seconds. */
export interface LedgerEntry {
  readonly id: number;
  readonly namespaceId: number;
  readonly organizationId: number;
  readonly userId: number;
  readonly delta: number;
  /** Null when the account is no longer metered. */
  readonly balanceAfter: number | null;
  readonly reason: string | null;
  readonly actor: string;
  readonly createdAtMs: number;
  /** The session whose debited time it is. */
  readonly sessionId: number | null;
  /** When time was last debited; null for everything else. */
  readonly lastBurnMs: number | null;
  /** Whether the session goes on, so that the row still grows. */
  readonly isGrowing: boolean;
}

/** A change that is to be written at once; session time is debited by the debit store alone. */
export type NewLedgerEntry = Omit<LedgerEntry, "id" | "sessionId" | "lastBurnMs" | "isGrowing">;

export type TimeLedgerStore = ReturnType<ReturnType<typeof timeLedgerStore>>;

/**
 * The only way to a balance. Each method changes it and writes its row together; call them with the user's row locked,
 * for the order of locks is user first.
 */
export const timeLedgerStore = () => (handle: Handle, scope: TenantScope | null) => {
  return {
    async findBalance(namespaceId: number, userId: number): Promise<number | null> {
      const row = await handle
        .selectFrom("time_balance")
        .innerJoin("user_account", (join) =>
          join.onRef("user_account.name_space_id", "=", "time_balance.name_space_id").onRef("user_account.id", "=", "time_balance.user_id"),
        )
        .select("seconds")
        .where("time_balance.name_space_id", "=", namespaceId)
        .where("time_balance.user_id", "=", userId)
        .where(within(scope, "user_account"))
        .executeTakeFirst();
      return row?.seconds ?? null;
    },

    /**
     * Writes ledger rows and leaves each account's balance as its last row says. The ids are taken here, under the locks
     * of the accounts: an account's rows by id are its changes in the order in which they happened.
     */
    async append(entries: readonly NewLedgerEntry[]): Promise<void> {
      const last = new Map(entries.map((entry) => [entry.userId, entry]));
      const metered = [...last.values()].filter((entry) => entry.balanceAfter !== null);
      const unmetered = [...last.values()].filter((entry) => entry.balanceAfter === null);
      for (const [namespaceId, gone] of Map.groupBy(unmetered, (entry) => entry.namespaceId)) {
        await write(handle, balanceRemoval, { namespaceId, userIds: gone.map(({ userId }) => userId) });
      }
      await write(handle, {
        insertInto: "time_balance",
        rows: metered.map((entry) => ({ name_space_id: entry.namespaceId, user_id: entry.userId, seconds: entry.balanceAfter })),
        onConflict: { keys: ["name_space_id", "user_id"], columns: ["seconds"], change: "replace" },
      });
      await write(handle, { insertInto: "time_ledger", rows: entries.map(toRow), numberedBy: "time_ledger_id" });
    },

    async list(namespaceId: number, userId: number, page: PageRequest): Promise<Page<LedgerEntry>> {
      const found = await pageOfLedger(handle, { scope, filters: { namespaceId, userId }, page });
      return readRows(found, toEntry);
    },

    /** Keeps a deleted account's rows for the books, under a pseudonym and without the free text that may name people. */
    async pseudonymize(namespaceId: number, userId: number, pseudonym: string): Promise<void> {
      await handle
        .updateTable("time_ledger")
        .set({ user_id: null, pseudonym, reason: null })
        .where("name_space_id", "=", namespaceId)
        .where("user_id", "=", userId)
        .where(ofSeenUser(scope, namespaceId, userId))
        .execute();
    },
  };
};

// The wall stands around the user, not the row: a ledger moves with its user, whichever organization wrote it.
const ofSeenUser = (scope: TenantScope | null, namespaceId: number, userId: number) => sql<SqlBool>`exists (
  select 1 from user_account
  where user_account.name_space_id = ${namespaceId} and user_account.id = ${userId} and ${within(scope, "user_account")})`;

const pageOfLedger = listOf<{ readonly namespaceId: number; readonly userId: number }, Selectable<TimeLedgerTable>>({
  table: "time_ledger",
  isShort: true,
  filtered: (rows, scope, { namespaceId, userId }) =>
    rows
      .where("time_ledger.name_space_id", "=", namespaceId)
      .where("time_ledger.user_id", "=", userId)
      .where(ofSeenUser(scope, namespaceId, userId)),
  shown: (handle) => handle.selectFrom("time_ledger").selectAll("time_ledger"),
});

const balanceRemoval = statement<{ readonly namespaceId: number; readonly userIds: readonly number[] }>(
  (handle, { namespaceId, userIds }) =>
    handle
      .deleteFrom("time_balance")
      .where("name_space_id", "=", namespaceId)
      .where(isIn(sql.ref("user_id"), userIds)),
  { writes: "time_balance" },
);

/** The row without its id, which it takes as it is stored. */
const toRow = (entry: NewLedgerEntry) => ({
  name_space_id: entry.namespaceId,
  organization_id: entry.organizationId,
  user_id: entry.userId,
  pseudonym: null,
  delta: entry.delta,
  balance_after: entry.balanceAfter,
  reason: entry.reason,
  actor: entry.actor,
  created_at: entry.createdAtMs,
});

const toEntry = (row: Selectable<TimeLedgerTable>): LedgerEntry => ({
  id: row.id,
  namespaceId: row.name_space_id,
  organizationId: row.organization_id,
  userId: row.user_id!,
  delta: row.delta,
  balanceAfter: row.balance_after,
  reason: row.reason,
  actor: row.actor,
  createdAtMs: row.created_at,
  sessionId: row.session_id,
  lastBurnMs: row.last_burn,
  isGrowing: row.session_id !== null && row.sealed_at === null,
});
