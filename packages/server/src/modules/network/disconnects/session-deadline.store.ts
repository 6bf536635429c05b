import { sql } from "kysely";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Capabilities, Handle } from "../../../storage/database.ts";

/** Whose sessions. */
export interface DeadlineOwner {
  readonly id: number;
  readonly nameSpaceId: number;
}

export type SessionDeadlineStore = ReturnType<ReturnType<typeof sessionDeadlineStoreOver>>;

/** Later than any time that is looked for. */
const never = Number.MAX_SAFE_INTEGER;

/** When the sessions of users must end. It is worked out by the house for all tenants, and read by nobody else. */
export const sessionDeadlineStoreOver = (capabilities: Capabilities) => (handle: Handle, _scope: TenantScope | null) => {
  const ofUser = ({ nameSpaceId, id }: DeadlineOwner) => ({ name_space_id: nameSpaceId, user_id: id });
  return {
    /** Keeps all others from planning for a user until the unit ends: what is read after this is true for the plan. */
    async lock(owner: DeadlineOwner): Promise<void> {
      await handle
        .insertInto("session_deadline")
        .values({ ...ofUser(owner), due_at: never })
        .onConflict((conflict) =>
          conflict.columns(["name_space_id", "user_id"]).doUpdateSet({ due_at: sql<number>`session_deadline.due_at` }),
        )
        .execute();
    },

    async set(owner: DeadlineOwner, dueAtMs: number): Promise<void> {
      await handle
        .updateTable("session_deadline")
        .set({ due_at: dueAtMs })
        .where("name_space_id", "=", owner.nameSpaceId)
        .where("user_id", "=", owner.id)
        .execute();
    },

    async remove(owner: DeadlineOwner): Promise<void> {
      await handle.deleteFrom("session_deadline").where("name_space_id", "=", owner.nameSpaceId).where("user_id", "=", owner.id).execute();
    },

    async find(owner: DeadlineOwner): Promise<number | undefined> {
      const row = await handle
        .selectFrom("session_deadline")
        .select("due_at")
        .where("name_space_id", "=", owner.nameSpaceId)
        .where("user_id", "=", owner.id)
        .executeTakeFirst();
      return row?.due_at;
    },

    /** Whether anything is due: a read, for it is asked twice a second. */
    async hasDue(nowMs: number): Promise<boolean> {
      return (
        (await handle.selectFrom("session_deadline").select("user_id").where("due_at", "<=", nowMs).limit(1).executeTakeFirst()) !==
        undefined
      );
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
