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

for (const name of databaseNames) {
  describe(`the counts of sessions that followed their accounts (${name})`, () => {
    it("are made anew for each organization, and those of namespaces and of other records stay", async () => {
      const { environment, drop } = await freshDatabase(name, false);
      const database = await openDatabase(readConfig(environment), pino({ level: "silent" }));
      try {
        const before = migrations.findIndex((step) => step.name === "0017-session-counts");
        await migrate(database, systemClock, migrations.slice(0, 1));
        await database.write(async (handle) => {
          for (const text of dataOf0001) await sql.raw(text.replace("{TOKEN_HASH}", "x")).execute(handle);
        });
        await migrate(database, systemClock, migrations.slice(0, before));
        const session = (namespaceId: number, id: number, organizationId: number, stopAt: string) =>
          `(${namespaceId}, ${id}, ${organizationId}, 1, 's${id}', '', 1, 1, 1, 1, 0, 0, 0, 0, 0, ${stopAt})`;
        const sessions = [
          session(1, 1, 2, "null"),
          session(1, 2, 2, "5"),
          session(1, 3, 2, "6"),
          session(1, 4, 1, "null"),
          session(7, 5, 7, "5"),
        ];
        // As an account with two sessions left them that came from 1 to 2, and ended one there.
        const counts = [
          [1, 1, "session.active", 3, 2],
          [1, 1, "session.completed", 0, 1],
          [1, 2, "session.active", 1, 0],
          [1, 2, "session.completed", 1, 1],
          [1, 0, "session.active", 3, 2],
          [1, 0, "session.completed", 1, 2],
          [7, 7, "session.completed", 5, 1],
          [7, 0, "session.completed", 5, 1],
        ] as const;
        await database.write(async (handle) => {
          await sql
            .raw(
              `insert into session (name_space_id, id, organization_id, client_id, acct_session_id, station, start_at, last_update_at, marked_at,
              heard_at, mark_seconds, input_octets, output_octets, burned_seconds, unbilled_seconds, stop_at) values ${sessions.join()}`,
            )
            .execute(handle);
          const rows = counts.map(
            ([space, organization, counted, slot, total]) => `(${space}, ${organization}, '${counted}', ${slot}, ${total})`,
          );
          await sql
            .raw(`insert into kept_count (name_space_id, organization_id, counted, slot, total) values ${rows.join()}`)
            .execute(handle);
        });
        const countsOf = async (like: string) =>
          (
            await sql<{ place: string; total: number }>`select name_space_id || '/' || organization_id || ' ' || counted as place,
              cast(sum(total) as bigint) as total from kept_count where counted like ${like} group by 1 order by 1`.execute(database.reader)
          ).rows.map(({ place, total }) => `${place} ${total}`);
        const others = await countsOf("user%");
        assert.ok(others.length > 0);

        await migrate(database, systemClock);
        assert.deepEqual(await countsOf("session%"), [
          "1/0 session.active 2",
          "1/0 session.completed 2",
          "1/1 session.active 1",
          "1/2 session.active 1",
          "1/2 session.completed 2",
          "7/0 session.completed 1",
          "7/7 session.completed 1",
        ]);
        assert.deepEqual(await countsOf("user%"), others);
      } finally {
        await database.close();
        await drop();
      }
    });
  });
}
