import { type Selectable, type SqlBool, sql } from "kysely";
import type { Page, PageRequest } from "../../../kernel/pagination.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import { insertInChunks } from "../../../storage/chunks.ts";
import type { Capabilities, Handle } from "../../../storage/database.ts";
import { isIn, listPage } from "../../../storage/paging.ts";
import type { TimeLedgerTable } from "../../../storage/tables.ts";
import { within } from "../../../storage/tenant-wall.ts";

/** One change of a balance, in seconds. */
export interface LedgerEntry {
  readonly id: number;
  readonly nameSpaceId: number;
  readonly organizationId: number;
  readonly userId: number;
  readonly delta: number;
  /** Null when the account is no longer metered. */
  readonly balanceAfter: number | null;
  readonly reason: string | null;
  readonly actor: string;
  readonly createdAtMs: number;
  /** The session whose burned time it is. */
  readonly sessionId: number | null;
  /** When burned time was added last; null for everything else. */
  readonly lastBurnMs: number | null;
  /** Whether the session goes on, so that the row still grows. */
  readonly isGrowing: boolean;
}

/** A change that is to be written at once; burned time is written by the burn store alone. */
export type NewLedgerEntry = Omit<LedgerEntry, "id" | "sessionId" | "lastBurnMs" | "isGrowing">;

export type TimeLedgerStore = ReturnType<ReturnType<typeof timeLedgerStoreOver>>;

/**
 * The only way to a balance. Each method changes it and writes its row together; call them with the user's row locked,
 * for the order of locks is user first.
 */
export const timeLedgerStoreOver = (capabilities: Capabilities) => (handle: Handle, scope: TenantScope | null) => {
  // The wall stands around the user, not the row: a ledger moves with its user, whichever organization wrote it.
  const ofSeenUser = (nameSpaceId: number, userId: number) => {
    const user = handle.selectFrom("user_account").select("id").where("name_space_id", "=", nameSpaceId).where("id", "=", userId);
    return sql<SqlBool>`exists ${user.where(within(scope, "user_account"))}`;
  };

  return {
    async findBalance(nameSpaceId: number, userId: number): Promise<number | null> {
      const row = await handle
        .selectFrom("time_balance")
        .innerJoin("user_account", (join) =>
          join.onRef("user_account.name_space_id", "=", "time_balance.name_space_id").onRef("user_account.id", "=", "time_balance.user_id"),
        )
        .select("seconds")
        .where("time_balance.name_space_id", "=", nameSpaceId)
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
      const ids = await capabilities.nextNumbers(handle, "time_ledger_id", entries.length);
      for (const entry of entries) {
        if (entry.balanceAfter === null) {
          await handle
            .deleteFrom("time_balance")
            .where("name_space_id", "=", entry.nameSpaceId)
            .where("user_id", "=", entry.userId)
            .execute();
          continue;
        }
        await handle
          .insertInto("time_balance")
          .values({ name_space_id: entry.nameSpaceId, user_id: entry.userId, seconds: entry.balanceAfter })
          .onConflict((conflict) => conflict.columns(["name_space_id", "user_id"]).doUpdateSet({ seconds: entry.balanceAfter! }))
          .execute();
      }
      await insertInChunks(
        handle,
        "time_ledger",
        entries.map((entry, index) => ({
          name_space_id: entry.nameSpaceId,
          id: ids[index]!,
          organization_id: entry.organizationId,
          user_id: entry.userId,
          pseudonym: null,
          delta: entry.delta,
          balance_after: entry.balanceAfter,
          reason: entry.reason,
          actor: entry.actor,
          created_at: entry.createdAtMs,
          session_id: null,
          sealed_at: null,
          last_burn: null,
        })),
      );
    },

    list(nameSpaceId: number, userId: number, page: PageRequest): Promise<Page<LedgerEntry>> {
      return listPage(handle, {
        table: "time_ledger",
        page,
        filtered: handle
          .selectFrom("time_ledger")
          .where("time_ledger.name_space_id", "=", nameSpaceId)
          .where("time_ledger.user_id", "=", userId)
          .where(ofSeenUser(nameSpaceId, userId)),
        load: async (ids) =>
          (
            await handle
              .selectFrom("time_ledger")
              .selectAll()
              .where("name_space_id", "=", nameSpaceId)
              .where(isIn(sql.ref("id"), ids))
              .execute()
          ).map(toEntry),
      });
    },

    /** Keeps a deleted account's rows for the books, under a pseudonym and without the free text that may name people. */
    async pseudonymize(nameSpaceId: number, userId: number, pseudonym: string): Promise<void> {
      await handle
        .updateTable("time_ledger")
        .set({ user_id: null, pseudonym, reason: null })
        .where("name_space_id", "=", nameSpaceId)
        .where("user_id", "=", userId)
        .where(ofSeenUser(nameSpaceId, userId))
        .execute();
    },
  };
};

const toEntry = (row: Selectable<TimeLedgerTable>): LedgerEntry => ({
  id: row.id,
  nameSpaceId: row.name_space_id,
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
