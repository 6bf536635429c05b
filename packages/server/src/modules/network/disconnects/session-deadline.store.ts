import { sql } from "kysely";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Database, Handle } from "../../../storage/database.ts";
import { isAnyOf } from "../../../storage/in-list.ts";
import { doTogether, type SharedTask } from "../../../storage/runner.ts";
import { statement } from "../../../storage/statement.ts";
import { read, write } from "../../../storage/verbs.ts";

/** Whose sessions. */
export interface DeadlineOwner {
  readonly id: number;
  readonly namespaceId: number;
}

/** When the sessions of a user must end. */
export interface PlannedUser extends DeadlineOwner {
  readonly organizationId: number;
  readonly dueAtMs: number;
}

/** An organization with users whose time is over. */
export interface DueOrganization {
  readonly organizationId: number;
  readonly users: number;
}

/** How many of an organization's users are taken. */
export interface DueShare {
  readonly organizationId: number;
  readonly max: number;
}

/** Organizations that are looked at together: those whose users wait longest. */
const maxOrganizations = 1_000;

export type SessionDeadlineStore = ReturnType<ReturnType<typeof sessionDeadlineStore>>;

interface UserPlace {
  readonly namespaceId: number;
  readonly userId: number;
}

const deadlineOf = statement((handle, { namespaceId, userId }: UserPlace) =>
  handle.selectFrom("session_deadline").select("due_at").where("name_space_id", "=", namespaceId).where("user_id", "=", userId),
);

const deadlineRemoval = statement(
  (handle, { namespaceId, userId }: UserPlace) =>
    handle.deleteFrom("session_deadline").where("name_space_id", "=", namespaceId).where("user_id", "=", userId),
  { writes: "session_deadline" },
);

const anyDue = statement((handle, { nowMs }: { readonly nowMs: number }) =>
  handle.selectFrom("session_deadline").select("user_id").where("due_at", "<=", nowMs).limit(sql.lit(1)),
);

const dueOrganizations = statement((handle, { nowMs }: { readonly nowMs: number }) =>
  handle
    .selectFrom("session_deadline")
    .select(["organization_id", sql<number>`cast(count(*) as bigint)`.as("users")])
    .where("due_at", "<=", nowMs)
    .groupBy("organization_id")
    .orderBy(sql`min(due_at)`)
    .orderBy("organization_id")
    .limit(sql.lit(maxOrganizations)),
);

const keyOf = ({ namespaceId, id }: DeadlineOwner): DeadlineOwner => ({ namespaceId, id });
const ofUser = ({ namespaceId, id }: DeadlineOwner) => ({ name_space_id: namespaceId, user_id: id });

/** Of units that share a transaction all sessions are locked before the deadline. */
const hastening: SharedTask<{ readonly owner: DeadlineOwner; readonly nowMs: number }> = {
  async run(handle, items) {
    for (const own of Map.groupBy(items, ({ owner }) => owner.id).values()) {
      const { owner, nowMs } = own.at(-1)!;
      await write(handle, { update: "session_deadline", key: ofUser(owner), values: { due_at: nowMs } });
    }
  },
};

const ownerColumns = { name_space_id: "namespaceId", user_id: "id" } as const;

const ownersWithDeadline = statement<{ readonly owners: readonly DeadlineOwner[] }, { user_id: number }>((handle, { owners }) =>
  handle.selectFrom("session_deadline").select("user_id").where(isAnyOf(ownerColumns, owners)),
);

const deadlineRemovals = statement<{ readonly owners: readonly DeadlineOwner[] }>(
  (handle, { owners }) => handle.deleteFrom("session_deadline").where(isAnyOf(ownerColumns, owners)),
  { writes: "session_deadline" },
);

/** When the sessions of users must end. Gatehouse works it out for all tenants, and nobody else reads it. */
export const sessionDeadlineStore = (tools: Pick<Database, "capabilities">) => (handle: Handle, _scope: TenantScope | null) => {
  return {
    /** Sets when the sessions of users must end, whose rows are locked: in one statement, in the order of the users. */
    async plan(users: readonly PlannedUser[]): Promise<void> {
      const rows = users.map((user) => ({ ...ofUser(user), due_at: user.dueAtMs, organization_id: user.organizationId }));
      await write(handle, {
        insertInto: "session_deadline",
        rows,
        onConflict: { keys: ["name_space_id", "user_id"], columns: ["due_at", "organization_id"], change: "replace" },
      });
    },

    /** Moves a deadline that there is. */
    async set(owner: DeadlineOwner, dueAtMs: number): Promise<void> {
      await write(handle, { update: "session_deadline", key: ofUser(owner), values: { due_at: dueAtMs } });
    },

    /** Has a deadline that there is worked out anew at once. */
    async hasten(owner: DeadlineOwner, nowMs: number): Promise<void> {
      await doTogether(handle, hastening, { owner, nowMs });
    },

    async remove(owners: readonly DeadlineOwner[]): Promise<void> {
      const [first] = owners;
      if (owners.length === 1) await write(handle, deadlineRemoval, { namespaceId: first!.namespaceId, userId: first!.id });
      else if (first) await write(handle, deadlineRemovals, { owners: owners.map(keyOf) });
    },

    async find({ namespaceId, id }: DeadlineOwner): Promise<number | undefined> {
      return (await read(handle, deadlineOf, { namespaceId, userId: id }))[0]?.due_at;
    },

    /** Which of these users have a deadline, by their ids. */
    async listOf(owners: readonly DeadlineOwner[]): Promise<ReadonlySet<number>> {
      const [first] = owners;
      if (!first) return new Set();
      if (owners.length === 1)
        return new Set((await read(handle, deadlineOf, { namespaceId: first.namespaceId, userId: first.id })).map(() => first.id));
      return new Set((await read(handle, ownersWithDeadline, { owners: owners.map(keyOf) })).map((row) => row.user_id));
    },

    /** Whether anything is due: a read, for it is asked twice a second. */
    async hasDue(nowMs: number): Promise<boolean> {
      return (await read(handle, anyDue, { nowMs })).length > 0;
    },

    /** Whose users are due, those first who wait longest. */
    async listDueOrganizations(nowMs: number): Promise<DueOrganization[]> {
      const rows = await read(handle, dueOrganizations, { nowMs });
      return rows.map((row) => ({ organizationId: row.organization_id, users: row.users }));
    },

    /** Takes users whose time is due, so that nobody else does until `againAtMs`; of each organization at most its share. */
    async claimDue(nowMs: number, againAtMs: number, shares: readonly DueShare[]): Promise<DeadlineOwner[]> {
      const claimOf = ({ organizationId, max }: DueShare) => {
        let due = handle
          .selectFrom("session_deadline")
          .select(["name_space_id", "user_id"])
          .where("organization_id", "=", organizationId)
          .where("due_at", "<=", nowMs)
          .orderBy("due_at")
          .limit(max);
        if (tools.capabilities.needsRowLocks) due = due.forUpdate().skipLocked();
        return handle
          .updateTable("session_deadline")
          .set({ due_at: againAtMs })
          .where(sql<boolean>`(name_space_id, user_id) in ${due}`)
          .returning(["name_space_id", "user_id"])
          .execute();
      };
      // Asked for together they travel together.
      const rows = (await Promise.all(shares.map(claimOf))).flat();
      return rows.map((row) => ({ id: row.user_id, namespaceId: row.name_space_id }));
    },
  };
};
