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
  describe(`decisions and reservations before they had these names (${name})`, () => {
    it("stay", async () => {
      const { environment, drop } = await freshDatabase(name, false);
      const database = await openDatabase(readConfig(environment), pino({ level: "silent" }));
      try {
        const before = migrations.findIndex((step) => step.name === "0028-sources-and-reservations");
        await migrate(database, systemClock, migrations.slice(0, 1));
        await database.write(async (handle) => {
          for (const text of dataOf0001) await sql.raw(text.replace("{TOKEN_HASH}", "x")).execute(handle);
        });
        await migrate(database, systemClock, migrations.slice(0, before));
        await database.write(async (handle) => {
          await sql`insert into access_decision (name_space_id, id, organization_id, created_at, door, outcome, trace, reply)
            values (1, 7, 1, 1000, 'freeradius', 'accept', '[]', '[]')`.execute(handle);
          await sql`insert into access_slot (name_space_id, user_id, client_id, station, decision_id, expires_at, timeout_seconds)
            select name_space_id, id, 5, 'aabbccddeeff', 7, 61000, 600 from user_account`.execute(handle);
        });
        await migrate(database, systemClock);
        const decisions = await database.reader.selectFrom("access_decision").select(["id", "source"]).execute();
        assert.deepEqual(decisions, [{ id: 7, source: "freeradius" }]);
        const accounts = await database.reader.selectFrom("user_account").select(["name_space_id", "id"]).orderBy("id").execute();
        assert.notEqual(accounts.length, 0);
        assert.deepEqual(
          await database.reader.selectFrom("reservation").selectAll().orderBy("user_id").execute(),
          accounts.map((account) => ({
            name_space_id: account.name_space_id,
            user_id: account.id,
            client_id: 5,
            station: "aabbccddeeff",
            decision_id: 7,
            expires_at: 61_000,
            interim_seconds: null,
            timeout_seconds: 600,
          })),
        );
        await database.write((handle) => sql`delete from user_account where id = ${accounts[0]!.id}`.execute(handle));
        const left = await database.reader.selectFrom("reservation").select("user_id").execute();
        assert.equal(left.length, accounts.length - 1, "a reservation goes with its account");
      } finally {
        await database.close();
        await drop();
      }
    });
  });
}
