import { sql } from "kysely";
import type { Migration } from "./migration.ts";

/**
 * Sessions whose Acct-Session-Time was no number of 32 bits, and so their beginning: a page that one stood on could not be
 * read. A beginning that cannot be is the last report, the only moment that is known; a counter that cannot be is the time
 * from the beginning to the last report. What was burned stays burned, for the time ledger is never rewritten. Deadlines
 * after the last moment that a date can be come then.
 */
export const migration: Migration = {
  name: "0014-numbers-in-range",
  async up({ handle }) {
    const greatest = sql.lit(4_294_967_295);
    const lacksStart = sql`start_at < last_update_at - ${sql.lit(4_294_967_295_000)}`;
    const passed = sql`case when last_update_at > start_at then (last_update_at - start_at) / 1000 else 0 end`;
    const lasted = sql`case when ${lacksStart} then 0 when mark_seconds > ${greatest} then ${passed} else mark_seconds end`;
    await sql`update session set
      start_at = case when ${lacksStart} then last_update_at else start_at end,
      mark_seconds = ${lasted},
      unbilled_seconds = case
        when ${lasted} <= burned_seconds then 0
        when unbilled_seconds > ${lasted} - burned_seconds then ${lasted} - burned_seconds
        else unbilled_seconds end
      where mark_seconds > ${greatest} or ${lacksStart}`.execute(handle);
    await sql`update session_deadline set due_at = ${sql.lit(8_640_000_000_000_000)}
      where due_at > ${sql.lit(8_640_000_000_000_000)}`.execute(handle);
  },
};
