import { type SqlBool, sql } from "kysely";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Handle } from "../../../storage/database.ts";
import { isIn } from "../../../storage/in-list.ts";
import { within } from "../../../storage/tenant-wall.ts";

/** A user's ledger rows within a slice, and the balance at the same moment. */
export interface LedgerSum {
  readonly userId: number;
  readonly total: number;
  readonly rows: number;
  readonly lastId: number;
  /** Null when the user is not metered. */
  readonly seconds: number | null;
}

/** A balance, and whether it is one without any row. */
export interface ProvedBalance {
  readonly userId: number;
  readonly seconds: number;
  readonly hasRows: boolean;
}

export type LedgerProofStore = ReturnType<ReturnType<typeof ledgerProofStore>>;

/** Reads ledgers and balances in slices of bounded cost, in the order of their index, to hold them against each other. */
export const ledgerProofStore = () => (handle: Handle, scope: TenantScope | null) => {
  const seen = (namespaceId: number, userId: ReturnType<typeof sql.ref>) =>
    scope === null
      ? sql<SqlBool>`1 = 1`
      : sql<SqlBool>`exists (select 1 from user_account where user_account.name_space_id = ${namespaceId}
          and user_account.id = ${userId} and ${within(scope, "user_account")})`;

  return {
    /** The namespaces after one, in order. */
    async namespacesAfter(namespaceId: number, limit: number): Promise<number[]> {
      const rows = await handle
        .selectFrom("organization")
        .select("id")
        .whereRef("id", "=", "name_space_id")
        .where("id", ">", namespaceId)
        .where(scope === null ? sql<SqlBool>`1 = 1` : isIn(sql.ref("id"), scope.namespaceIds))
        .orderBy("id")
        .limit(limit)
        .execute();
      return rows.map((row) => row.id);
    },

    /** The sums of the next `limit` rows after a user's row, by user; of the last user there may be more. */
    async ledgerAfter(namespaceId: number, after: { userId: number; id: number }, limit: number): Promise<LedgerSum[]> {
      const { rows } = await sql<LedgerSum>`
        with part as (
          select user_id, id, delta from time_ledger
          where name_space_id = ${namespaceId} and (user_id, id) > (${after.userId}, ${after.id})
            and ${seen(namespaceId, sql.ref("time_ledger.user_id"))}
          order by user_id, id limit ${limit}
        )
        select user_id as "userId", sum(delta) as "total", count(*) as "rows", max(id) as "lastId",
          (select seconds from time_balance
            where time_balance.name_space_id = ${namespaceId} and time_balance.user_id = part.user_id) as "seconds"
        from part group by user_id order by user_id`.execute(handle);
      return rows;
    },

    /** The next `limit` balances after a user's. */
    async balancesAfter(namespaceId: number, userId: number, limit: number): Promise<ProvedBalance[]> {
      const { rows } = await sql<{ userId: number; seconds: number; hasRows: number | boolean }>`
        select user_id as "userId", seconds, exists (
          select 1 from time_ledger
          where time_ledger.name_space_id = ${namespaceId} and time_ledger.user_id = time_balance.user_id
        ) as "hasRows"
        from time_balance
        where name_space_id = ${namespaceId} and user_id > ${userId} and ${seen(namespaceId, sql.ref("time_balance.user_id"))}
        order by user_id limit ${limit}`.execute(handle);
      return rows.map((row) => ({ ...row, hasRows: Boolean(row.hasRows) }));
    },
  };
};
