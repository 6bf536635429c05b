import type { ColumnDefinitionBuilder } from "kysely";
import type { Migration } from "./migration.ts";

const required = (column: ColumnDefinitionBuilder) => column.notNull();

/** Passwords that an organization keeps readable, for methods that no hash serves. */
export const migration: Migration = {
  name: "0004-reversible-secrets",
  async up({ handle, types }) {
    await handle.schema
      .alterTable("organization")
      .addColumn("reversible_secrets", types.boolean, (column) => column.notNull().defaultTo(false))
      .execute();
    await handle.schema
      .createTable("reversible_secret")
      .addColumn("name_space_id", types.id, required)
      .addColumn("user_id", types.id, required)
      .addColumn("secret", types.secret, required)
      .addPrimaryKeyConstraint("reversible_secret__key", ["name_space_id", "user_id"])
      .addForeignKeyConstraint("reversible_secret__user", ["name_space_id", "user_id"], "user_account", ["name_space_id", "id"], (key) =>
        key.onDelete("cascade"),
      )
      .execute();
  },
};
