import { sql } from "kysely";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Database, Handle } from "../../../storage/database.ts";
import { isIn } from "../../../storage/in-list.ts";
import { runnerOf } from "../../../storage/runner.ts";
import { statement } from "../../../storage/statement.ts";
import { lock, read } from "../../../storage/verbs.ts";

/** Whose account. */
export interface LockedAccount {
  readonly id: number;
  readonly namespaceId: number;
}

export type AccountLockStore = ReturnType<ReturnType<typeof accountLockStore>>;

/**
 * The lock of everything that an account has: its row. A unit takes it first, of all accounts that it concerns, in the order of
 * their ids; what a lock of the account keeps from changing needs no other. It returns nothing of the row, and no scope narrows it: a session is
 * locked with its account even where the account has moved out of sight since the session began.
 */
export const accountLockStore = (tools: Pick<Database, "capabilities">) => (handle: Handle, _scope: TenantScope | null) => {
  const runner = runnerOf(handle);

  const take = async (accounts: readonly LockedAccount[], company: "alone" | "together" = "alone"): Promise<void> => {
    if (!tools.capabilities.needsRowLocks || accounts.length === 0) return;
    const byId = new Map(accounts.map((account) => [account.id, account]));
    const ids = [...byId.keys()].sort((one, other) => one - other);
    for (const id of ids) await runner.turn?.(id, ids.length === 1 ? company : "alone");
    if (runner.locking === "row") await lock(handle, accountsForUpdate, { ids });
    else
      for (const id of ids)
        lock(handle, { table: "user_account", key, values: { name_space_id: byId.get(id)!.namespaceId, id }, exists: true });
  };

  return {
    /**
     * Keeps accounts, and what they have, from changing until the unit ends. One that is gone has nothing that could. `together`: the
     * unit locks nothing but what the account has, so that it may share a transaction with others of the account.
     */
    take,

    /** The same for one account that may be gone by now: false where it is. It takes it together with others. */
    async takeExisting(account: LockedAccount): Promise<boolean> {
      if (runner.locking !== "optimistic") {
        await runner.turn?.(account.id);
        const rows =
          runner.locking === "row"
            ? await lock(handle, accountsForUpdate, { ids: [account.id] })
            : await read(handle, accountById, { id: account.id });
        return rows.length > 0;
      }
      await take([account], "together");
      return true;
    },

    /** The same by a statement of its own, for what reads of the account and writes nothing before: what is read after this stays true. */
    async takeAtOnce({ id }: LockedAccount): Promise<void> {
      if (!tools.capabilities.needsRowLocks) return;
      await runner.turn?.(id);
      await lock(handle, accountsForUpdate, { ids: [id] });
    },

    /**
     * For units that lock the balance and the session alone, as reports of live sessions do. The unit waits for its turn among the writes
     * of this process. It locks the account's row only where locks are taken row by row, after an optimistic lock has failed.
     */
    async queue(account: LockedAccount): Promise<void> {
      await runner.turn?.(account.id, "together");
      if (runner.locking === "row") await lock(handle, accountsForUpdate, { ids: [account.id] });
    },
  };
};

const key = ["name_space_id", "id"];

/** No key update: rows that belong to the account may be made meanwhile, and who makes them need not know of this unit. */
const accountsForUpdate = statement<{ readonly ids: readonly number[] }, { id: number }>((handle, { ids }) =>
  handle
    .selectFrom("user_account")
    .select("id")
    .where(isIn(sql.ref("id"), ids))
    .orderBy("id")
    .forNoKeyUpdate(),
);

const accountById = statement((handle, { id }: { readonly id: number }) =>
  handle.selectFrom("user_account").select("id").where("id", "=", id),
);
