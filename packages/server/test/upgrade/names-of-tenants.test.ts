import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { sql } from "kysely";
import { pino } from "pino";
import { readConfig } from "../../src/config/settings.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { openDatabase } from "../../src/startup/installation.ts";
import type { Database } from "../../src/storage/database.ts";
import { migrations } from "../../src/storage/migrations/index.ts";
import { migrate } from "../../src/storage/migrator.ts";
import { databaseNames, freshDatabase } from "../support/world.ts";

const step = migrations.findIndex(({ name }) => name === "0012-names-of-tenants");

for (const name of databaseNames) {
  describe(`organizations of a database before login rules (${name})`, () => {
    let database: Database;
    let drop: () => Promise<void>;
    before(async () => {
      const fresh = await freshDatabase(name, false);
      drop = fresh.drop;
      database = await openDatabase(readConfig(fresh.environment), pino({ level: "silent" }));
    });
    after(async () => {
      await database.close();
      await drop();
    });

    it("get no rules, keep their slugs, and where two stand side by side with one, the later gets its id behind it", async () => {
      await migrate(database, systemClock, migrations.slice(0, step));
      const row = (namespaceId: number, id: number, parentId: number | null, slug: string) =>
        `(${namespaceId}, ${id}, ${parentId}, '${slug}', '${slug}', '${slug}', null, ${namespaceId === id}, true, 1, 1, 1)`;
      const rows = [
        row(1, 1, null, "root"),
        row(1, 2, 1, "cafe"),
        row(3, 3, 1, "cafe"),
        row(4, 4, 1, "cafe"),
        row(3, 5, 3, "lobby"),
        row(4, 6, 4, "lobby"),
      ];
      await database.write((handle) =>
        sql
          .raw(
            `insert into organization (name_space_id, id, parent_id, slug, name, name_key, description, own_usernames, is_active, created_at, last_change, version) values ${rows.join()}`,
          )
          .execute(handle),
      );
      await migrate(database, systemClock);
      const after = await database.reader
        .selectFrom("organization")
        .select(["id", "slug", "login_rules", "version"])
        .orderBy("id")
        .execute();
      assert.deepEqual(
        after.map((one) => [one.id, one.slug, one.login_rules, one.version]),
        [
          [1, "root", "[]", 1],
          [2, "cafe", "[]", 1],
          [3, "cafe-3", "[]", 2],
          [4, "cafe-4", "[]", 2],
          [5, "lobby", "[]", 1],
          [6, "lobby", "[]", 1],
        ],
      );
    });
  });
}
