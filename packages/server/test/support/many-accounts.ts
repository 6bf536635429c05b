import assert from "node:assert/strict";
import { join } from "node:path";
import BetterSqlite from "better-sqlite3";
import pg from "pg";
import type { Noun } from "../../src/composition/modules.ts";
import type { AaaClient } from "../../src/modules/network/aaa-clients/index.ts";
import { ask, makeAccount, report } from "./network.ts";
import type { Tenant } from "./tenants.ts";
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

/** Copies the row of an id, with other values in some columns: `n` is the number of the copy. */
type Copy = (table: string, id: number, others: Readonly<Record<string, string>>, key?: string) => Promise<void>;

const copying = async (world: World, count: number, work: (copy: Copy, direct: Direct) => Promise<void>): Promise<void> => {
  const direct = await directly(world);
  try {
    if (world.database === "postgres") await letUncounted(direct);
    await work(async (table, id, others, key = "id") => {
      const [row] = await direct.run(`select * from ${table} where ${key} = ${id}`);
      const columns = Object.keys(row!);
      const values = columns.map((name) => others[name] ?? `model."${name}"`);
      await direct.run(`insert into ${table} (${columns.map((name) => `"${name}"`).join()})
        with recursive numbers (n) as (select 0 union all select n + 1 from numbers where n < ${count - 1})
        select ${values.join()} from ${table} as model cross join numbers
        where ${"id" in row! ? `model.id = '${row["id"]}'` : `model.${key} = ${id}`}`);
    }, direct);
  } finally {
    await direct.close();
  }
};

/** Autovacuum, which may come at any moment, leaves the tables alone. */
const letUncounted = async (direct: Direct): Promise<void> => {
  for (const { name } of await direct.run("select tablename as name from pg_tables where schemaname = current_schema()")) {
    await direct.run(`alter table ${name} set (autovacuum_enabled = off)`);
  }
};

const numbered = (name: string) => `'${name}' || cast(100000 + n as text)`;

/** The first of so many ids that nothing has. */
const firstId = async (world: World, noun: Noun, count: number): Promise<number> => {
  const ids = await world.app.ids.takeMany(noun, count);
  assert.equal(ids.at(-1)! - ids[0]!, count - 1, "ids follow each other where nobody else takes any");
  return ids[0]!;
};

/**
 * Fills the tables of accounts past the API, with one statement for each table: copies of one account with names that differ in
 * their last characters alone, each with an extra record and a device. Returns the first one's id; the others follow it. PostgreSQL
 * does not know of them before `countRows` is called.
 */
export const plantAccounts = async (world: World, count: number, token?: string): Promise<number> => {
  const username = "subscriber-of-the-town-model";
  const made = async (path: string, body: unknown): Promise<number> => {
    const answer = await world.post(path, body, token === undefined ? {} : { token });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body.id;
  };
  const user = await made("/user/", { username });
  const extra = await made("/user_extra/", { parent: user, device_info: { assigned_devices: [{ device_id: "device-of-model" }] } });
  const device: number = (await world.get(`/device/?user=${user}`)).body.results[0].id;
  const firstUser = await firstId(world, "user", count);
  const owner = `${firstUser} + n`;
  await copying(world, count, async (copy) => {
    const names = { username: numbered("subscriber-of-the-town-"), username_key: numbered("subscriber-of-the-town-") };
    await copy("user_account", user, { id: owner, ...names });
    await copy("user_extra", extra, { id: `${await firstId(world, "user_extra", count)} + n`, parent_id: owner });
    const identifier = numbered("device-of-");
    const deviceId = `${await firstId(world, "device", count)} + n`;
    await copy("device", device, { id: deviceId, user_id: owner, identifier });
    const move = { id: `${await firstId(world, "device_move", count)} + n`, device_id: deviceId, user_id: owner };
    await copy("device_move", device, move, "device_id");
  });
  return firstUser;
};

/**
 * Gives planted accounts a balance, a ledger, a profile, a reversible secret, a decision, a reservation, a deadline and a session with its history
 * each, past the doors: copies of what an account of the tenant has that is made for this. One session of ten is live.
 */
export const plantSessions = async (world: World, tenant: Tenant, client: AaaClient, count: number, firstUser: number): Promise<void> => {
  const userName = "session-model";
  const profile = await world.post("/aaa_profile/", { short_name: "planted" }, { token: tenant.token });
  assert.equal(profile.status, 201, JSON.stringify(profile.body));
  const fields = { organization: tenant.id, user_time: 1_000_000_000, profile: ["planted"] };
  const model = await makeAccount(world, { username: userName, ...fields });
  const device = "AA-BB-CC-DD-EE-FF";
  const { outcome, decisionId } = await ask(world, client, { userName, device });
  assert.equal(outcome, "accept");
  await world.app.flush();
  for (const [status, seconds] of [
    ["Start", 0],
    ["Interim-Update", 60],
  ] as const) {
    assert.equal(await report(world, client, status, { id: userName, userName, device, seconds }), "stored");
  }
  // The first device's session has taken its reservation; this one's stays.
  assert.equal((await ask(world, client, { userName, device: "AA-BB-CC-DD-EE-FE" })).outcome, "accept");
  await world.app.flush();
  const session: number = (await world.get(`/aaa_accounting/?user=${model}`)).body.results[0].radacctid;
  const firstSession = await firstId(world, "session", count);
  const [user_id, sessionId] = [`${firstUser} + n`, `${firstSession} + n`];
  // Beyond what a sequence gives in a test.
  const id = "1000000000 + n";
  await copying(world, count, async (copy, direct) => {
    for (const table of ["time_balance", "reversible_secret", "user_profile"]) await copy(table, model, { user_id }, "user_id");
    await copy("time_ledger", session, { id, user_id, session_id: sessionId }, "session_id");
    await copy("session_deadline", model, { user_id, due_at: "9000000000000" }, "user_id");
    await copy("reservation", model, { user_id }, "user_id");
    await copy("access_decision", decisionId, { id: `${await firstId(world, "access_decision", count)} + n`, user_id });
    await copy("session", session, {
      id: sessionId,
      user_id,
      acct_session_id: numbered("session-"),
      username: numbered("subscriber-of-the-town-"),
      stop_at: "case when n % 10 = 0 then null else model.last_update_at end",
    });
    // A request that was answered long ago, and what the session's history says of it.
    const place = `model.name_space_id, 1000000000 + model.id, model.organization_id, model.id`;
    const rows = `from session as model where model.id >= ${firstSession} and model.id < ${firstSession + count}`;
    await direct.run(`insert into session_request (name_space_id, id, organization_id, session_id, client_id, kind, reason, actor, created_at,
      due_at, attempts, finished_at, outcome)
      select ${place}, model.client_id, 'disconnect', 'operator', 'test', 1, 1, 1, ${Date.now()}, 'done' ${rows}`);
    await direct.run(`insert into session_event (name_space_id, id, organization_id, session_id, created_at, event, actor, detail)
      select ${place}, 1, 'request_made', 'test', '{}' ${rows}`);
  });
};
