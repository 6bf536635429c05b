import type { Migration } from "./migration.ts";

/** An empty external id means none: only one account of an organization could have it, and requests cannot set it any more. */
export const migration: Migration = {
  name: "0015-no-empty-external-ids",
  async up({ handle }) {
    await handle.updateTable("user_account").set({ external_id: null }).where("external_id", "=", "").execute();
  },
};
