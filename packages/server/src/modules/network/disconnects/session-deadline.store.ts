import { sql } from "kysely";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Capabilities, Handle } from "../../../storage/database.ts";
import { prepared, preparedLock, preparedReturning, preparedWrite } from "../../../storage/prepared.ts";
import { changeRow } from "../../../storage/statements.ts";

/** Whose sessions. */
export interface DeadlineOwner {
  readonly id: number;
  readonly nameSpaceId: number;
}

export type SessionDeadlineStore = ReturnType<ReturnType<typeof sessionDeadlineStoreOver>>;

/** Later than any time that is looked for. */
const never = Number.MAX_SAFE_INTEGER;

const lockDeadline = preparedReturning((handle, nameSpaceId: number, userId: number) =>
  handle
    .insertInto("session_deadline")
    .columns(["name_space_id", "user_id", "due_at"])
    .expression((eb) =>
      eb
        .selectFrom("user_account")
        .select(["name_space_id", "id", sql.lit(never).as("due_at")])
        .where("name_space_id", "=", nameSpaceId)
        .where("id", "=", userId),
    )
    .onConflict((conflict) => conflict.columns(["name_space_id", "user_id"]).doUpdateSet({ due_at: sql<number>`session_deadline.due_at` }))
    .returning("user_id"),
);

const deadlineOf = (handle: Handle, nameSpaceId: number, userId: number) =>
  handle.selectFrom("session_deadline").select("due_at").where("name_space_id", "=", nameSpaceId).where("user_id", "=", userId);
const selectDeadline = prepared(deadlineOf);
const lockKeptDeadline = preparedLock((handle, nameSpaceId: number, userId: number) => deadlineOf(handle, nameSpaceId, userId).forUpdate());

const removeDeadline = preparedWrite("session_deadline", (handle, nameSpaceId: number, userId: number) =>
  handle.deleteFrom("session_deadline").where("name_space_id", "=", nameSpaceId).where("user_id", "=", userId),
);

const selectDue = prepared((handle, nowMs: number) =>
  handle.selectFrom("session_deadline").select("user_id").where("due_at", "<=", nowMs).limit(sql.lit(1)),
);

/** When the sessions of users must end. It is worked out by the house for all tenants, and read by nobody else. */
export const sessionDeadlineStoreOver = (capabilities: Capabilities) => (handle: Handle, _scope: TenantScope | null) => {
  const ofUser = ({ nameSpaceId, id }: DeadlineOwner) => ({ name_space_id: nameSpaceId, user_id: id });
  return {
    /**
     * Keeps all others from planning for a user until the unit ends: what is read after this is true for the plan. False where there
     * is no such user.
     */
    async lock({ nameSpaceId, id }: DeadlineOwner): Promise<boolean> {
      return (await lockDeadline(handle, nameSpaceId, id)).length > 0;
    },

    /** The same for a user who has a deadline; false where there is none. */
    async lockKept({ nameSpaceId, id }: DeadlineOwner): Promise<boolean> {
      const kept = await (capabilities.needsRowLocks ? lockKeptDeadline : selectDeadline)(handle, nameSpaceId, id);
      return kept.length > 0;
    },

    async set(owner: DeadlineOwner, dueAtMs: number): Promise<void> {
      await changeRow(handle, { table: "session_deadline", key: ofUser(owner), values: { due_at: dueAtMs } });
    },

    async remove(owner: DeadlineOwner): Promise<void> {
      await removeDeadline(handle, owner.nameSpaceId, owner.id);
    },

    async find({ nameSpaceId, id }: DeadlineOwner): Promise<number | undefined> {
      return (await selectDeadline(handle, nameSpaceId, id))[0]?.due_at;
    },

    /** Whether anything is due: a read, for it is asked twice a second. */
    async hasDue(nowMs: number): Promise<boolean> {
      return (await selectDue(handle, nowMs)).length > 0;
    },

    /** Takes users whose time is due, so that nobody else does until `againAtMs`; at most so many. */
    async claimDue(nowMs: number, againAtMs: number, most: number): Promise<DeadlineOwner[]> {
      let due = handle
        .selectFrom("session_deadline")
        .select(["name_space_id", "user_id"])
        .where("due_at", "<=", nowMs)
        .orderBy("due_at")
        .limit(most);
      if (capabilities.needsRowLocks) due = due.forUpdate().skipLocked();
      const rows = await handle
        .updateTable("session_deadline")
        .set({ due_at: againAtMs })
        .where(sql<boolean>`(name_space_id, user_id) in ${due}`)
        .returning(["name_space_id", "user_id"])
        .execute();
      return rows.map((row) => ({ id: row.user_id, nameSpaceId: row.name_space_id }));
    },
  };
};
