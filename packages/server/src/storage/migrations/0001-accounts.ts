import { type ColumnDefinitionBuilder, type CreateTableBuilder, sql } from "kysely";
import type { Migration, MigrationKit } from "./migration.ts";

const required = (column: ColumnDefinitionBuilder) => column.notNull();

/** Organizations, tokens, AAA profiles, accounts with time credit, and the trail of changes. */
export const migration: Migration = {
  name: "0001-accounts",
  async up(kit) {
    await createInstallation(kit);
    await createOrganizations(kit);
    await createAccounts(kit);
    await createGroupsAndProfiles(kit);
    await createTimeLedger(kit);
    await createTrail(kit);
  },
};

/** A table whose rows belong to an organization: the name space stands first in its key. */
const ownedTable = (kit: MigrationKit, table: string, idType: "id" | "text" = "id"): CreateTableBuilder<string, string> =>
  kit.handle.schema
    .createTable(table)
    .addColumn("name_space_id", kit.types.id, required)
    .addColumn("id", kit.types[idType], required)
    .addColumn("organization_id", kit.types.id, required)
    .addPrimaryKeyConstraint(`${table}__key`, ["name_space_id", "id"] as never) as never;

const withOrganization = <T extends CreateTableBuilder<string, string>>(table: string, builder: T): T =>
  builder.addForeignKeyConstraint(`${table}__organization`, ["name_space_id", "organization_id"] as never, "organization", [
    "name_space_id",
    "id",
  ]) as T;

const versioned = (kit: MigrationKit, builder: CreateTableBuilder<string, string>) =>
  builder
    .addColumn("created_at", kit.types.instant, required)
    .addColumn("last_change", kit.types.instant, required)
    .addColumn("version", kit.types.integer, required);

const index = (kit: MigrationKit, table: string, meaning: string, columns: string[]) =>
  kit.handle.schema.createIndex(`${table}__${meaning}`).on(table).columns(columns);

const createInstallation = async ({ handle, types }: MigrationKit) => {
  await handle.schema
    .createTable("id_block")
    .addColumn("noun", types.text, (column) => column.primaryKey())
    .addColumn("next_id", types.integer, required)
    .execute();
  await handle.schema
    .createTable("installation")
    .addColumn("name", types.text, (column) => column.primaryKey())
    .addColumn("value", types.text, required)
    .execute();
};

const createOrganizations = async (kit: MigrationKit) => {
  const { handle, types } = kit;
  await handle.schema
    .createTable("organization")
    .addColumn("name_space_id", types.id, required)
    .addColumn("id", types.id, required)
    .addColumn("parent_id", types.id)
    .addColumn("slug", types.text, required)
    .addColumn("name", types.text, required)
    .addColumn("name_key", types.text, required)
    .addColumn("description", types.text)
    .addColumn("own_usernames", types.boolean, required)
    .addColumn("is_active", types.boolean, required)
    .addColumn("created_at", types.instant, required)
    .addColumn("last_change", types.instant, required)
    .addColumn("version", types.integer, required)
    .addPrimaryKeyConstraint("organization__key", ["name_space_id", "id"])
    .execute();
  await index(kit, "organization", "slug", ["name_space_id", "slug"]).unique().execute();
  await index(kit, "organization", "id", ["id"]).execute();
  await index(kit, "organization", "parent_id", ["parent_id", "id"]).execute();

  await versioned(kit, withOrganization("api_token", ownedTable(kit, "api_token")))
    .addColumn("name", types.text, required)
    .addColumn("token_hash", types.secret, required)
    .addColumn("scopes", types.json, required)
    .addColumn("expires_at", types.instant)
    .addColumn("revoked_at", types.instant)
    .addColumn("last_used_at", types.instant)
    .execute();
  await index(kit, "api_token", "hash", ["name_space_id", "token_hash"]).unique().execute();
  await index(kit, "api_token", "hash_alone", ["token_hash"]).execute();
  await index(kit, "api_token", "id", ["id"]).execute();
  await index(kit, "api_token", "organization_id", ["name_space_id", "organization_id", "id"]).execute();

  await versioned(kit, withOrganization("aaa_profile", ownedTable(kit, "aaa_profile")))
    .addColumn("short_name", types.text, required)
    .addColumn("name", types.text, required)
    .addColumn("description", types.text)
    .addColumn("check_attributes", types.json, required)
    .addColumn("reply_attributes", types.json, required)
    .execute();
  await index(kit, "aaa_profile", "short_name", ["name_space_id", "organization_id", "short_name"]).unique().execute();
  await index(kit, "aaa_profile", "id", ["id"]).execute();
};

