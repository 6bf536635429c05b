import { sql } from "kysely";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Capabilities, Handle } from "../../../storage/database.ts";
import { prepared, preparedWrite } from "../../../storage/prepared.ts";
import { changeRow, insertRows } from "../../../storage/statements.ts";

/** Whose sessions. */
export interface DeadlineOwner {
  readonly id: number;
  readonly nameSpaceId: number;
}

export type SessionDeadlineStore = ReturnType<ReturnType<typeof sessionDeadlineStoreOver>>;

const deadlineOf = (handle: Handle, nameSpaceId: number, userId: number) =>
  handle.selectFrom("session_deadline").select("due_at").where("name_space_id", "=", nameSpaceId).where("user_id", "=", userId);
const selectDeadline = prepared(deadlineOf);

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
    /** Sets when the sessions of a user must end, whose row is locked. */
    async plan(owner: DeadlineOwner, dueAtMs: number): Promise<void> {
      await insertRows(handle, "session_deadline", [{ ...ofUser(owner), due_at: dueAtMs }], {
        onConflict: { keys: ["name_space_id", "user_id"], columns: ["due_at"], change: "replace" },
      });
    },

    /** Moves a deadline that there is. */
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
