import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { sql } from "kysely";
import type { AaaClient } from "../../src/modules/network/aaa-clients/index.ts";
import { playEquipment } from "../support/dynamic-authorization-world.ts";
import { plantAccounts, plantSessions } from "../support/many-accounts.ts";
import { ask, makeAccount, makeClient, report } from "../support/network.ts";
import { countRows, findGrowingSteps } from "../support/postgres-plans.ts";
import { recordStatements } from "../support/recorded-statements.ts";
import { makeTenant, type Tenant } from "../support/tenants.ts";
import { openWorld, type World } from "../support/world.ts";

const planted = 20_000;

/** The arrays are asked by api/arrays, and SQLite by contracts/sqlite-plans. */
describe("PostgreSQL's plans for what equipment asks, beside 20,000 accounts of two tenants each", () => {
  let world: World;
  let tenants: { readonly tenant: Tenant; readonly client: AaaClient }[];
  before(async () => {
    world = await openWorld("postgres");
    tenants = [];
    for (const slug of ["mine", "beside"]) {
      const tenant = await makeTenant(world, slug, { own_usernames: true, reversible_secrets: true });
      const client = await makeClient(world, tenant.id, { coa_port: 3799 });
      await plantSessions(world, tenant, client, planted, await plantAccounts(world, planted, tenant.token));
      tenants.push({ tenant, client });
    }
  });
  after(() => world.close());

  const job = (name: string) => world.app.jobs.find((one) => one.name === name)!.run(() => true);

  /** All that becomes of an account at the doors, from its first login to the end of its time. */
  const live = async ({ tenant, client }: (typeof tenants)[number], username: string): Promise<void> => {
    const profile = `${username}-limits`;
    const check = [{ attribute: "Simultaneous-Use", op: ":=", value: "5" }];
    const made = await world.post("/aaa_profile/", { short_name: profile, check }, { token: tenant.token });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const id = await makeAccount(world, { username, organization: tenant.id, user_time: 600, profile: [profile] });
    const asking = (userName: string, device: string, password = "secret") =>
      ask(world, client, { userName, device, credential: { method: "pap", password: Buffer.from(password) } });
    for (const device of ["02-00-00-00-00-01", "02-00-00-00-00-02"]) assert.equal((await asking(username, device)).outcome, "accept");
    for (const [name, password] of [
      [username, "wrong"],
      ["nobody-here", "secret"],
      ["02-00-00-00-00-01", "02-00-00-00-00-01"],
    ] as const) {
      assert.equal((await asking(name, "02-00-00-00-00-03", password)).outcome, "reject");
    }
    await world.app.flush();
    const tell = (status: string, session: string, seconds: number) =>
      report(world, client, status, { id: `${username}-${session}`, userName: username, device: `02-00-00-00-00-0${session}`, seconds });
    for (const session of ["1", "2"]) {
      assert.equal(await tell("Start", session, 0), "stored");
      assert.equal(await tell("Interim-Update", session, 30), "stored");
    }
    // What is over before it began, what is told twice, and what belongs to nobody.
    assert.equal(await tell("Stop", "2", 40), "stored");
    await tell("Stop", "2", 40);
    await tell("Interim-Update", "3", 10);
    await report(world, client, "Start", { id: `${username}-stranger`, userName: "nobody-here", device: "02-00-00-00-00-09" });
    const topUp = await world.post(`/user_token/${id}/top_up/`, { seconds: 60 }, { token: tenant.token });
    assert.equal(topUp.status, 200, JSON.stringify(topUp.body));
    await world.app.database.write((handle) => sql`update session_deadline set due_at = 1 where user_id = ${id}`.execute(handle));
    await world.app.database.write((handle) => sql`update time_balance set seconds = 0 where user_id = ${id}`.execute(handle));
    const equipment = playEquipment(world, { nowMs: () => Date.now() });
    await equipment.work();
    assert.ok(equipment.requests.length > 0, "somebody was to be disconnected");
    await tell("Stop", "1", 60);
    // All of a client's sessions end with it: of one that has few.
    const other = await makeClient(world, tenant.id);
    await report(world, other, "Start", { id: `${username}-4`, userName: username, device: "02-00-00-00-00-04" });
    await report(world, other, "Accounting-On", { id: "0" });
    for (const name of ["close stale sessions", "remove expired reservations"]) await job(name);
  };

  /** Lets accounts with sessions move to another organization and back, one alone and two by one array. */
  const move = async ({ tenant, client }: (typeof tenants)[number], username: string): Promise<void> => {
    const id = await makeAccount(world, { username, organization: tenant.id });
    const friend = await makeAccount(world, { username: `${username}-friend`, organization: tenant.id });
    await report(world, client, "Start", { id: username, userName: username, device: "02-00-00-00-00-05" });
    const branch = await world.post("/organization/", { slug: `${username}-branch`, name: "Branch" }, { token: tenant.token });
    for (const ids of [[id], [id, friend]]) {
      for (const organization of [branch.body.id, tenant.id]) {
        const rows = ids.map((one) => ({ id: one, organization }));
        assert.equal((await world.patch("/user/", rows, { token: tenant.token })).status, 200);
      }
    }
  };

  it("find what is asked for and walk through no others, and no search index finds a name", async () => {
    const textsOf = async (work: typeof live, name: string) => {
      const recorded = recordStatements();
      try {
        for (const [index, place] of tenants.entries()) await work(place, `${name}-${index}`);
      } finally {
        recorded.stop();
      }
      return [...recorded.texts];
    };
    const [atDoors, moving] = [await textsOf(live, "life"), await textsOf(move, "mover")];
    const tables = ["user_account", "session", "session_deadline", "session_request", "reservation", "access_decision", "time_ledger"];
    for (const table of tables)
      assert.ok(
        atDoors.some((text) => text.includes(`"${table}"`)),
        `no statement asks for ${table}`,
      );
    const url = world.config.databaseUrl!;
    assert.deepEqual(await findGrowingSteps(url, atDoors), [], "before autovacuum has counted");
    await countRows(url);
    assert.deepEqual(await findGrowingSteps(url, [...atDoors, ...moving]), [], "after");
  });
});
