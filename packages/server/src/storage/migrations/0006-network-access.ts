import { type ColumnDefinitionBuilder, type CreateTableBuilder, sql } from "kysely";
import type { Migration, MigrationKit } from "./migration.ts";

const required = (column: ColumnDefinitionBuilder) => column.notNull();

/** Decisions with their traces, slots, sessions with their history, the time that they burn, and when it ends. */
export const migration: Migration = {
  name: "0006-network-access",
  async up(kit) {
    await createDecisions(kit);
    await createSessions(kit);
    await createSessionEvents(kit);
    await createBurning(kit);
    await createEndings(kit);
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

const index = (kit: MigrationKit, table: string, meaning: string, columns: string[]) =>
  kit.handle.schema.createIndex(`${table}__${meaning}`).on(table).columns(columns);

const createDecisions = async (kit: MigrationKit) => {
  const { handle, types } = kit;
  await ownedTable(kit, "access_decision")
    .addColumn("created_at", types.instant, required)
    .addColumn("client_id", types.id)
    .addColumn("user_id", types.id)
    .addColumn("username", types.text)
    .addColumn("calling_station", types.text)
    .addColumn("door", types.text, required)
    .addColumn("outcome", types.text, required)
    .addColumn("reason", types.text)
    .addColumn("session_timeout", types.integer)
    .addColumn("trace", types.json, required)
    .addColumn("reply", types.json, required)
    .execute();
  await index(kit, "access_decision", "id", ["id"]).execute();
  await index(kit, "access_decision", "user", ["name_space_id", "user_id", "id"]).where("user_id", "is not", null).execute();
  await index(kit, "access_decision", "client", ["name_space_id", "client_id", "id"]).where("client_id", "is not", null).execute();
  await index(kit, "access_decision", "created_at", ["name_space_id", "created_at", "id"]).execute();
  await index(kit, "access_decision", "refused", ["name_space_id", "id"]).where(sql`outcome`, "=", sql`'reject'`).execute();

  // One slot for each device of a user: a device that asks again replaces its own.
  await handle.schema
    .createTable("access_slot")
    .addColumn("name_space_id", types.id, required)
    .addColumn("user_id", types.id, required)
    .addColumn("client_id", types.id, required)
    .addColumn("station", types.text, required)
    .addColumn("decision_id", types.id, required)
    .addColumn("expires_at", types.instant, required)
    .addColumn("interim_seconds", types.integer)
    .addColumn("timeout_seconds", types.integer)
    .addPrimaryKeyConstraint("access_slot__key", ["name_space_id", "user_id", "client_id", "station"])
    .addForeignKeyConstraint("access_slot__user", ["name_space_id", "user_id"], "user_account", ["name_space_id", "id"], (key) =>
      key.onDelete("cascade"),
    )
    .execute();
  await index(kit, "access_slot", "expires_at", ["expires_at"]).execute();
};

const createSessions = async (kit: MigrationKit) => {
  const { types } = kit;
  let table = ownedTable(kit, "session")
    .addColumn("user_id", types.id)
    .addColumn("pseudonym", types.text)
    .addColumn("client_id", types.id, required)
    .addColumn("acct_session_id", types.text, required)
    .addColumn("station", types.text, required)
    .addColumn("decision_id", types.id)
    .addColumn("source_address", types.text);
  for (const name of describingColumns) table = table.addColumn(name, types.text);
  await table
    .addColumn("start_at", types.instant, required)
    .addColumn("last_update_at", types.instant, required)
    .addColumn("marked_at", types.instant, required)
    .addColumn("heard_at", types.instant, required)
    .addColumn("stop_at", types.instant)
    .addColumn("closed_by", types.text)
    .addColumn("closed_at", types.instant)
    .addColumn("terminate_cause", types.text)
    .addColumn("mark_seconds", types.integer, required)
    .addColumn("input_octets", types.octets, required)
    .addColumn("output_octets", types.octets, required)
    .addColumn("interval_seconds", types.integer)
    .addColumn("interim_seconds", types.integer)
    .addColumn("timeout_at", types.instant)
    .addColumn("burned_seconds", types.integer, required)
    .addColumn("unbilled_seconds", types.integer, required)
    .addColumn("ledger_id", types.id)
    .execute();
  await indexSessions(kit);
};

/** No index holds what a report changes: rows that are written every few minutes stay cheap to write. */
const indexSessions = async (kit: MigrationKit) => {
  const live = ["stop_at", "is", null] as const;
  await index(kit, "session", "open", ["name_space_id", "client_id", "acct_session_id"])
    .unique()
    .where(...live)
    .execute();
  await index(kit, "session", "client_session", ["client_id", "acct_session_id", "start_at"]).execute();
  await index(kit, "session", "live", ["id"])
    .where(...live)
    .execute();
  await index(kit, "session", "live_user", ["name_space_id", "user_id"])
    .where(...live)
    .execute();
  await index(kit, "session", "live_client", ["client_id", "id"])
    .where(...live)
    .execute();
  await index(kit, "session", "id", ["id"]).execute();
  await index(kit, "session", "user_id", ["name_space_id", "user_id", "id"]).where("user_id", "is not", null).execute();
  await index(kit, "session", "organization_id", ["name_space_id", "organization_id", "id"]).execute();
  await index(kit, "session", "client", ["name_space_id", "client_id", "id"]).execute();
  await index(kit, "session", "start_at", ["name_space_id", "start_at", "id"]).execute();
};

const createSessionEvents = async (kit: MigrationKit) => {
  const { types } = kit;
  await ownedTable(kit, "session_event")
    .addColumn("session_id", types.id, required)
    .addColumn("created_at", types.instant, required)
    .addColumn("event", types.text, required)
    .addColumn("actor", types.text, required)
    .addColumn("detail", types.json, required)
    .execute();
  await index(kit, "session_event", "session", ["name_space_id", "session_id", "id"]).execute();
  await kit.createSequence("session_event_id");
};

/** What equipment tells of a session, in its own words. */
const describingColumns = [
  "username",
  "realm",
  "nas_ip_address",
  "nas_identifier",
  "nas_port_id",
  "nas_port_type",
  "authentic",
  "connect_info_start",
  "connect_info_stop",
  "called_station_id",
  "calling_station_id",
  "service_type",
  "framed_protocol",
  "framed_ip_address",
  "framed_ipv6_address",
  "framed_ipv6_prefix",
  "framed_interface_id",
  "delegated_ipv6_prefix",
  "class",
];

/** A session has one row of the ledger that grows; once the session closes it is sealed, and what comes later begins another. */
const createBurning = async (kit: MigrationKit) => {
  const { handle, types } = kit;
  for (const [name, type] of [
    ["session_id", types.id],
    ["sealed_at", types.instant],
    ["last_burn", types.instant],
  ] as const) {
    await handle.schema.alterTable("time_ledger").addColumn(name, type).execute();
  }
  await index(kit, "time_ledger", "growing", ["name_space_id", "session_id"])
    .unique()
    .where("sealed_at", "is", null)
    .where("session_id", "is not", null)
    .execute();
};

const createEndings = async (kit: MigrationKit) => {
  const { handle, types } = kit;
  await handle.schema
    .createTable("session_deadline")
    .addColumn("name_space_id", types.id, required)
    .addColumn("user_id", types.id, required)
    .addColumn("due_at", types.instant, required)
    .addPrimaryKeyConstraint("session_deadline__key", ["name_space_id", "user_id"])
    .addForeignKeyConstraint("session_deadline__user", ["name_space_id", "user_id"], "user_account", ["name_space_id", "id"], (key) =>
      key.onDelete("cascade"),
    )
    .execute();
  await index(kit, "session_deadline", "due_at", ["due_at"]).execute();

  await ownedTable(kit, "session_request")
    .addColumn("session_id", types.id, required)
    .addColumn("client_id", types.id, required)
    .addColumn("kind", types.text, required)
    .addColumn("reason", types.text, required)
    .addColumn("actor", types.text, required)
    .addColumn("created_at", types.instant, required)
    .addColumn("due_at", types.instant, required)
    .addColumn("attempts", types.integer, required)
    .addColumn("claimed_until", types.instant)
    .addColumn("finished_at", types.instant)
    .addColumn("outcome", types.text)
    .execute();
  await index(kit, "session_request", "waiting", ["name_space_id", "session_id", "kind"])
    .unique()
    .where("finished_at", "is", null)
    .execute();
  await index(kit, "session_request", "session", ["name_space_id", "session_id"]).execute();
  await index(kit, "session_request", "due", ["due_at"]).where("finished_at", "is", null).execute();
  await index(kit, "session_request", "finished", ["finished_at"]).where("finished_at", "is not", null).execute();

  await kit.createSequence("session_request_id");

  await handle.schema
    .createTable("client_contact")
    .addColumn("name_space_id", types.id, required)
    .addColumn("client_id", types.id, required)
    .addColumn("node", types.text, required)
    .addColumn("heard_at", types.instant, required)
    .addPrimaryKeyConstraint("client_contact__key", ["name_space_id", "client_id"])
    .execute();
};
