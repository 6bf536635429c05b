import { type Selectable, sql } from "kysely";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Handle } from "../../../storage/database.ts";
import { isIn } from "../../../storage/in-list.ts";
import { statement } from "../../../storage/statement.ts";
import { read } from "../../../storage/verbs.ts";
import type { MovedAccount, MovedRecords } from "../../foundation/kept-counts/index.ts";
import type { SessionTable } from "./session.table.ts";

export type MovedSessionStore = ReturnType<ReturnType<typeof movedSessionStore>>;

/** The sessions of accounts that have moved, whatever the scope: the changes of the accounts were in sight. */
export const movedSessionStore = () => (handle: Handle, _scope: TenantScope | null) => ({
  /** How many sessions have moved with accounts: by one query for each namespace. */
  async count(accounts: readonly MovedAccount[]): Promise<MovedRecords[]> {
    const found: MovedRecords[] = [];
    for (const [namespaceId, moved] of Map.groupBy(accounts, (account) => account.namespaceId)) {
      const rows = await read(handle, sessionCounts, { namespaceId, userIds: moved.map(({ id }) => id) });
      for (const { user_id, is_live, total } of rows) {
        found.push({ accountId: user_id!, counted: is_live ? "session.active" : "session.completed", total });
      }
    }
    return found;
  },
});

type CountRow = Pick<Selectable<SessionTable>, "user_id"> & { readonly is_live: unknown; readonly total: number };

const sessionCounts = statement<{ readonly namespaceId: number; readonly userIds: readonly number[] }, CountRow>(
  (handle, { namespaceId, userIds }) => {
    const isLive = sql`case when stop_at is null then 1 else 0 end`;
    return handle
      .selectFrom("session")
      .select(["user_id", isLive.as("is_live"), sql<number>`cast(count(*) as bigint)`.as("total")])
      .where("name_space_id", "=", namespaceId)
      .where(isIn(sql.ref("user_id"), userIds))
      .groupBy(["user_id", isLive]);
  },
);
