import type { Migration } from "./migration.ts";

/** Leases: which process does what only one of them may do. */
export const migration: Migration = {
  name: "0003-leases",
  async up({ handle, types }) {
    await handle.schema
      .createTable("lease")
      .addColumn("name", types.text, (column) => column.primaryKey())
      .addColumn("holder", types.text, (column) => column.notNull())
      .addColumn("expires_at", types.instant, (column) => column.notNull())
      .execute();
  },
};
