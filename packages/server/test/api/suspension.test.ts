import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { pino } from "pino";
import { openInstallation } from "../../src/startup/installation.ts";
import { eventually } from "../support/eventually.ts";
import { ask, balanceOf, decisionOf, makeAccount, makeClient, reasonOf, replied, report, sessionsIn } from "../support/network.ts";
import { makeTenant, type Tenant } from "../support/tenants.ts";
import { fullToken, onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("a suspended organization", (open) => {
  let world: World;
  let above: Tenant;
  let tenant: Tenant;
  let neighbour: Tenant;
  before(async () => {
    world = await open();
    above = await makeTenant(world, "above");
    tenant = await makeTenant(world, "tenant", { parent: above.id, own_usernames: true });
    neighbour = await makeTenant(world, "neighbour", { parent: above.id, own_usernames: true });
  });
  after(() => world.close());

  const suspend = async (isActive: boolean, { id } = tenant, token = above.token) => {
    const answer = await world.patch(`/organization/${id}/`, { is_active: isActive }, { token });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
  };
  const refused = async (answer: Promise<{ status: number; body: { code: string } }>, status: number, code: string) => {
    const { status: got, body } = await answer;
    assert.deepEqual([got, body.code], [status, code]);
  };

  it("neither suspends itself nor changes its slug: that is for those above it; what GET showed goes back", async () => {
    const path = `/organization/${tenant.id}/`;
    const { token } = tenant;
    await refused(world.patch(path, { is_active: false }, { token }), 403, "organization.above_only");
    await refused(world.patch(path, { slug: "another" }, { token }), 403, "organization.above_only");
    const shown = (await world.get(path, { token })).body;
    assert.deepEqual([shown.is_active, shown.slug], [true, "tenant"]);
    await refused(world.put(path, { ...shown, is_active: false }, { token }), 403, "organization.above_only");
    assert.equal((await world.put(path, shown, { token })).status, 200);
    assert.equal((await world.patch(path, { is_active: true, name: "Tenant" }, { token })).status, 200);
    await refused(world.patch("/organization/1/", { is_active: false }), 403, "organization.above_only");
  });

  it("never lifts its own or an ancestor's suspension; one above it does", async () => {
    for (const suspended of [tenant, above]) {
      await suspend(false, suspended, suspended === tenant ? above.token : fullToken);
      for (const { id } of [tenant, above]) {
        await refused(world.patch(`/organization/${id}/`, { is_active: true }, { token: tenant.token }), 403, "organization.suspended");
      }
      assert.equal((await world.get("/user/", { token: neighbour.token })).status, suspended === tenant ? 200 : 403);
      await suspend(true, suspended, suspended === tenant ? above.token : fullToken);
      assert.equal((await world.get("/user/", { token: tenant.token })).status, 200);
    }
  });

  it("is still seen and changed by those above it", async () => {
    await suspend(false);
    const { token } = above;
    const user = await makeAccount(world, { username: "under.suspension", organization: tenant.id });
    assert.equal((await world.patch(`/user/${user}/`, { first_name: "Seen" }, { token })).status, 200);
    assert.equal((await world.get(`/organization/${tenant.id}/`, { token })).body.is_active, false);
    await suspend(true);
  });

  it("lets nobody in at any door, and says why to those above", async () => {
    const client = await makeClient(world, tenant.id);
    const shared = await makeClient(world, above.id);
    await makeAccount(world, { username: "guest1", organization: tenant.id });
    await makeAccount(world, { username: "guest2", organization: neighbour.id });
    for (const at of [client, shared]) assert.equal((await ask(world, at, { userName: "guest1" })).outcome, "accept");
    await suspend(false);
    for (const at of [client, shared]) {
      const answer = await ask(world, at, { userName: "guest1" });
      assert.equal(await reasonOf(world, answer), "inactive");
      const { trace } = await decisionOf(world, answer);
      assert.match(JSON.stringify(trace), /organization/);
    }
    assert.equal((await ask(world, shared, { userName: "guest2" })).outcome, "accept", "a neighbour is not concerned");
    const login = { username: "guest1", password: "secret" };
    await refused(world.post("/device_app_user_authenticate/", login, { token: above.token }), 400, "access.inactive");
    await suspend(true);
    assert.equal((await ask(world, client, { userName: "guest1" })).outcome, "accept");
  });

  it("still has its accounting stored and billed, at every door", async () => {
    const client = await makeClient(world, tenant.id, { address: "203.0.113.77" });
    const user = await makeAccount(world, { username: "metered", organization: tenant.id, user_time: 3_600 });
    const answer = await ask(world, client, { userName: "metered", device: "02-00-00-00-00-01" });
    const attributes = { Class: [replied(answer, "Class")!] };
    const nowMs = Date.now();
    const start = { id: "suspended-1", userName: "metered", device: "02-00-00-00-00-01", attributes, eventMs: nowMs - 60_000 };
    assert.equal(await report(world, client, "Start", { ...start, receivedAtMs: nowMs - 60_000 }), "stored");
    await suspend(false);
    assert.equal(await report(world, client, "Interim-Update", { ...start, seconds: 20, eventMs: nowMs - 40_000 }), "stored");
    const body = {
      "Packet-Src-IP-Address": { type: "ipaddr", value: ["203.0.113.77"] },
      "Acct-Status-Type": { type: "integer", value: ["Stop"] },
      "Acct-Session-Id": { type: "string", value: ["suspended-1"] },
      "User-Name": { type: "string", value: ["metered"] },
      "Calling-Station-Id": { type: "string", value: ["02-00-00-00-00-01"] },
      "Acct-Session-Time": { type: "integer", value: [60] },
    };
    assert.equal((await world.post("/radius/accounting/", body, { token: tenant.token })).status, 204);
    const [session] = (await sessionsIn(world)).filter((one) => one.acctsessionid === "suspended-1");
    assert.ok(session.acctstoptime !== null && session.acctsessiontime === 60, JSON.stringify(session));
    assert.equal(await balanceOf(world, user), 3_540);
    // FreeRADIUS asks every minute whose packets these are: without the secret it would ignore them.
    const known = await world.get("/radius/client/203.0.113.77/", { token: tenant.token });
    assert.deepEqual([known.status, known.body["control:FreeRADIUS-Client-Secret"]?.value], [200, [client.secret]]);
    await refused(world.get("/radius/client/203.0.113.78/", { token: tenant.token }), 404, "aaa_client.not_found");
    await refused(world.get("/radius/client/203.0.113.77/", { token: neighbour.token }), 404, "aaa_client.not_found");
    await refused(world.post("/radius/authorize/", body, { token: tenant.token }), 403, "organization.suspended");
    await suspend(true);
  });

  it("is one on every node, within the second that any memory is trusted", async () => {
    const other = await openInstallation(world.config, pino({ level: "silent" }));
    try {
      const status = async () =>
        (await other.http.inject({ url: "/api/v1/user/", headers: { authorization: `Bearer ${tenant.token}` } })).statusCode;
      assert.equal(await status(), 200);
      await suspend(false);
      await eventually("the suspension is known", async () => (await status()) === 403);
      await suspend(true);
      await eventually("its end is known", async () => (await status()) === 200);
    } finally {
      await other.close();
    }
  });
});
