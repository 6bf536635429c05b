import { sql } from "kysely";
import type { Migration } from "./migration.ts";

/**
 * Two names: a decision has the source that asked for it, and an accepted device a reservation. The table of reservations is
 * made anew, because SQLite cannot rename constraints; it holds a minute's rows.
 */
export const migration: Migration = {
  name: "0028-sources-and-reservations",
  async up({ handle, types }) {
    await handle.schema.alterTable("access_decision").renameColumn("door", "source").execute();
    await handle.schema
      .createTable("reservation")
      .addColumn("name_space_id", types.id, (column) => column.notNull())
      .addColumn("user_id", types.id, (column) => column.notNull())
      .addColumn("client_id", types.id, (column) => column.notNull())
      .addColumn("station", types.text, (column) => column.notNull())
      .addColumn("decision_id", types.id, (column) => column.notNull())
      .addColumn("expires_at", types.instant, (column) => column.notNull())
      .addColumn("interim_seconds", types.integer)
      .addColumn("timeout_seconds", types.integer)
      .addPrimaryKeyConstraint("reservation__key", ["name_space_id", "user_id", "client_id", "station"])
      .addForeignKeyConstraint("reservation__user", ["name_space_id", "user_id"], "user_account", ["name_space_id", "id"], (key) =>
        key.onDelete("cascade"),
      )
      .execute();
    await handle.schema.createIndex("reservation__expires_at").on("reservation").columns(["expires_at"]).execute();
    const columns = sql.raw("name_space_id, user_id, client_id, station, decision_id, expires_at, interim_seconds, timeout_seconds");
    await sql`insert into reservation (${columns}) select ${columns} from access_slot`.execute(handle);
    await handle.schema.dropTable("access_slot").execute();
  },
};
