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
  describe(`organizations from before a least length of passwords (${name})`, () => {
    it("ask for none, and stay as they were", async () => {
      const { environment, drop } = await freshDatabase(name, false);
      const database = await openDatabase(readConfig(environment), pino({ level: "silent" }));
      try {
        const before = migrations.findIndex((step) => step.name === "0019-min-password-length");
        await migrate(database, systemClock, migrations.slice(0, 1));
        await database.write(async (handle) => {
          for (const text of dataOf0001) await sql.raw(text.replace("{TOKEN_HASH}", "x")).execute(handle);
        });
        await migrate(database, systemClock, migrations.slice(0, before));
        const rows = async () =>
          (await sql<Record<string, unknown>>`select * from organization order by id`.execute(database.reader)).rows.map((row) => ({
            ...row,
          }));
        const was = await rows();
        assert.ok(was.length > 1 && was.every((row) => !("min_password_length" in row)));
        await migrate(database, systemClock);
        assert.deepEqual(
          await rows(),
          was.map((row) => ({ ...row, min_password_length: null })),
        );
      } finally {
        await database.close();
        await drop();
      }
    });
  });
}
