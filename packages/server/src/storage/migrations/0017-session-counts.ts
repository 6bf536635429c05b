import { sql } from "kysely";
import type { Migration } from "./migration.ts";

/**
 * Sessions followed an account to another organization without being counted there: they are counted anew, organization by organization.
 * The sums of name spaces were right.
 */
export const migration: Migration = {
  name: "0017-session-counts",
  async up({ handle }) {
    await sql`delete from kept_count where counted in ('session.active', 'session.completed') and organization_id <> 0`.execute(handle);
    await sql`insert into kept_count (name_space_id, organization_id, counted, slot, total)
      select name_space_id, organization_id, case when stop_at is null then 'session.active' else 'session.completed' end, 0, count(*)
      from session group by 1, 2, 3`.execute(handle);
  },
};
