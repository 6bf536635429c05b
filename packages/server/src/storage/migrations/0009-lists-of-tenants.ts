import type { Migration } from "./migration.ts";

/** The decisions of an organization are found without walking through those of all that share its name space. */
export const migration: Migration = {
  name: "0009-lists-of-tenants",
  async up({ handle }) {
    await handle.schema
      .createIndex("access_decision__organization_id")
      .on("access_decision")
      .columns(["name_space_id", "organization_id", "id"])
      .execute();
  },
};
