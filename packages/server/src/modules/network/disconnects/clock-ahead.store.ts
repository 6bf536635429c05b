import { sql } from "kysely";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Handle } from "../../../storage/database.ts";
import { runnerOf } from "../../../storage/runner.ts";

/** What a clock that ran ahead has written, and what is held for true instead. */
export interface ClockAhead {
  readonly nowMs: number;
  /** What lies ahead of this was not written by another node whose clock is a little fast. */
  readonly aheadMs: number;
}

/** Which deadline was looked at last. */
export interface DeadlinePlace {
  readonly namespaceId: number;
  readonly userId: number;
}

export type ClockAheadStore = ReturnType<ReturnType<typeof clockAheadStore>>;

/**
 * Puts right what a clock that ran ahead has left behind: instants of ours that lie ahead become now. The house does it for
 * all tenants. Requests are locked in the order of their sessions, as everybody locks them; sessions and deadlines are to be
 * settled one in a unit, for the accounts that they belong to are not locked.
 */
export const clockAheadStore = () => (handle: Handle, _scope: TenantScope | null) => ({
  /** Requests that would be sent too late are due now, and those that ended ahead have ended now. */
  async settleRequests({ nowMs, aheadMs }: ClockAhead): Promise<void> {
    for (const column of ["due_at", "finished_at"] as const) {
      const ahead = handle
        .selectFrom("session_request")
        .select("id")
        .where(column, ">", aheadMs)
        .where("finished_at", column === "due_at" ? "is" : "is not", null)
        .orderBy("session_id");
      await handle
        .updateTable("session_request")
        .set({ [column]: nowMs })
        .where("id", "in", runnerOf(handle).locking === "none" ? ahead : ahead.forNoKeyUpdate())
        .execute();
    }
  },

  /** When clients last sent a packet: a silent one must not look alive. */
  async settleContacts({ nowMs, aheadMs }: ClockAhead): Promise<void> {
    const rows = await handle
      .selectFrom("client_contact")
      .select(["name_space_id", "client_id"])
      .where("last_seen_at", ">", aheadMs)
      .orderBy("client_id")
      .execute();
    for (const row of rows) {
      await handle
        .updateTable("client_contact")
        .set({ last_seen_at: nowMs })
        .where("name_space_id", "=", row.name_space_id)
        .where("client_id", "=", row.client_id)
        .where("last_seen_at", ">", aheadMs)
        .execute();
    }
  },

  /** Which of the next live sessions after an id have marks that lie ahead; and where it came to, unless to the end. */
  async findSessions({ aheadMs }: ClockAhead, afterId: number, most: number): Promise<{ ids: number[]; lastId: number | undefined }> {
    const looked = await handle
      .selectFrom("session")
      .select(["id", "reported_at", "last_seen_at"])
      .where("stop_at", "is", null)
      .where("id", ">", afterId)
      .orderBy("id")
      .limit(most)
      .execute();
    const ids = looked.filter((row) => row.reported_at > aheadMs || row.last_seen_at > aheadMs).map(({ id }) => id);
    return { ids, lastId: looked.length < most ? undefined : looked.at(-1)!.id };
  },

  /** A session that was reported at a time that has not come yet. */
  async settleSession({ nowMs }: ClockAhead, id: number): Promise<void> {
    await handle
      .updateTable("session")
      .set({
        reported_at: sql<number>`case when reported_at > ${nowMs} then ${nowMs} else reported_at end`,
        last_seen_at: sql<number>`case when last_seen_at > ${nowMs} then ${nowMs} else last_seen_at end`,
      })
      .where("id", "=", id)
      .where("stop_at", "is", null)
      .execute();
  },

  /** Which of the next deadlines lie later than what they are made of allows; and where it came to, unless to the end. */
  async findDeadlines(
    { nowMs, aheadMs }: ClockAhead,
    after: DeadlinePlace,
    most: number,
  ): Promise<{ late: DeadlinePlace[]; last: DeadlinePlace | undefined }> {
    const looked = await handle
      .selectFrom("session_deadline as deadline")
      .innerJoin("user_account as account", (join) =>
        join.onRef("account.name_space_id", "=", "deadline.name_space_id").onRef("account.id", "=", "deadline.user_id"),
      )
      .select(["deadline.name_space_id", "deadline.user_id", "deadline.due_at", "account.is_active", "account.expiration"])
      .select((eb) => [
        eb
          .selectFrom("time_balance")
          .select("time_balance.seconds")
          .whereRef("time_balance.name_space_id", "=", "deadline.name_space_id")
          .whereRef("time_balance.user_id", "=", "deadline.user_id")
          .as("seconds"),
        eb
          .selectFrom("session")
          .select((inner) => inner.fn.max("session.reported_at").as("reported_at"))
          .whereRef("session.name_space_id", "=", "deadline.name_space_id")
          .whereRef("session.user_id", "=", "deadline.user_id")
          .where("session.stop_at", "is", null)
          .as("reported_at"),
      ])
      .where(sql<boolean>`(deadline.name_space_id, deadline.user_id) > (${after.namespaceId}, ${after.userId})`)
      .orderBy("deadline.name_space_id")
      .orderBy("deadline.user_id")
      .limit(most)
      .execute();
    const late = looked.filter((row) => row.due_at > latestEndMs(row, nowMs) + (aheadMs - nowMs));
    const placeOf = (row: (typeof looked)[number]): DeadlinePlace => ({ namespaceId: row.name_space_id, userId: row.user_id });
    return { late: late.map(placeOf), last: looked.length < most ? undefined : placeOf(looked.at(-1)!) };
  },

  /** Has the planner work out such a deadline anew, now. */
  async settleDeadline({ nowMs, aheadMs }: ClockAhead, { namespaceId, userId }: DeadlinePlace): Promise<void> {
    await handle
      .updateTable("session_deadline")
      .set({ due_at: nowMs })
      .where("name_space_id", "=", namespaceId)
      .where("user_id", "=", userId)
      .where("due_at", ">", aheadMs)
      .execute();
  },
});

interface DeadlineMadeOf {
  readonly is_active: boolean | number;
  readonly expiration: number | null;
  readonly seconds: number | null;
  /** The latest mark of the live sessions; null where there is none. */
  readonly reported_at: number | null;
}

/** When the sessions of a user end at the latest: with several it is sooner. */
const latestEndMs = ({ is_active, expiration, seconds, reported_at }: DeadlineMadeOf, nowMs: number): number => {
  if (!is_active || reported_at === null) return nowMs;
  const zeroMs = seconds === null ? Number.POSITIVE_INFINITY : Math.min(reported_at, nowMs) + seconds * 1000;
  return Math.max(nowMs, Math.min(zeroMs, expiration ?? Number.POSITIVE_INFINITY));
};
