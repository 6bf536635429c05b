import type { Migration } from "./migration.ts";

/** The index that finds accounts by a part of their username serves nothing else: equality has indexes of its own. */
export const migration: Migration = {
  name: "0016-search-apart",
  up: ({ separateSearch }) => separateSearch("user_account", "username_key"),
};
