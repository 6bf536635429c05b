import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { sql } from "kysely";
import { pino } from "pino";
import type { App } from "../../src/composition/app.ts";
import { readConfig } from "../../src/config/settings.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { hashToken } from "../../src/modules/foundation/api-tokens/index.ts";
import { KeyRefused } from "../../src/modules/foundation/keys/index.ts";
import { ensureFirstToken, ensureRootOrganization } from "../../src/startup/first-start.ts";
import { openDatabase, openInstallation } from "../../src/startup/installation.ts";
import type { Database } from "../../src/storage/database.ts";
import { migrations } from "../../src/storage/migrations/index.ts";
import { migrate, NewerSchema, pendingMigrations } from "../../src/storage/migrator.ts";
import { runProgram } from "../support/program.ts";
import { databaseNames, freshDatabase } from "../support/world.ts";
import { account50, dataOf0001, searchedIn0001, tokenOf0001 } from "./data-of-0001.ts";

const logger = pino({ level: "silent" });

/** Columns of the first schema that have other names now. */
const renamedColumns: Readonly<Record<string, Readonly<Record<string, string>>>> = { kept_count: { slot: "shard" } };

/** Every row that the first schema kept, by the columns that it had. */
const rowsOf = async (database: Database, columns: ReadonlyMap<string, readonly string[]>, renamed: typeof renamedColumns = {}) => {
  const kept: Record<string, readonly unknown[]> = {};
  for (const [table, names] of columns) {
    const refs = names.map((name) => sql.ref(renamed[table]?.[name] ?? name));
    const selected = sql.join(refs.map((ref, index) => sql`${ref} as ${sql.ref(names[index]!)}`));
    kept[table] = (await sql`select ${selected} from ${sql.table(table)} order by ${sql.join(refs)}`.execute(database.reader)).rows;
  }
  return kept;
};

/** The counts of everything, which the first schema did not keep: those of all its namespaces together. */
const wholeCounts = (counts: readonly unknown[]): unknown[] => {
  const totals = new Map<string, number>();
  for (const row of counts as { organization_id: number; counted: string; total: number }[]) {
    if (row.organization_id === 0) totals.set(row.counted, (totals.get(row.counted) ?? 0) + row.total);
  }
  return [...totals].sort().map(([counted, total]) => ({ name_space_id: 0, organization_id: 0, counted, slot: 0, total }));
};

const columnsOf = async (database: Database): Promise<Map<string, string[]>> => {
  const tables = (await database.reader.introspection.getTables()).filter(
    ({ name }) => name !== "schema_migration" && !name.includes("_search"),
  );
  return new Map(tables.map(({ name, columns }) => [name, columns.map((column) => column.name)]));
};

