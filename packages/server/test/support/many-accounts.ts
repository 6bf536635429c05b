import assert from "node:assert/strict";
import { join } from "node:path";
import BetterSqlite from "better-sqlite3";
import pg from "pg";
import type { World } from "./world.ts";

type RowIn = Readonly<Record<string, unknown>>;

/** Runs statements past the app. */
interface Direct {
  run(text: string): Promise<readonly RowIn[]>;
  close(): Promise<void>;
}

const directly = async ({ database, config }: World): Promise<Direct> => {
  if (database === "sqlite") {
    const connection = new BetterSqlite(join(config.dataDir, "gatehouse.db"));
    const run = async (text: string) => {
      const statement = connection.prepare<unknown[], RowIn>(text);
      if (statement.reader) return statement.all();
      statement.run();
      return [];
    };
    return { run, close: async () => void connection.close() };
  }
  const client = new pg.Client({ connectionString: config.databaseUrl! });
  await client.connect();
  return { run: async (text) => (await client.query<RowIn>(text)).rows, close: () => client.end() };
};

/**
 * Fills the tables of accounts past the API, with one statement for each table: copies of one account with names that differ in
 * their last characters alone, each with an extra record and a device.
 */
export const plantAccounts = async (world: World, count: number): Promise<void> => {
  const username = "subscriber-of-the-town-model";
  const made = async (path: string, body: unknown): Promise<number> => {
    const answer = await world.post(path, body);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body.id;
  };
  const user = await made("/user/", { username });
  const extra = await made("/user_extra/", { parent: user, device_info: { assigned_devices: [{ device_id: "device-of-model" }] } });
  const device: number = (await world.get(`/device/?user=${user}`)).body.results[0].id;
  const first = async (kind: "user" | "user_extra" | "device") => {
    const ids = await world.app.ids.takeMany(kind, count);
    assert.equal(ids.at(-1)! - ids[0]!, count - 1, "ids follow each other where nobody else takes any");
    return ids[0]!;
  };
  const firstUser = await first("user");
  const numbered = (name: string) => `'${name}' || cast(100000 + n as text)`;
  const owner = `${firstUser} + n`;
  const direct = await directly(world);
  /** Copies the row of an id, with other values in some columns: `n` is the number of the copy. */
  const copy = async (table: string, id: number, others: Readonly<Record<string, string>>) => {
    const [row] = await direct.run(`select * from ${table} where id = ${id}`);
    const columns = Object.keys(row!);
    const values = columns.map((name) => others[name] ?? `model."${name}"`);
    await direct.run(`insert into ${table} (${columns.map((name) => `"${name}"`).join()})
      with recursive numbers (n) as (select 0 union all select n + 1 from numbers where n < ${count - 1})
      select ${values.join()} from ${table} as model cross join numbers where model.id = ${id}`);
  };
  try {
    const names = { username: numbered("subscriber-of-the-town-"), username_key: numbered("subscriber-of-the-town-") };
    await copy("user_account", user, { id: owner, ...names });
    await copy("user_extra", extra, { id: `${await first("user_extra")} + n`, parent_id: owner });
    await copy("device", device, { id: `${await first("device")} + n`, user_id: owner, identifier: numbered("device-of-") });
    // As autovacuum would within a minute; SQLite's plans are told what to expect.
    if (world.database === "postgres") await direct.run("analyze");
  } finally {
    await direct.close();
  }
};
