import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sql } from "kysely";
import { pino } from "pino";
import { readConfig } from "../../src/config/settings.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { openDatabase } from "../../src/startup/installation.ts";
import { migrations } from "../../src/storage/migrations/index.ts";
import { migrate } from "../../src/storage/migrator.ts";
import { databaseNames, freshDatabase } from "../support/world.ts";

for (const name of databaseNames) {
  describe(`sessions, contacts and counts before their columns had these names (${name})`, () => {
    it("keep what they hold, and a stale session says that it is one", async () => {
      const { environment, drop } = await freshDatabase(name, false);
      const database = await openDatabase(readConfig(environment), pino({ level: "silent" }));
      try {
        const before = migrations.findIndex((step) => step.name === "0031-words-of-accounting");
        await migrate(database, systemClock, migrations.slice(0, before));
        await database.write(async (handle) => {
          for (const [id, closedBy] of [
            [3, "reaper"],
            [4, "stop"],
          ] as const) {
            await sql`insert into session (name_space_id, id, organization_id, client_id, acct_session_id, station, start_at, last_update_at,
              marked_at, heard_at, mark_seconds, input_octets, output_octets, burned_seconds, unbilled_seconds, stop_at, closed_by)
              values (1, ${id}, 1, 5, ${`s${id}`}, '', 10, 20, 30, 40, 50, 0, 0, 0, 0, 60, ${closedBy})`.execute(handle);
          }
          await sql`insert into client_contact (name_space_id, client_id, node, heard_at) values (1, 5, 'a', 70)`.execute(handle);
          await sql`insert into kept_count (name_space_id, organization_id, counted, slot, total) values (9, 9, 'device', 0, 8)`.execute(
            handle,
          );
        });
        await migrate(database, systemClock);
        const { reader } = database;
        assert.deepEqual(
          await reader
            .selectFrom("session")
            .select(["id", "reported_at", "last_seen_at", "reported_seconds", "closed_by"])
            .orderBy("id")
            .execute(),
          [
            { id: 3, reported_at: 30, last_seen_at: 40, reported_seconds: 50, closed_by: "stale" },
            { id: 4, reported_at: 30, last_seen_at: 40, reported_seconds: 50, closed_by: "stop" },
          ],
        );
        assert.deepEqual(await reader.selectFrom("client_contact").select(["client_id", "node", "last_seen_at"]).execute(), [
          { client_id: 5, node: "a", last_seen_at: 70 },
        ]);
        assert.deepEqual(await reader.selectFrom("kept_count").select(["shard", "total"]).where("name_space_id", "=", 9).execute(), [
          { shard: 0, total: 8 },
        ]);
      } finally {
        await database.close();
        await drop();
      }
    });
  });
}
