import type { ColumnDefinitionBuilder } from "kysely";
import type { Migration } from "./migration.ts";

const required = (column: ColumnDefinitionBuilder) => column.notNull();

/** Network equipment that asks and reports by RADIUS. */
export const migration: Migration = {
  name: "0005-aaa-clients",
  async up({ handle, types }) {
    await handle.schema
      .createTable("aaa_client")
      .addColumn("name_space_id", types.id, required)
      .addColumn("id", types.id, required)
      .addColumn("organization_id", types.id, required)
      .addColumn("short_name", types.text, required)
      .addColumn("address", types.text, required)
      .addColumn("secret", types.secret, required)
      .addColumn("nas_identifier", types.text)
      .addColumn("description", types.text)
      .addColumn("coa_port", types.integer)
      .addColumn("require_message_authenticator", types.boolean, required)
      .addColumn("is_active", types.boolean, required)
      .addColumn("created_at", types.instant, required)
      .addColumn("last_change", types.instant, required)
      .addColumn("version", types.integer, required)
      .addPrimaryKeyConstraint("aaa_client__key", ["name_space_id", "id"])
      .addForeignKeyConstraint("aaa_client__organization", ["name_space_id", "organization_id"], "organization", ["name_space_id", "id"])
      .execute();
    const index = (meaning: string, columns: string[]) =>
      handle.schema.createIndex(`aaa_client__${meaning}`).on("aaa_client").columns(columns);
    await index("short_name", ["name_space_id", "organization_id", "short_name"]).unique().execute();
    await index("organization_id", ["name_space_id", "organization_id", "id"]).execute();
    await index("id", ["id"]).execute();
    await index("last_change", ["name_space_id", "last_change", "id"]).execute();

    // The source of a packet is all that names its client, so that an address is unique over all tenants.
    await handle.schema
      .createTable("aaa_client_address")
      .addColumn("address", types.text, required)
      .addColumn("client_id", types.id, required)
      .execute();
    await handle.schema.createIndex("aaa_client_address__address").on("aaa_client_address").column("address").unique().execute();
    await handle.schema.createIndex("aaa_client_address__client").on("aaa_client_address").column("client_id").execute();
  },
};
