import { type Selectable, sql } from "kysely";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import { byKey } from "../../../storage/by-key.ts";
import type { Database, Handle } from "../../../storage/database.ts";
import { isAnyOf, isIn } from "../../../storage/in-list.ts";
import { runnerOf } from "../../../storage/runner.ts";
import { statement } from "../../../storage/statement.ts";
import { lock, readByKey, write } from "../../../storage/verbs.ts";
import type { TimeBalanceTable, TimeLedgerTable } from "./time-ledger.table.ts";

/** Seconds of a session that are to be debited from its user's balance. */
export interface Debit {
  readonly namespaceId: number;
  readonly organizationId: number;
  readonly userId: number;
  readonly sessionId: number;
  /** At least 1. */
  readonly seconds: number;
  /** The row that grows with the session; null: there is none yet, or its number is not known yet. */
  readonly ledgerId: number | null;
  /** Whether the session has debited before. */
  readonly hasDebited: boolean;
  /** Whether the session has ended already, so that a new row is sealed as it is written. */
  readonly isFinal: boolean;
  readonly reason: string;
  readonly actor: string;
  readonly nowMs: number;
}

/** What a debit came to. */
export interface Debited {
  /** What the balance covered: never more than it held. */
  readonly seconds: number;
  readonly ledgerId: number | null;
  /** Null: the user is not metered, and nothing is owed. */
  readonly balance: number | null;
}

export type DebitStore = ReturnType<ReturnType<typeof debitStore>>;

/**
 * Session time that is debited: one row of the ledger for each session, which grows until the session closes and is sealed then.
 * The balance never falls below 0. The order of locks is user, then balance, then session: debit before the session is written.
 * No scope narrows it: a session debits its time, whatever became of its user since it began.
 */
export const debitStore = (tools: Pick<Database, "capabilities">) => (handle: Handle, _scope: TenantScope | null) => {
  /** Takes seconds off a balance, as far as it covers them. */
  const pay = async ({ namespaceId, userId, seconds }: Debit): Promise<{ paid: number; balance: number } | undefined> => {
    const [covered] = await lock(handle, coveredDebit, { namespaceId, userId, seconds });
    if (covered) return { paid: seconds, balance: covered.seconds };
    let balances = handle
      .selectFrom("time_balance")
      .select("seconds")
      .where("name_space_id", "=", namespaceId)
      .where("user_id", "=", userId);
    if (tools.capabilities.needsRowLocks) balances = balances.forUpdate();
    const held = await balances.executeTakeFirst();
    if (!held) return undefined;
    // Between the two statements somebody may have added time.
    const paid = Math.min(held.seconds, seconds);
    const balance = held.seconds - paid;
    await handle
      .updateTable("time_balance")
      .set({ seconds: balance })
      .where("name_space_id", "=", namespaceId)
      .where("user_id", "=", userId)
      .execute();
    return { paid, balance };
  };

  /**
   * Debits by plain reads and writes: nobody else writes meanwhile, or an optimistic lock guards what was read. A new row takes
   * its number as it is written, so that all may travel in one statement; the session learns it at its next debit.
   */
  const debitUnlocked = async (debit: Debit): Promise<Debited> => {
    const { namespaceId, userId, seconds, nowMs } = debit;
    const place = { name_space_id: namespaceId, user_id: userId };
    const [ledgerId, [held]] = await Promise.all([
      debit.ledgerId ?? (debit.hasDebited ? findGrowing(debit) : null),
      readByKey(handle, balanceOfUser, { namespaceId, userId }),
    ]);
    const hold = (values: { readonly seconds?: number }, exists: boolean) =>
      lock(handle, { table: "time_balance", key: Object.keys(place), values: { ...place, ...values }, exists });
    if (!held) {
      hold({}, false);
      return { seconds: 0, ledgerId, balance: null };
    }
    hold({ seconds: held.seconds }, true);
    const paid = Math.min(held.seconds, seconds);
    const balance = held.seconds - paid;
    if (paid > 0) {
      await write(handle, { update: "time_balance", key: place, values: { seconds: balance } });
      if (ledgerId === null)
        await write(handle, { insertInto: "time_ledger", rows: [rowOf(debit, paid, balance)], numberedBy: "time_ledger_id" });
      else
        await write(handle, {
          update: "time_ledger",
          key: { name_space_id: namespaceId, id: ledgerId },
          values: { balance_after: balance, last_burn: nowMs },
          adds: { delta: -paid },
        });
    }
    return { seconds: paid, ledgerId, balance };
  };

  /** The number of the row that grows with a session. */
  const findGrowing = async ({ namespaceId, sessionId }: Debit): Promise<number | null> => {
    const [row] = await readByKey(handle, growingRow, { namespaceId, sessionId });
    return row?.id ?? null;
  };

  return {
    /** Debits as far as the balance covers it, and notes it in the session's row of the ledger. */
    async debit(debit: Debit): Promise<Debited> {
      const { locking } = runnerOf(handle);
      if (locking === "optimistic" || (locking === "none" && debit.ledgerId !== null)) return debitUnlocked(debit);
      const payment = await pay(debit);
      if (!payment) return { seconds: 0, ledgerId: debit.ledgerId, balance: null };
      const { paid, balance } = payment;
      if (paid === 0) return { seconds: 0, ledgerId: debit.ledgerId, balance };
      const growing = debit.ledgerId ?? (debit.hasDebited ? await findGrowing(debit) : null);
      if (growing !== null) {
        await lock(handle, rowGrowth, { namespaceId: debit.namespaceId, id: growing, paid, balance, nowMs: debit.nowMs });
        return { seconds: paid, ledgerId: growing, balance };
      }
      const [id] = await tools.capabilities.nextNumbers(handle, "time_ledger_id", 1);
      await write(handle, { insertInto: "time_ledger", rows: [{ ...rowOf(debit, paid, balance), id: id! }] });
      return { seconds: paid, ledgerId: debit.isFinal ? null : id!, balance };
    },

    /** Seals the rows of sessions that have ended: they never change again. */
    async seal(namespaceId: number, sessionIds: readonly number[], nowMs: number): Promise<void> {
      if (sessionIds.length === 0) return;
      await write(handle, sealing, { namespaceId, sessionIds, nowMs });
    },
  };
};

