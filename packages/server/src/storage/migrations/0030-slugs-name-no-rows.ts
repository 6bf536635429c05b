import type { Migration } from "./migration.ts";

/**
 * The slugs of organizations beside each other stay unique, by an index over those that have somebody beside them. PostgreSQL takes
 * the columns of a whole unique index for what other rows may name, and whoever changed a slug waited for everyone who was adding
 * something to the organization, and kept everyone else from it.
 */
export const migration: Migration = {
  name: "0030-slugs-name-no-rows",
  async up({ handle }) {
    await handle.schema.dropIndex("organization__slug").execute();
    await handle.schema
      .createIndex("organization__slug")
      .on("organization")
      .columns(["name_space_id", "parent_id", "slug"])
      .unique()
      .where("parent_id", "is not", null)
      .execute();
  },
};
