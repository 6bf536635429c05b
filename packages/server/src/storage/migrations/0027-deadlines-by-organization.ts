import { sql } from "kysely";
import type { Migration } from "./migration.ts";

/** Whose sessions are due is known without a look at the accounts: organizations take turns at what ends them. */
export const migration: Migration = {
  name: "0027-deadlines-by-organization",
  async up({ handle, types, expectRows }) {
    await handle.schema
      .alterTable("session_deadline")
      .addColumn("organization_id", types.id, (column) => column.notNull().defaultTo(0))
      .execute();
    await sql`update session_deadline set organization_id = (select organization_id from user_account
      where user_account.name_space_id = session_deadline.name_space_id and user_account.id = session_deadline.user_id)`.execute(handle);
    const index = (meaning: string, columns: string[]) =>
      handle.schema.createIndex(`session_deadline__${meaning}`).on("session_deadline").columns(columns).execute();
    await handle.schema.dropIndex("session_deadline__due_at").execute();
    await index("due_at", ["due_at", "organization_id"]);
    await index("organization_id", ["organization_id", "due_at"]);
    const live = 10_000;
    await expectRows("session_deadline", {
      session_deadline__key: [live, live, 1],
      session_deadline__due_at: [live, 2, 1],
      session_deadline__organization_id: [live, 200, 1],
    });
  },
};
