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
import { dataOf0001 } from "./data-of-0001.ts";

const at = Date.parse("2026-01-05T10:00:00Z");

for (const name of databaseNames) {
  describe(`stored numbers beyond their range (${name})`, () => {
    it("become what can be known of them, and the others stay", async () => {
      const { environment, drop } = await freshDatabase(name, false);
      const database = await openDatabase(readConfig(environment), pino({ level: "silent" }));
      try {
        const before = migrations.findIndex((step) => step.name === "0014-numbers-in-range");
        await migrate(database, systemClock, migrations.slice(0, 1));
        await database.write(async (handle) => {
          for (const text of dataOf0001) await sql.raw(text.replace("{TOKEN_HASH}", "x")).execute(handle);
        });
        await migrate(database, systemClock, migrations.slice(0, before));
        const [space] = (await sql<{ id: number }>`select id from organization order by id limit 1`.execute(database.reader)).rows;
        const bad = "999999999999999";
        const rows: readonly (readonly [id: number, start: string, mark: string, burned: number, unbilled: string])[] = [
          [1, `${at - 999_999_999_999_999_000}`, bad, 600, "999999999999399"],
          [2, `${at - 90_500}`, bad, 60, "999999999999939"],
          [3, `${at - 90_000}`, "90", 90, "0"],
          [4, `${at - 4_294_967_295_000}`, "4294967295", 5, "4294967290"],
        ];
        await database.write(async (handle) => {
          for (const [id, start, mark, burned, unbilled] of rows) {
            await sql`insert into session (name_space_id, id, organization_id, client_id, acct_session_id, station, start_at, last_update_at,
              marked_at, heard_at, mark_seconds, input_octets, output_octets, burned_seconds, unbilled_seconds)
              values (${space!.id}, ${id}, ${space!.id}, 1, ${`s${id}`}, '', ${sql.raw(start)}, ${at}, ${at}, ${at}, ${sql.raw(mark)}, 0, 0,
              ${burned}, ${sql.raw(unbilled)})`.execute(handle);
          }
        });
        await migrate(database, systemClock);
        const found = await database.reader
          .selectFrom("session")
          .select(["id", "start_at", "reported_seconds", "burned_seconds", "unbilled_seconds"])
          .orderBy("id")
          .execute();
        assert.deepEqual(
          found.map((row) => [row.id, row.start_at, row.reported_seconds, row.burned_seconds, row.unbilled_seconds]),
          [
            [1, at, 0, 600, 0],
            [2, at - 90_500, 90, 60, 30],
            [3, at - 90_000, 90, 90, 0],
            [4, at - 4_294_967_295_000, 4_294_967_295, 5, 4_294_967_290],
          ],
        );
      } finally {
        await database.close();
        await drop();
      }
    });
  });
}
