import { type ColumnDefinitionBuilder, type CreateTableBuilder, sql } from "kysely";
import type { Migration, MigrationKit } from "./migration.ts";

const required = (column: ColumnDefinitionBuilder) => column.notNull();

/** Devices with the history of who had them, and the extra records of users. */
export const migration: Migration = {
  name: "0002-devices-and-extras",
  async up(kit) {
    await createDevices(kit);
    await createDeviceMoves(kit);
    await createUserExtras(kit);
  },
};

/** A table whose rows belong to an organization: the name space stands first in its key. */
const ownedTable = (kit: MigrationKit, table: string): CreateTableBuilder<string, string> =>
  kit.handle.schema
    .createTable(table)
    .addColumn("name_space_id", kit.types.id, required)
    .addColumn("id", kit.types.id, required)
    .addColumn("organization_id", kit.types.id, required)
    .addPrimaryKeyConstraint(`${table}__key`, ["name_space_id", "id"] as never) as never;

const references = <T extends CreateTableBuilder<string, string>>(builder: T, name: string, column: string, target: string): T =>
  builder.addForeignKeyConstraint(name, ["name_space_id", column] as never, target, ["name_space_id", "id"]) as T;

const index = (kit: MigrationKit, table: string, meaning: string, columns: string[]) =>
  kit.handle.schema.createIndex(`${table}__${meaning}`).on(table).columns(columns);

const createDevices = async (kit: MigrationKit) => {
  const { types } = kit;
  let table = ownedTable(kit, "device")
    .addColumn("user_id", types.id)
    .addColumn("kind", types.text, required)
    .addColumn("identifier", types.text, required)
    .addColumn("device_type", types.text)
    .addColumn("serial_number", types.text)
    .addColumn("model", types.text)
    .addColumn("assigned_date", types.instant)
    .addColumn("status", types.text)
    .addColumn("created_at", types.instant, required)
    .addColumn("last_change", types.instant, required)
    .addColumn("version", types.integer, required)
    .addCheckConstraint("device__kind_known", sql`kind in ('inventory', 'number', 'generic_id', 'imei', 'imsi', 'iccid')`);
  table = references(table, "device__organization", "organization_id", "organization");
  await references(table, "device__user", "user_id", "user_account").execute();
  await index(kit, "device", "identifier", ["name_space_id", "kind", "identifier"]).unique().execute();
  await index(kit, "device", "user_id", ["name_space_id", "user_id"]).where("user_id", "is not", null).execute();
  await index(kit, "device", "organization_id", ["name_space_id", "organization_id", "id"]).execute();
  await index(kit, "device", "id", ["id"]).execute();
  await index(kit, "device", "by_kind", ["name_space_id", "kind", "id"]).execute();
  await index(kit, "device", "last_change", ["name_space_id", "last_change", "id"]).execute();
};

/** The rows stay for the books when their user is deleted: then `pseudonym` stands for the user. */
const createDeviceMoves = async (kit: MigrationKit) => {
  const { types } = kit;
  const table = ownedTable(kit, "device_move")
    .addColumn("device_id", types.id, required)
    .addColumn("user_id", types.id)
    .addColumn("pseudonym", types.text)
    .addColumn("assigned_at", types.instant, required)
    .addColumn("unassigned_at", types.instant)
    .addColumn("operation", types.text, required)
    .addColumn("actor", types.text, required);
  await references(table, "device_move__device", "device_id", "device").execute();
  await index(kit, "device_move", "device", ["name_space_id", "device_id", "id"]).execute();
  await index(kit, "device_move", "user_id", ["name_space_id", "user_id"]).where("user_id", "is not", null).execute();
};

const createUserExtras = async (kit: MigrationKit) => {
  const { types } = kit;
  let table = ownedTable(kit, "user_extra").addColumn("parent_id", types.id, required);
  for (const name of textColumns) table = table.addColumn(name, types.text);
  table = table
    .addColumn("tax_id", types.secret)
    .addColumn("passport_number", types.secret)
    .addColumn("age", types.integer)
    .addColumn("accept_terms", types.boolean)
    .addColumn("preferences", types.json, required)
    .addColumn("custom_fields", types.json, required)
    .addColumn("created_at", types.instant, required)
    .addColumn("updated_at", types.instant, required)
    .addColumn("version", types.integer, required);
  table = references(table, "user_extra__organization", "organization_id", "organization");
  await references(table, "user_extra__user", "parent_id", "user_account").execute();
  await index(kit, "user_extra", "parent", ["name_space_id", "parent_id"]).unique().execute();
  await index(kit, "user_extra", "organization_id", ["name_space_id", "organization_id", "id"]).execute();
  await index(kit, "user_extra", "id", ["id"]).execute();
  await index(kit, "user_extra", "event", ["name_space_id", "event", "id"]).where("event", "is not", null).execute();
  await index(kit, "user_extra", "updated_at", ["name_space_id", "updated_at", "id"]).execute();
};

const textColumns = [
  "title",
  "gender",
  "birthday",
  "age_range",
  "telephone",
  "address",
  "city",
  "state",
  "postal_code",
  "country",
  "country_id",
  "company",
  "hometown",
  "location",
  "locale",
  "event",
  "custom_field_1",
  "custom_field_2",
  "custom_field_3",
  "custom_field_4",
  "custom_field_5",
  "custom_field_6",
  "custom_field_7",
  "custom_field_8",
];
