import type { Migration } from "./migration.ts";

/** Columns of sessions, contacts and counts get the words that the code and the documents have for them. */
export const migration: Migration = {
  name: "0031-words-of-accounting",
  async up({ handle }) {
    for (const [table, from, to] of [
      ["session", "mark_seconds", "reported_seconds"],
      ["session", "marked_at", "reported_at"],
      ["session", "heard_at", "last_seen_at"],
      ["client_contact", "heard_at", "last_seen_at"],
      ["kept_count", "slot", "shard"],
    ] as const)
      await handle.schema.alterTable(table).renameColumn(from, to).execute();
    await handle.updateTable("session").set({ closed_by: "stale" }).where("closed_by", "=", "reaper").execute();
  },
};
