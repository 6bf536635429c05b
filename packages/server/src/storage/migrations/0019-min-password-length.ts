import type { Migration } from "./migration.ts";

/** The least length of passwords that an organization asks for; those that stand ask for none. */
export const migration: Migration = {
  name: "0019-min-password-length",
  async up({ handle, types }) {
    await handle.schema.alterTable("organization").addColumn("min_password_length", types.integer).execute();
  },
};
