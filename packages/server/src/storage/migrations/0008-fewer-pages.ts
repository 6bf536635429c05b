import { sql } from "kysely";
import type { Migration } from "./migration.ts";

/** A change of an account is written to fewer places, and a count of everything is one row. */
export const migration: Migration = {
  name: "0008-fewer-pages",
  async up({ handle, createMovingIndex, leaveRoom }) {
    // Every change moved its account in this index.
    await handle.schema.dropIndex("user_account__last_change").execute();
    await createMovingIndex("user_account", "last_change");
    for (const table of ["user_account", "time_balance", "kept_count", "session"]) await leaveRoom(table);
    // The counts of the whole installation, so that those who see everything need no sum over its name spaces.
    await sql`insert into kept_count (name_space_id, organization_id, counted, slot, total)
      select 0, 0, counted, slot, sum(total) from kept_count where organization_id = 0 group by counted, slot`.execute(handle);
  },
};
