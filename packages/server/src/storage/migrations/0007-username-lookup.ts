import type { Migration } from "./migration.ts";

/**
 * Finds accounts by username over all name spaces: by the unique index, which begins with the name space, each name space
 * is looked into, and a root token sees thousands.
 */
export const migration: Migration = {
  name: "0007-username-lookup",
  async up({ handle }) {
    await handle.schema.createIndex("user_account__username_lookup").on("user_account").columns(["username_key"]).execute();
  },
};
