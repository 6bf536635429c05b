import type { Migration } from "./migration.ts";

/** A request to change a session is called as FreeRADIUS calls it. */
export const migration: Migration = {
  name: "0029-coa-requests",
  async up({ handle }) {
    await handle.updateTable("session_request").set({ kind: "coa" }).where("kind", "=", "change").execute();
  },
};
