import { type Selectable, sql } from "kysely";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Capabilities, Handle } from "../../../storage/database.ts";
import { gathered } from "../../../storage/gathered.ts";
import { isAnyOf, isIn } from "../../../storage/in-list.ts";
import { preparedReturning } from "../../../storage/prepared.ts";
import { changeRow, runnerOf } from "../../../storage/statements.ts";
import type { TimeBalanceTable } from "../../../storage/tables.ts";

/** Seconds of a session that are to be paid out of a user's balance. */
export interface Burn {
  readonly nameSpaceId: number;
  readonly organizationId: number;
  readonly userId: number;
  readonly sessionId: number;
  /** At least 1. */
  readonly seconds: number;
  /** The row that grows with the session; null: there is none yet. */
  readonly ledgerId: number | null;
  /** Whether the session has ended already, so that a new row is sealed as it is written. */
  readonly isFinal: boolean;
  readonly reason: string;
  readonly actor: string;
  readonly nowMs: number;
}

/** What a burn came to. */
export interface Paid {
  /** What the balance covered: never more than it held. */
  readonly seconds: number;
  readonly ledgerId: number | null;
  /** Null: the user is not metered, and nothing is owed. */
  readonly balance: number | null;
}

export type BurnStore = ReturnType<ReturnType<typeof burnStoreOver>>;

/**
 * Burned time: one row of the ledger for each session, that grows until the session closes and is sealed then. The balance
 * never falls below 0. The order of locks is user, then balance, then session: burn before the session is written.
 * No scope narrows it: time is burned by a session, whatever became of its user since it began.
 */
export const burnStoreOver = (capabilities: Capabilities) => (handle: Handle, _scope: TenantScope | null) => {
  /** Takes seconds off a balance, as far as it covers them. */
  const pay = async ({ nameSpaceId, userId, seconds }: Burn): Promise<{ paid: number; balance: number } | undefined> => {
    const [covered] = await takeCovered(handle, nameSpaceId, userId, seconds);
    if (covered) return { paid: seconds, balance: covered.seconds };
    let balances = handle
      .selectFrom("time_balance")
      .select("seconds")
      .where("name_space_id", "=", nameSpaceId)
      .where("user_id", "=", userId);
    if (capabilities.needsRowLocks) balances = balances.forUpdate();
    const held = await balances.executeTakeFirst();
    if (!held) return undefined;
    // Between the two statements somebody may have added time.
    const paid = Math.min(held.seconds, seconds);
    const balance = held.seconds - paid;
    await handle
      .updateTable("time_balance")
      .set({ seconds: balance })
      .where("name_space_id", "=", nameSpaceId)
      .where("user_id", "=", userId)
      .execute();
    return { paid, balance };
  };

  /** Burns by plain reads and writes: nobody else writes meanwhile, or what was read is held. */
  const burnHeld = async ({ nameSpaceId, userId, seconds, nowMs }: Burn, ledgerId: number): Promise<Paid> => {
    const place = { name_space_id: nameSpaceId, user_id: userId };
    const [held] = await selectBalance(handle, { nameSpaceId, userId });
    const hold = (values: { readonly seconds?: number }, exists: boolean) =>
      runnerOf(handle).hold({ table: "time_balance", key: Object.keys(place), values: { ...place, ...values }, exists });
    if (!held) {
      hold({}, false);
      return { seconds: 0, ledgerId, balance: null };
    }
    hold({ seconds: held.seconds }, true);
    const paid = Math.min(held.seconds, seconds);
    const balance = held.seconds - paid;
    if (paid > 0) {
      await changeRow(handle, { table: "time_balance", key: place, values: { seconds: balance } });
      await changeRow(handle, {
        table: "time_ledger",
        key: { name_space_id: nameSpaceId, id: ledgerId },
        values: { balance_after: balance, last_burn: nowMs },
        adds: { delta: -paid },
      });
    }
    return { seconds: paid, ledgerId, balance };
  };

  return {
    /** Burns, as far as the balance covers it, and notes it in the session's row of the ledger. */
    async burn(burn: Burn): Promise<Paid> {
      if (burn.ledgerId !== null && runnerOf(handle).locking !== "row") return burnHeld(burn, burn.ledgerId);
      const payment = await pay(burn);
      if (!payment) return { seconds: 0, ledgerId: burn.ledgerId, balance: null };
      const { paid, balance } = payment;
      if (paid === 0) return { seconds: 0, ledgerId: burn.ledgerId, balance };
      const { nameSpaceId, sessionId, nowMs } = burn;
      if (burn.ledgerId !== null) {
        await growRow(handle, nameSpaceId, burn.ledgerId, paid, balance, nowMs);
        return { seconds: paid, ledgerId: burn.ledgerId, balance };
      }
      const [id] = await capabilities.nextNumbers(handle, "time_ledger_id", 1);
      await handle
        .insertInto("time_ledger")
        .values({
          name_space_id: nameSpaceId,
          id: id!,
          organization_id: burn.organizationId,
          user_id: burn.userId,
          pseudonym: null,
          delta: -paid,
          balance_after: balance,
          reason: burn.reason,
          actor: burn.actor,
          created_at: nowMs,
          session_id: sessionId,
          sealed_at: burn.isFinal ? nowMs : null,
          last_burn: nowMs,
        })
        .execute();
      return { seconds: paid, ledgerId: burn.isFinal ? null : id!, balance };
    },

    /** Seals the rows of sessions that have ended: they never change again. */
    async seal(nameSpaceId: number, sessionIds: readonly number[], nowMs: number): Promise<void> {
      if (sessionIds.length === 0) return;
      await handle
        .updateTable("time_ledger")
        .set({ sealed_at: nowMs })
        .where("name_space_id", "=", nameSpaceId)
        .where(isIn(sql.ref("session_id"), sessionIds))
        .where("sealed_at", "is", null)
        .execute();
    },
  };
};

const selectBalance = gathered<Pick<Burn, "nameSpaceId" | "userId">, Selectable<TimeBalanceTable>>({
  build: (handle, keys) =>
    handle
      .selectFrom("time_balance")
      .selectAll("time_balance")
      .where(
        isAnyOf(
          ["name_space_id", "user_id"],
          keys.map((key) => [key.nameSpaceId, key.userId]),
        ),
      ),
  nameOf: ({ nameSpaceId, userId }) => `${nameSpaceId}/${userId}`,
  nameOfRow: (row) => `${row.name_space_id}/${row.user_id}`,
});

const takeCovered = preparedReturning((handle, nameSpaceId: number, userId: number, seconds: number) =>
  handle
    .updateTable("time_balance")
    .set({ seconds: sql<number>`seconds - ${seconds}` })
    .where("name_space_id", "=", nameSpaceId)
    .where("user_id", "=", userId)
    .where("seconds", ">=", seconds)
    .returning("seconds"),
);

const growRow = preparedReturning((handle, nameSpaceId: number, id: number, paid: number, balance: number, nowMs: number) =>
  handle
    .updateTable("time_ledger")
    .set({ delta: sql<number>`delta - ${paid}`, balance_after: balance, last_burn: nowMs })
    .where("name_space_id", "=", nameSpaceId)
    .where("id", "=", id)
    .returning("id"),
);
