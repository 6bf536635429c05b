import { sql } from "kysely";
import type { Handle } from "../../../storage/database.ts";
import { isIn } from "../../../storage/in-list.ts";
import { statement } from "../../../storage/statement.ts";
import { write } from "../../../storage/verbs.ts";
import type { ProfileReference } from "../aaa-profiles/index.ts";
import type { User } from "./user.ts";

/** An account as it is to be written. `profiles` are what its short names stand for, in order; they count where the names or the place change. */
export interface UserRecord {
  readonly user: User;
  readonly profiles: readonly ProfileReference[];
}

/** Writes the groups and profiles of accounts that have none. */
export const insertLinks = async (handle: Handle, records: readonly UserRecord[]): Promise<void> => {
  const groups = records.flatMap(({ user }) => user.groups.map((name) => ({ name_space_id: user.namespaceId, user_id: user.id, name })));
  const profiles = records.flatMap(({ user, profiles: references }) =>
    references.map((profile, position) => ({
      name_space_id: user.namespaceId,
      user_id: user.id,
      position,
      profile_name_space_id: profile.namespaceId,
      profile_id: profile.id,
    })),
  );
  await write(handle, { insertInto: "user_group", rows: groups });
  await write(handle, { insertInto: "user_profile", rows: profiles });
};

type LinkTable = "user_group" | "user_profile";

/** Removes the groups, or the profiles, of accounts. */
export const deleteLinks = async (handle: Handle, table: LinkTable, records: readonly UserRecord[]): Promise<void> => {
  for (const [namespaceId, alike] of Map.groupBy(records, ({ user }) => user.namespaceId)) {
    const userIds = alike.map(({ user }) => user.id);
    await write(handle, linkRemovalOf[table], { namespaceId, userIds });
  }
};

const linksOf = (table: LinkTable) =>
  statement<{ readonly namespaceId: number; readonly userIds: readonly number[] }>(
    (handle, { namespaceId, userIds }) =>
      handle
        .deleteFrom(table)
        .where("name_space_id", "=", namespaceId)
        .where(isIn(sql.ref("user_id"), userIds)),
    { writes: table },
  );

const linkRemovalOf = { user_group: linksOf("user_group"), user_profile: linksOf("user_profile") };
