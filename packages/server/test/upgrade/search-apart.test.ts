import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sql } from "kysely";
import pg from "pg";
import { pino } from "pino";
import { readConfig } from "../../src/config/settings.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { userStore } from "../../src/modules/accounts/users/user.store.ts";
import { openDatabase } from "../../src/startup/installation.ts";
import { migrations } from "../../src/storage/migrations/index.ts";
import { migrate } from "../../src/storage/migrator.ts";
import { databaseNames, freshDatabase } from "../support/world.ts";
import { dataOf0001, searchedIn0001 } from "./data-of-0001.ts";

const search = "user_account__username_key_search";

/** The index by which PostgreSQL looks for accounts that fulfil a condition, when it has no other than the search's. */
const indexesFor = async (url: string, condition: string): Promise<string> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query("begin");
    const { rows } = await client.query<{ indexname: string }>(
      `select indexname from pg_indexes where tablename = 'user_account' and indexname <> $1
        and not exists (select from pg_constraint where conindid = indexname::regclass)`,
      [search],
    );
    for (const { indexname } of rows) await client.query(`drop index ${indexname}`);
    await client.query("set local enable_seqscan = off");
    const plan = await client.query(`explain select id from user_account where ${condition}`);
    return plan.rows.map((row) => row["QUERY PLAN"]).join("\n");
  } finally {
    // Undoes it all.
    await client.end();
  }
};

for (const name of databaseNames) {
  describe(`the search index of a database from before it stood apart (${name})`, () => {
    it("finds who was there and who comes, and on PostgreSQL serves equality no more", async () => {
      const { environment, drop } = await freshDatabase(name, false);
      const database = await openDatabase(readConfig(environment), pino({ level: "silent" }));
      try {
        const before = migrations.findIndex((step) => step.name === "0016-search-apart");
        await migrate(database, systemClock, migrations.slice(0, 1));
        const index = database.capabilities.substringIndex;
        await database.write(async (handle) => {
          for (const text of dataOf0001) await sql.raw(text.replace("{TOKEN_HASH}", "x")).execute(handle);
          await index.set(handle, "user_account", "username_key", searchedIn0001);
        });
        await migrate(database, systemClock, migrations.slice(0, before));
        const url = environment["DATABASE_URL"];
        if (url) assert.match(await indexesFor(url, "username_key = 'strasse'"), new RegExp(search), "it is what has been wrong");
        const found = async (usernamePart: string) => {
          const users = userStore(database)(database.reader, null);
          const { rows } = await users.listAccounts({ usernamePart }, { limit: 10, start: { offset: 0 }, exactCount: true });
          return rows.map(({ id }) => id).sort();
        };

        assert.deepEqual(await migrate(database, systemClock, migrations.slice(0, before + 1)), ["0016-search-apart"]);
        await migrate(database, systemClock);
        assert.deepEqual([await found("trass"), await found("STRASSE"), await found("trasz")], [[50, 51], [50, 51], []]);
        await database.write(async (handle) => {
          const columns = sql.raw("organization_id, is_active, groups, aaa_profile, profile_names, date_joined, last_change, version");
          await sql`insert into user_account (name_space_id, id, username, username_key, ${columns})
            select name_space_id, 52, 'hauptstrasse', 'hauptstrasse', ${columns} from user_account where id = 50`.execute(handle);
          await index.set(handle, "user_account", "username_key", [{ id: 52, text: "hauptstrasse" }]);
        });
        assert.deepEqual(await found("trass"), [50, 51, 52]);
        if (!url) return;
        assert.match(await indexesFor(url, "(username_key || '') like '%trass%'"), new RegExp(search));
        assert.doesNotMatch(await indexesFor(url, "username_key = 'strasse'"), new RegExp(search));
        assert.doesNotMatch(await indexesFor(url, "username_key like 'strasse'"), new RegExp(search));
      } finally {
        await database.close();
        await drop();
      }
    });
  });
}
