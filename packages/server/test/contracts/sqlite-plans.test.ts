import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import BetterSqlite from "better-sqlite3";
import { ask, makeAccount, makeClient, report } from "../support/network.ts";
import { recordStatements } from "../support/recorded-statements.ts";
import { addToken, makeTenant } from "../support/tenants.ts";
import { openWorld, type World } from "../support/world.ts";

/** Tables that grow with the years. */
const growing = [
  "user_account user_extra device device_move time_balance time_ledger session session_event session_request",
  "access_decision audit_entry outbox_event",
].flatMap((names) => names.split(" "));

/** What many rows have in common. */
const common = new Set(["name_space_id", "organization_id", "kind", "client_id", "profile_name_space_id"]);

/** Indexes of rows that are few at any time, for they leave them soon. */
const short = /^(?:session__(?:live|live_user|live_client|open)|session_request__(?:due|waiting)|time_ledger__growing)$/;

/** The steps of a plan that walk through rows which many users share. */
const walksOf = (connection: BetterSqlite.Database, text: string): string[] => {
  const values = (text.match(/\?/g) ?? []).map(() => 1);
  const steps = connection.prepare<unknown[], { detail: string }>(`explain query plan ${text}`).all(...values);
  return steps.flatMap(({ detail }) => {
    const step = /^(SCAN|SEARCH) (\w+)(?: EXISTS)?(?: USING (?:COVERING )?INDEX (\w+))?(?: \((.*)\))?/.exec(detail);
    if (!step || !growing.includes(step[2]!) || (step[3] !== undefined && short.test(step[3]))) return [];
    const named = [...(step[4] ?? "").matchAll(/(\w+)[=<>]/g)].map(([, column]) => column!);
    return named.some((column) => !common.has(column)) ? [] : [detail];
  });
};

/**
 * PostgreSQL has no such test: it plans by what autovacuum has counted, and the tables of a test are too small for it. The bench
 * asks both at 10,000,000 accounts.
 */
describe("SQLite's plans for what concerns one user", () => {
  let world: World;
  let connection: BetterSqlite.Database;
  before(async () => {
    world = await openWorld("sqlite");
    connection = new BetterSqlite(join(world.config.dataDir, "gatehouse.db"), { readonly: true });
  });
  after(async () => {
    connection.close();
    await world.close();
  });

  /** A user's life as somebody sees it who holds a token of an organization. */
  const live = async (organization: number, token: string, name: string): Promise<void> => {
    const asked = async (method: string, path: string, body?: unknown) => {
      const answer = await world.request(method, path, { token, ...(body === undefined ? {} : { body }) });
      assert.ok(answer.status < 300, `${method} ${path}: ${JSON.stringify(answer.body)}`);
      return answer.body;
    };
    const id = await makeAccount(world, { username: name, organization, user_time: 600 });
    const client = await makeClient(world, organization);
    const devices = { assigned_devices: [{ device_id: `${name}-1` }, { device_id: `${name}-2` }] };
    const extra = await asked("POST", "/user_extra/?device_info=true", { parent: id, device_info: devices });
    const answer = await ask(world, client, { userName: name, device: "AA-BB-CC-DD-EE-01" });
    assert.equal(answer.outcome, "accept");
    await world.app.flush();
    for (const [status, seconds] of [
      ["Start", 0],
      ["Interim-Update", 60],
      ["Stop", 90],
    ] as const) {
      assert.equal(await report(world, client, status, { id: name, userName: name, device: "AA-BB-CC-DD-EE-01", seconds }), "stored");
    }
    const { results } = await asked("GET", `/aaa_accounting/?user=${id}`);
    const since = "start_date=2026-01-01";
    for (const path of [
      `/user/${id}/`,
      `/user/username/${name}/`,
      `/user/?username=${name}`,
      `/user_token/${id}/?balance=true`,
      `/user_token/${id}/time_ledger/`,
      `/user_extra/?parent=${id}&device_info=true`,
      `/user_extra/${extra.id}/?device_info=true`,
      `/device/?user=${id}`,
      `/device/?user=${id}&kind=inventory`,
      `/device/?identifier=${name}-1`,
      `/access_decision/?user=${id}`,
      `/access_decision/?user=${id}&${since}&outcome=accept`,
      `/access_decision/${answer.decisionId}/`,
      `/aaa_accounting/?user=${id}&session_status=active`,
      `/aaa_accounting/?user=${id}&${since}`,
      `/aaa_accounting/?user=${id}&${since}&end_date=2036-01-01`,
      `/aaa_accounting/${results[0].radacctid}/`,
      `/aaa_accounting/${results[0].radacctid}/history/`,
    ]) {
      await asked("GET", path);
    }
    await asked("PATCH", `/user_token/${id}/`, { user_time: 900 });
    await asked("POST", `/user_token/${id}/top_up/`, { seconds: 60 });
    await asked("PATCH", `/user/${id}/`, { username: `${name}.x`, is_active: false, groups: ["a", "b"] });
    await asked("PATCH", `/user_extra/${extra.id}/?device_info=true`, { city: "Porto", device_info: { assigned_devices: [] } });
    await asked("POST", "/device_app_user_update/", { username: `${name}.x`, imei: "990000862471854" });
    await asked("DELETE", `/user_extra/${extra.id}/`);
    await asked("DELETE", `/user/${id}/`);
  };

  it("find the user's rows and no others, whoever asks", async () => {
    const tree = await makeTenant(world, "tree");
    await makeTenant(world, "branch", { parent: tree.id });
    const leaf = await makeTenant(world, "leaf");
    const own = await makeTenant(world, "own", { own_usernames: true });
    const everything = await addToken(world, 1, ["admin"]);
    const recorded = recordStatements();
    try {
      for (const { id, token } of [{ id: 1, token: everything }, tree, leaf, own]) await live(id, token, `life-${id}`);
    } finally {
      recorded.stop();
    }
    const asking = [...recorded.texts].filter((text) => /^\s*(?:select|with|update|delete)\b/i.test(text));
    assert.ok(asking.length > 100, `${asking.length} statements`);
    const walks = asking.flatMap((text) => walksOf(connection, text).map((step) => `${step}: ${text}`));
    assert.deepEqual(walks, []);
  });

  it("are made for rows that are told, for every index of the tables that are told of", () => {
    const told = connection.prepare<[], { tbl: string; idx: string; stat: string }>("select tbl, idx, stat from sqlite_stat1").all();
    const tables = [...new Set(told.map(({ tbl }) => tbl))];
    assert.ok(tables.includes("session"));
    for (const table of tables) {
      const indexes = connection.prepare<[string], { name: string }>("select name from pragma_index_list(?)").all(table);
      const expected = indexes.map(({ name }) => name).sort();
      assert.deepEqual(
        told
          .filter(({ tbl }) => tbl === table)
          .map(({ idx }) => idx)
          .sort(),
        expected,
        table,
      );
    }
    for (const { idx, stat } of told) {
      const columns = connection.prepare<[string], object>("select * from pragma_index_info(?)").all(idx);
      assert.equal(stat.split(" ").length, columns.length + 1, idx);
    }
  });
});