const createAccounts = async (kit: MigrationKit) => {
  const { types } = kit;
  await withOrganization("user_account", ownedTable(kit, "user_account"))
    .addColumn("username", types.text, required)
    .addColumn("username_key", types.text, required)
    .addColumn("password_hash", types.secret)
    .addColumn("email", types.text)
    .addColumn("first_name", types.text)
    .addColumn("last_name", types.text)
    .addColumn("external_id", types.text)
    .addColumn("klass", types.text)
    .addColumn("description", types.text)
    .addColumn("avatar_url", types.text)
    .addColumn("is_active", types.boolean, required)
    .addColumn("groups", types.json, required)
    .addColumn("aaa_profile", types.json, required)
    .addColumn("role", types.text)
    .addColumn("profile_names", types.json, required)
    .addColumn("expiration", types.instant)
    .addColumn("date_joined", types.instant, required)
    .addColumn("first_login", types.instant)
    .addColumn("last_login", types.instant)
    .addColumn("last_change", types.instant, required)
    .addColumn("version", types.integer, required)
    .execute();
  await index(kit, "user_account", "username", ["name_space_id", "username_key"]).unique().execute();
  await index(kit, "user_account", "external_id", ["name_space_id", "organization_id", "external_id"]).unique().execute();
  await index(kit, "user_account", "organization_id", ["name_space_id", "organization_id", "id"]).execute();
  await index(kit, "user_account", "id", ["id"]).execute();
  await index(kit, "user_account", "last_change", ["name_space_id", "last_change", "id"]).execute();
  for (const column of ["klass", "role", "external_id"]) {
    const name = column === "external_id" ? "external_id_alone" : column;
    await index(kit, "user_account", name, ["name_space_id", column, "id"]).where(column, "is not", null).execute();
  }
  await index(kit, "user_account", "inactive", ["name_space_id", "id"]).where(sql`is_active`, "=", sql`false`).execute();
  await kit.createSubstringIndex("user_account", "username_key");
};

const createGroupsAndProfiles = async (kit: MigrationKit) => {
  const { handle, types } = kit;
  await handle.schema
    .createTable("user_group")
    .addColumn("name_space_id", types.id, required)
    .addColumn("user_id", types.id, required)
    .addColumn("name", types.text, required)
    .addPrimaryKeyConstraint("user_group__key", ["name_space_id", "user_id", "name"])
    .addForeignKeyConstraint("user_group__user", ["name_space_id", "user_id"], "user_account", ["name_space_id", "id"], (key) =>
      key.onDelete("cascade"),
    )
    .execute();
  await index(kit, "user_group", "name", ["name_space_id", "name", "user_id"]).execute();

  await handle.schema
    .createTable("user_profile")
    .addColumn("name_space_id", types.id, required)
    .addColumn("user_id", types.id, required)
    .addColumn("position", types.integer, required)
    .addColumn("profile_name_space_id", types.id, required)
    .addColumn("profile_id", types.id, required)
    .addPrimaryKeyConstraint("user_profile__key", ["name_space_id", "user_id", "position"])
    .addForeignKeyConstraint("user_profile__user", ["name_space_id", "user_id"], "user_account", ["name_space_id", "id"], (key) =>
      key.onDelete("cascade"),
    )
    .addForeignKeyConstraint("user_profile__profile", ["profile_name_space_id", "profile_id"], "aaa_profile", ["name_space_id", "id"])
    .execute();
  await index(kit, "user_profile", "profile", ["profile_name_space_id", "profile_id"]).execute();
};

const createTimeLedger = async (kit: MigrationKit) => {
  const { handle, types } = kit;
  await handle.schema
    .createTable("time_balance")
    .addColumn("name_space_id", types.id, required)
    .addColumn("user_id", types.id, required)
    .addColumn("seconds", types.integer, required)
    .addPrimaryKeyConstraint("time_balance__key", ["name_space_id", "user_id"])
    .addForeignKeyConstraint("time_balance__user", ["name_space_id", "user_id"], "user_account", ["name_space_id", "id"], (key) =>
      key.onDelete("cascade"),
    )
    .addCheckConstraint("time_balance__not_negative", sql`seconds >= 0`)
    .execute();
  // The rows stay for the books when their user is deleted: then `pseudonym` stands for the user.
  await ownedTable(kit, "time_ledger")
    .addColumn("user_id", types.id)
    .addColumn("pseudonym", types.text)
    .addColumn("delta", types.integer, required)
    .addColumn("balance_after", types.integer)
    .addColumn("reason", types.text)
    .addColumn("actor", types.text, required)
    .addColumn("created_at", types.instant, required)
    .execute();
  await index(kit, "time_ledger", "user", ["name_space_id", "user_id", "id"]).execute();
  await kit.createSequence("time_ledger_id");
};

const createTrail = async (kit: MigrationKit) => {
  const { handle, types } = kit;
  await ownedTable(kit, "audit_entry", "text")
    .addColumn("created_at", types.instant, required)
    .addColumn("actor_kind", types.text, required)
    .addColumn("actor_id", types.id)
    .addColumn("actor_name", types.text, required)
    .addColumn("operation", types.text, required)
    .addColumn("resource", types.text, required)
    .addColumn("resource_id", types.id, required)
    .addColumn("before", types.json)
    .addColumn("after", types.json)
    .addColumn("request_id", types.text, required)
    .addColumn("address", types.text)
    .execute();
  await ownedTable(kit, "outbox_event", "text")
    .addColumn("created_at", types.instant, required)
    .addColumn("event", types.text, required)
    .addColumn("resource_id", types.id, required)
    .addColumn("audit_entry_id", types.text, required)
    .execute();
  await handle.schema
    .createTable("kept_count")
    .addColumn("name_space_id", types.id, required)
    .addColumn("organization_id", types.id, required)
    .addColumn("counted", types.text, required)
    .addColumn("slot", types.integer, required)
    .addColumn("total", types.integer, required)
    .addPrimaryKeyConstraint("kept_count__key", ["name_space_id", "organization_id", "counted", "slot"])
    .execute();
};
