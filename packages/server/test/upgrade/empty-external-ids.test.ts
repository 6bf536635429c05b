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
  describe(`empty external ids (${name})`, () => {
    it("become none, and the others stay", async () => {
      const { environment, drop } = await freshDatabase(name, false);
      const database = await openDatabase(readConfig(environment), pino({ level: "silent" }));
      try {
        const before = migrations.findIndex((step) => step.name === "0015-no-empty-external-ids");
        await migrate(database, systemClock, migrations.slice(0, 1));
        await database.write(async (handle) => {
          for (const text of dataOf0001) await sql.raw(text.replace("{TOKEN_HASH}", "x")).execute(handle);
        });
        await migrate(database, systemClock, migrations.slice(0, before));
        await database.write((handle) => sql`update user_account set external_id = '' where id = 50`.execute(handle));
        const idsOf = async () =>
          (await database.reader.selectFrom("user_account").select("external_id").orderBy("id").execute()).map((row) => row.external_id);
        const was = await idsOf();
        assert.ok(was.includes("") && was.includes("X-1"), was.join());
        await migrate(database, systemClock);
        assert.deepEqual(
          await idsOf(),
          was.map((id) => (id === "" ? null : id)),
        );
      } finally {
        await database.close();
        await drop();
      }
    });
  });
}
