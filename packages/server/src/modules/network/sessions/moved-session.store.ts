import { type Selectable, sql } from "kysely";
import { isIn } from "../../../storage/in-list.ts";
import type { SessionTable } from "../../../storage/network-tables.ts";
import { shaped } from "../../../storage/prepared.ts";
import type { CountFollowers, Follower } from "../../foundation/kept-counts/index.ts";

/** How many sessions have followed accounts: by one query for each name space, across tenants, for the accounts' changes were in sight. */
export const countMovedSessions: CountFollowers = async (handle, accounts) => {
  const found: Follower[] = [];
  for (const [nameSpaceId, moved] of Map.groupBy(accounts, (account) => account.nameSpaceId)) {
    const rows = await selectCounts(handle, null, { nameSpaceId, userIds: moved.map(({ id }) => id) });
    for (const { user_id, is_live, total } of rows) {
      found.push({ accountId: user_id!, counted: is_live ? "session.active" : "session.completed", total });
    }
  }
  return found;
};

type CountRow = Pick<Selectable<SessionTable>, "user_id"> & { readonly is_live: unknown; readonly total: number };

const selectCounts = shaped<{ readonly nameSpaceId: number; readonly userIds: readonly number[] }, CountRow>(
  (handle, _scope, { nameSpaceId, userIds }) => {
    const isLive = sql`case when stop_at is null then 1 else 0 end`;
    return handle
      .selectFrom("session")
      .select(["user_id", isLive.as("is_live"), sql<number>`cast(count(*) as bigint)`.as("total")])
      .where("name_space_id", "=", nameSpaceId)
      .where(isIn(sql.ref("user_id"), userIds))
      .groupBy(["user_id", isLive]);
  },
);