const balanceOfUser = byKey<Pick<Debit, "namespaceId" | "userId">, Selectable<TimeBalanceTable>>({
  build: (handle, keys) =>
    handle
      .selectFrom("time_balance")
      .selectAll("time_balance")
      .where(isAnyOf({ name_space_id: "namespaceId", user_id: "userId" }, keys)),
  nameOf: ({ namespaceId, userId }) => `${namespaceId}/${userId}`,
  nameOfRow: (row) => `${row.name_space_id}/${row.user_id}`,
});

const growingRow = byKey<Pick<Debit, "namespaceId" | "sessionId">, GrowingRow>({
  build: (handle, keys) =>
    handle
      .selectFrom("time_ledger")
      .select(["name_space_id", "session_id", "id"])
      .where("sealed_at", "is", null)
      .where(isAnyOf({ name_space_id: "namespaceId", session_id: "sessionId" }, keys)),
  nameOf: ({ namespaceId, sessionId }) => `${namespaceId}/${sessionId}`,
  nameOfRow: (row) => `${row.name_space_id}/${row.session_id}`,
});

type GrowingRow = Pick<Selectable<TimeLedgerTable>, "name_space_id" | "session_id" | "id">;

/** A new row of the ledger, without its number. */
const rowOf = (debit: Debit, paid: number, balance: number) => ({
  name_space_id: debit.namespaceId,
  organization_id: debit.organizationId,
  user_id: debit.userId,
  pseudonym: null,
  delta: -paid,
  balance_after: balance,
  reason: debit.reason,
  actor: debit.actor,
  created_at: debit.nowMs,
  session_id: debit.sessionId,
  sealed_at: debit.isFinal ? debit.nowMs : null,
  last_burn: debit.nowMs,
});

const sealing = statement<{ readonly namespaceId: number; readonly sessionIds: readonly number[]; readonly nowMs: number }>(
  (handle, { namespaceId, sessionIds, nowMs }) =>
    handle
      .updateTable("time_ledger")
      .set({ sealed_at: nowMs })
      .where("name_space_id", "=", namespaceId)
      .where(isIn(sql.ref("session_id"), sessionIds))
      .where("sealed_at", "is", null),
  { writes: "time_ledger" },
);

const coveredDebit = statement<{ readonly namespaceId: number; readonly userId: number; readonly seconds: number }, { seconds: number }>(
  (handle, { namespaceId, userId, seconds }) =>
    handle
      .updateTable("time_balance")
      .set({ seconds: sql<number>`seconds - ${seconds}` })
      .where("name_space_id", "=", namespaceId)
      .where("user_id", "=", userId)
      .where("seconds", ">=", seconds)
      .returning("seconds"),
);

interface RowGrowth {
  readonly namespaceId: number;
  readonly id: number;
  readonly paid: number;
  readonly balance: number;
  readonly nowMs: number;
}

const rowGrowth = statement<RowGrowth, { id: number }>((handle, { namespaceId, id, paid, balance, nowMs }) =>
  handle
    .updateTable("time_ledger")
    .set({ delta: sql<number>`delta - ${paid}`, balance_after: balance, last_burn: nowMs })
    .where("name_space_id", "=", namespaceId)
    .where("id", "=", id)
    .returning("id"),
);
