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
  describe(`requests to change sessions before they were called CoA-Requests (${name})`, () => {
    it("wait on under their new name, beside those that end sessions", async () => {
      const { environment, drop } = await freshDatabase(name, false);
      const database = await openDatabase(readConfig(environment), pino({ level: "silent" }));
      try {
        const before = migrations.findIndex((step) => step.name === "0029-coa-requests");
        await migrate(database, systemClock, migrations.slice(0, before));
        for (const [id, kind] of [
          [1, "change"],
          [2, "disconnect"],
        ] as const) {
          await database.write((handle) =>
            sql`insert into session_request (name_space_id, id, organization_id, session_id, client_id, kind, reason, actor, created_at, due_at, attempts)
              values (1, ${id}, 1, 7, 8, ${kind}, 'test', 'test', 10, 20, 0)`.execute(handle),
          );
        }
        await migrate(database, systemClock);
        const requests = await database.reader.selectFrom("session_request").select(["id", "kind", "due_at"]).orderBy("id").execute();
        assert.deepEqual(requests, [
          { id: 1, kind: "coa", due_at: 20 },
          { id: 2, kind: "disconnect", due_at: 20 },
        ]);
      } finally {
        await database.close();
        await drop();
      }
    });
  });
}