for (const name of databaseNames) {
  describe(`a database of the first schema (${name})`, () => {
    let environment: Record<string, string>;
    let drop: () => Promise<void>;
    const config = () => readConfig(environment);

    before(async () => {
      ({ environment, drop } = await freshDatabase(name, false));
    });
    after(() => drop());

    it("comes to the newest with its data, and migrating again does nothing", async () => {
      const database = await openDatabase(config(), logger);
      assert.deepEqual(await migrate(database, systemClock, migrations.slice(0, 1)), ["0001-accounts"]);
      await database.write(async (handle) => {
        for (const text of dataOf0001) await sql.raw(text.replace("{TOKEN_HASH}", hashToken(tokenOf0001))).execute(handle);
        await database.capabilities.nextNumbers(handle, "time_ledger_id", 9);
        await database.capabilities.substringIndex.set(handle, "user_account", "username_key", searchedIn0001);
      });
      const columns = await columnsOf(database);
      assert.ok(columns.size >= 13, [...columns.keys()].join());
      const was = await rowsOf(database, columns);
      assert.deepEqual(
        await migrate(database, systemClock),
        migrations.slice(1).map((step) => step.name),
      );
      assert.deepEqual(await rowsOf(database, columns, renamedColumns), {
        ...was,
        kept_count: [...wholeCounts(was["kept_count"]!), ...was["kept_count"]!],
        // What a token could do it still can: reversible passwords have a scope of their own now.
        api_token: (was["api_token"] as { scopes: string }[]).map((row) => ({ ...row, scopes: withCredentials(row.scopes) })),
      });
      assert.deepEqual([await migrate(database, systemClock), await pendingMigrations(database)], [[], []]);
      await database.close();
    });

    it("answers with the accounts, balances and tokens that it held", async () => {
      const app = await openInstallation(config(), logger);
      try {
        const get = async (path: string) => {
          const answer = await app.http.inject({ url: `/api/v1${path}`, headers: { authorization: `Bearer ${tokenOf0001}` } });
          assert.equal(answer.statusCode, 200, answer.body);
          return answer.json();
        };
        const user = await get("/user/50/");
        for (const [field, value] of Object.entries(account50)) assert.deepEqual(user[field], value, field);
        assert.deepEqual((await get("/user/username/STRASSE/?organization=cafe")).id, 50);
        assert.deepEqual((await get("/user/?username=rass")).count, 2);
        assert.deepEqual((await get("/user/")).count, 2);
        assert.deepEqual((await get("/user/?group=night&role=clerk")).count, 1);
        const token = await get("/user_token/50/?balance=true");
        assert.deepEqual([token.user_time, token.profile, token.organization], [3000, ["gold"], 2]);
        const ledger = await get("/user_token/50/time_ledger/");
        assert.deepEqual(
          ledger.results.map((row: { delta: number }) => row.delta),
          [3600, -600],
        );
        const created = await postUser(app);
        assert.ok(created > 59, "ids go on where they were");
      } finally {
        await app.close();
      }
    });

    it("refuses another secret key, and the command says so by exit code 1", async () => {
      const other = { ...environment, GATEHOUSE_SECRET_KEY: randomBytes(32).toString("base64") };
      await assert.rejects(openInstallation(readConfig(other), logger), KeyRefused);
      const { code, stderr } = await runProgram(["serve"], { ...other, GATEHOUSE_PORT: "0" });
      assert.equal(code, 1);
      assert.match(stderr, /^gatehouse: The secret key is not the one/);
      assert.ok(!stderr.includes(other.GATEHOUSE_SECRET_KEY) && !stderr.includes("    at "));
    });

    it("made by a newer program is refused, and the command says so by exit code 1", async () => {
      const database = await openDatabase(config(), logger);
      await database.write((handle) =>
        handle.insertInto("schema_migration").values({ name: "9999-of-the-future", applied_at: 1 }).execute(),
      );
      await assert.rejects(migrate(database, systemClock), NewerSchema);
      await assert.rejects(pendingMigrations(database), NewerSchema);
      await database.close();
      const { code, stderr } = await runProgram(["migrate"], environment);
      assert.equal(code, 1);
      assert.match(stderr, /^gatehouse: The database was made by a newer Gatehouse: it has 9999-of-the-future/);
    });
  });

  describe(`processes that start together (${name})`, () => {
    it("migrate once, and make one root organization and one token", async () => {
      const { environment, drop } = await freshDatabase(name, false);
      try {
        const open = () => openDatabase(readConfig(environment), logger);
        const databases = await Promise.all([open(), open(), open()]);
        const ran = await Promise.all(databases.map((database) => migrate(database, systemClock)));
        assert.deepEqual(
          ran.flat().sort(),
          migrations.map((step) => step.name),
        );
        const applied = await databases[0]!.reader.selectFrom("schema_migration").select("name").orderBy("name").execute();
        assert.deepEqual(
          applied.map((row) => row.name),
          migrations.map((step) => step.name),
        );
        await Promise.all(databases.map((database) => database.close()));
        const apps = await Promise.all([0, 1, 2].map(() => openInstallation(readConfig(environment), logger)));
        const roots = await Promise.all(apps.map((app) => ensureRootOrganization(app)));
        assert.deepEqual(roots.sort(), [false, false, true]);
        const tokens = await Promise.all(apps.map((app) => ensureFirstToken(app, undefined)));
        assert.equal(tokens.filter((token) => token !== undefined).length, 1);
        await Promise.all(apps.map((app) => app.close()));
      } finally {
        await drop();
      }
    });

    it("as commands of their own both succeed", async () => {
      const { environment, drop } = await freshDatabase(name, false);
      try {
        const database = await openDatabase(readConfig(environment), logger);
        await migrate(database, systemClock, migrations.slice(0, 1));
        await database.close();
        const both = await Promise.all([runProgram(["migrate"], environment), runProgram(["migrate"], environment)]);
        assert.deepEqual(
          both.map(({ code, stderr }) => [code, stderr]),
          [
            [0, ""],
            [0, ""],
          ],
        );
        const ran = both.flatMap(({ stdout }) => stdout.match(/ran \S+/g) ?? []);
        assert.deepEqual(
          ran.sort(),
          migrations.slice(1).map((step) => `ran ${step.name}`),
        );
      } finally {
        await drop();
      }
    });
  });
}

const withCredentials = (text: string): string => {
  const scopes = JSON.parse(text) as string[];
  return JSON.stringify(scopes.some((scope) => scope === "admin" || scope === "radius:write") ? [...scopes, "radius:credentials"] : scopes);
};

const postUser = async (app: App): Promise<number> => {
  const answer = await app.http.inject({
    method: "POST",
    url: "/api/v1/user_token/",
    headers: { authorization: `Bearer ${tokenOf0001}` },
    payload: { username: "after.the.upgrade", user_time: 60 },
  });
  assert.equal(answer.statusCode, 201, answer.body);
  return answer.json().id;
};

it("the migrations stand in the order of their numbers, and no two have the same", () => {
  const numbers = migrations.map(({ name }) => Number(/^(\d{4})-[a-z0-9-]+$/.exec(name)?.[1]));
  assert.deepEqual(
    numbers,
    [...new Set(numbers)].sort((a, b) => a - b),
  );
});
