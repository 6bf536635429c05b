import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { pino } from "pino";
import type { App } from "../../src/composition/app.ts";
import { openInstallation } from "../../src/startup/installation.ts";
import { ask, makeAccount, makeClient, pap } from "../support/network.ts";
import { makeTenant } from "../support/tenants.ts";
import { fullToken, onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("two nodes on one database", (open) => {
  let world: World;
  let other: App;
  before(async () => {
    world = await open();
    other = await openInstallation(world.config, pino({ level: "silent" }));
  });
  after(async () => {
    await other.close();
    await world.close();
  });

  const onOther = async (method: "GET" | "POST" | "DELETE", path: string, token = fullToken, body?: unknown) => {
    const response = await other.http.inject({
      method,
      url: `/api/v1${path}`,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    return { status: response.statusCode, body: response.body === "" ? undefined : response.json() };
  };

  it("know at once an organization, an account and a token that the other has made", async () => {
    assert.equal((await world.get("/user/")).status, 200, "the tree of organizations is in memory");
    const organization = await onOther("POST", "/organization/", fullToken, { slug: "fresh", name: "Fresh" });
    const user = await onOther("POST", "/user/", fullToken, { username: "fresh.user", organization: "fresh" });
    assert.equal(user.status, 201);
    const listed = await world.get("/user/");
    assert.equal(listed.status, 200, JSON.stringify(listed.body));
    assert.equal(listed.body.results.at(-1).organization, "fresh");
    assert.equal((await world.post("/user/", { username: "second.user", organization: "fresh" })).status, 201);
    const token = await onOther("POST", "/api_token/", fullToken, { name: "t", organization: organization.body.id, scopes: ["user:read"] });
    assert.equal((await world.get("/user/", { token: token.body.token })).body.count, 2);
  });

  it("give every id once", async () => {
    const calls = Array.from({ length: 40 }, (_, index) =>
      index % 2 === 0
        ? world.post("/user/", { username: `here-${index}` })
        : onOther("POST", "/user/", fullToken, { username: `there-${index}` }),
    );
    const ids = (await Promise.all(calls)).map((answer) => answer.body.id);
    assert.equal(new Set(ids).size, 40);
  });

  it("stop trusting a revoked token within a second", async () => {
    const { body } = await world.post("/api_token/", { name: "short", scopes: ["user:read"] });
    assert.equal((await onOther("GET", "/user/", body.token)).status, 200);
    await world.delete(`/api_token/${body.id}/`);
    assert.equal((await world.get("/user/", { token: body.token })).status, 401);
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    assert.equal((await onOther("GET", "/user/", body.token)).status, 401);
  });

  it("keep one ledger of one balance, in the order of its changes", async () => {
    const calls = Array.from({ length: 60 }, (_, index) =>
      index % 2 === 0
        ? world.post("/user_token/1/top_up/", { seconds: 1 })
        : onOther("POST", "/user_token/1/top_up/", fullToken, { seconds: 1 }),
    );
    for (const answer of await Promise.all(calls)) assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const { results } = (await world.get("/user_token/1/time_ledger/?limit=100")).body;
    let balance = 0;
    for (const row of results) {
      balance += row.delta;
      assert.equal(row.balance_after, balance, `row ${row.id}`);
    }
    assert.equal(balance, 3660);
  });

  it("refuse a password that the other has changed, although they remember it, and no namesake's", async () => {
    const there = { ...world, app: other };
    const tenants = [];
    for (const slug of ["cafe", "neighbour"]) {
      const { id } = await makeTenant(world, slug, { own_usernames: true });
      tenants.push({ client: await makeClient(world, id), user: await makeAccount(world, { username: "guest", organization: id }) });
    }
    // The other node hears no signals here, and answers no client that it does not serve.
    await other.services.aaaClients.table.reload();
    const [cafe, neighbour] = tenants as [(typeof tenants)[0], (typeof tenants)[0]];
    const outcome = async ({ client }: typeof cafe, password: string, node = there) =>
      (await ask(node, client, { userName: "guest", credential: pap(password) })).outcome;
    for (const tenant of tenants) {
      for (const node of [there, there, world]) assert.equal(await outcome(tenant, "secret", node), "accept");
    }
    assert.equal((await world.patch(`/user_token/${cafe.user}/`, { password: "another" })).status, 200);
    for (const node of [there, world]) {
      assert.deepEqual([await outcome(cafe, "secret", node), await outcome(cafe, "another", node)], ["reject", "accept"]);
      assert.deepEqual([await outcome(neighbour, "secret", node), await outcome(neighbour, "another", node)], ["accept", "reject"]);
    }
  });
});
