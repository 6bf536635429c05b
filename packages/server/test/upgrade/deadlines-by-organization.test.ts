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
  describe(`deadlines of sessions before organizations took turns (${name})`, () => {
    it("stay, and are their accounts' organizations'", async () => {
      const { environment, drop } = await freshDatabase(name, false);
      const database = await openDatabase(readConfig(environment), pino({ level: "silent" }));
      try {
        const before = migrations.findIndex((step) => step.name === "0027-deadlines-by-organization");
        await migrate(database, systemClock, migrations.slice(0, 1));
        await database.write(async (handle) => {
          for (const text of dataOf0001) await sql.raw(text.replace("{TOKEN_HASH}", "x")).execute(handle);
        });
        await migrate(database, systemClock, migrations.slice(0, before));
        await database.write((handle) =>
          sql`insert into session_deadline (name_space_id, user_id, due_at)
            select name_space_id, id, 1000 + id from user_account`.execute(handle),
        );
        await migrate(database, systemClock);
        const deadlines = await database.reader
          .selectFrom("session_deadline")
          .select(["user_id", "organization_id", "due_at"])
          .orderBy("user_id")
          .execute();
        const accounts = await database.reader.selectFrom("user_account").select(["id", "organization_id"]).orderBy("id").execute();
        assert.ok(new Set(accounts.map((row) => row.organization_id)).size > 1, "accounts of several organizations are there");
        assert.deepEqual(
          deadlines,
          accounts.map((row) => ({ user_id: row.id, organization_id: row.organization_id, due_at: 1_000 + row.id })),
        );
      } finally {
        await database.close();
        await drop();
      }
    });
  });
}
