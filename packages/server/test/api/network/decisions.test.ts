import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { eventually } from "../../support/eventually.ts";
import { names, shows } from "../../support/expect.ts";
import { ask, decisionOf, makeAccount, makeClient, pap } from "../../support/network.ts";
import { makeTenant, type Tenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

onEachDatabase("access decisions", (open) => {
  let world: World;
  let cafe: Tenant;
  let other: Tenant;
  let client: AaaClient;
  let userId: number;
  before(async () => {
    world = await open();
    cafe = await makeTenant(world, "cafe", { own_usernames: true });
    other = await makeTenant(world, "other", { own_usernames: true });
    client = await makeClient(world, cafe.id);
    userId = await makeAccount(world, { username: "guest", organization: cafe.id, user_time: 742 });
  });
  after(() => world.close());

  const simulate = (body: object, token = cafe.token) => world.post("/access_decision/simulate/", body, { token });

  it("say why 742 s, and why not, at most a second later", async () => {
    const answers = [
      await ask(world, client, { userName: "guest", device: "AA-BB-CC-DD-EE-01" }),
      await ask(world, client, { userName: "guest", credential: pap("wrong") }),
      await ask(world, client, { userName: "nobody" }),
    ];
    // biome-ignore lint/suspicious/noExplicitAny: rows are looked into below
    let body: { count: number; results: any[] } = { count: 0, results: [] };
    await eventually("the traces are written", async () => {
      body = (await world.get("/access_decision/", { token: cafe.token })).body;
      return body.count >= 3;
    });
    assert.deepEqual(
      body.results.map((row: { id: number }) => row.id),
      answers.map((answer) => answer.decisionId),
    );
    const [accepted, refused, unknown] = body.results;
    assert.partialDeepStrictEqual(accepted, {
      organization: cafe.id,
      client: client.id,
      user: userId,
      username: "guest",
      calling_station_id: "AA-BB-CC-DD-EE-01",
      source: "radius",
      outcome: "accept",
      reason: null,
      session_timeout: 742,
    });
    assert.match(accepted.trace.find((line: { step: string }) => line.step === "time").detail, /^742 s of balance/);
    assert.deepEqual(accepted.reply.find((item: { attribute: string }) => item.attribute === "Session-Timeout").value, "742");
    assert.deepEqual(
      [refused.reason, refused.user, unknown.reason, unknown.user, unknown.username],
      ["wrong_credential", userId, "unknown_user", null, "nobody"],
    );
    const one = await world.get(`/access_decision/${accepted.id}/`, { token: cafe.token });
    assert.deepEqual(one.body, accepted);
    assert.equal((await world.get(`/access_decision/${accepted.id}/`, { token: other.token })).status, 404);
  });

  it("are found by user, client, outcome and time", async () => {
    const count = async (query: string, token = cafe.token) => (await world.get(`/access_decision/?${query}`, { token })).body.count;
    assert.deepEqual(
      [await count(`user=${userId}`), await count("user=1"), await count(`client=${client.id}`), await count("client=0")],
      [2, 0, 3, 0],
    );
    assert.deepEqual([await count("outcome=accept"), await count("outcome=reject")], [1, 2]);
    assert.deepEqual(
      [
        await count("start_date=2000-01-01"),
        await count("end_date=2000-01-01 00:01:00"),
        await count("start_date=2100-01-01 00:01:00%2B00:00"),
      ],
      [3, 0, 0],
    );
    assert.equal(await count("", other.token), 0);
    names(await world.get("/access_decision/?outcome=maybe&start_date=soon", { token: cafe.token }), "outcome", "start_date");
  });

  it("can be simulated by the same table, with nothing stored and no reservation made", async () => {
    const reservations = () => world.app.database.reader.selectFrom("reservation").select("station").execute();
    const [before, counted] = [await reservations(), (await world.get("/access_decision/", { token: cafe.token })).body.count];
    const answer = await simulate({ username: "guest", client: client.id, calling_station_id: "AA-BB-CC-DD-EE-02" });
    shows(answer, 200, { outcome: "accept", reason: null, session_timeout: 371, user: userId });
    assert.match(answer.body.trace.at(-1).detail, /371 s, by the time balance/);
    shows(await simulate({ username: "guest", client: client.id, calling_station_id: "aabbccddee01" }), 200, { session_timeout: 742 });
    shows(await simulate({ username: "guest", password: "wrong" }), 200, { outcome: "reject", reason: "wrong_credential", reply: [] });
    shows(await simulate({ username: "guest", password: "secret" }), 200, { outcome: "accept" });
    shows(await simulate({ username: "nobody" }), 200, { outcome: "reject", reason: "unknown_user", user: null });
    shows(await simulate({ username: "guest" }, other.token), 200, { reason: "unknown_user" });
    await world.app.flush();
    assert.deepEqual(await reservations(), before);
    assert.equal((await world.get("/access_decision/", { token: cafe.token })).body.count, counted);
    const user = (await world.get(`/user/${await makeAccount(world, { username: "never", organization: cafe.id })}/`)).body;
    await simulate({ username: "never", password: "secret" });
    await world.app.flush();
    assert.equal((await world.get(`/user/${user.id}/`)).body.last_login, null);
  });

  it("can be simulated for another time and for attributes of a request", async () => {
    const check = [{ attribute: "NAS-Port-Type", op: "==", value: "Virtual" }];
    await world.post("/aaa_profile/", { short_name: "vpn", organization: cafe.id, check });
    await makeAccount(world, { username: "remote", organization: cafe.id, profile: ["vpn"], expiration: "2100-01-01T00:10:00Z" });
    shows(await simulate({ username: "remote" }), 200, { reason: "check_failed" });
    for (const attributes of [{ "NAS-Port-Type": "Virtual" }, { "NAS-Port-Type": ["Ethernet", "Virtual"] }]) {
      shows(await simulate({ username: "remote", attributes }), 200, { reason: null });
    }
    const attributes = { "NAS-Port-Type": "Virtual" };
    shows(await simulate({ username: "remote", attributes, at: "2100-01-01" }), 200, { session_timeout: 600, at: "2100-01-01T00:00:00Z" });
    shows(await simulate({ username: "remote", attributes, at: "2100-01-01T00:10:00Z" }), 200, { reason: "expired" });
    for (const attributes of [{ constructor: "x" }, { toString: [] }]) shows(await simulate({ username: "remote", attributes }), 200);
  });

  it("see the name that asks among the attributes of a simulation, as in a request", async () => {
    const check = [{ attribute: "User-Name", op: "=~", value: "@hotel$" }];
    await world.post("/aaa_profile/", { short_name: "hotel", organization: cafe.id, check });
    await makeAccount(world, { username: "lodger", organization: cafe.id, profile: ["hotel"] });
    for (const [username, reason] of [
      ["lodger@hotel", null],
      ["lodger", "check_failed"],
    ] as const) {
      const asked = await ask(world, client, { userName: username, attributes: { "User-Name": [username] } });
      assert.equal((await decisionOf(world, asked)).reason, reason);
      shows(await simulate({ username, client: client.id }), 200, { reason });
    }
  });

  it("name what is wrong with a simulation", async () => {
    names(await simulate({}), "username");
    names(await simulate({ username: "guest", client: client.id }, other.token), "client");
    names(await simulate({ username: "guest", client: 999_999, at: "soon" }), "at");
    names(await simulate({ username: "guest", client: 999_999 }), "client");
    assert.equal((await simulate({ username: "guest", attributes: { a: 1 } })).status, 400);
  });

  it("lose the name of a deleted account and stay", async () => {
    const id = await makeAccount(world, { username: "leaving", organization: cafe.id });
    const { decisionId } = await ask(world, client, { userName: "leaving", device: "AA-BB-CC-DD-EE-09" });
    await world.app.flush();
    assert.equal((await world.delete(`/user/${id}/`)).status, 204);
    const { body } = await world.get(`/access_decision/${decisionId}/`);
    assert.deepEqual([body.user, body.username, body.calling_station_id, body.outcome], [null, null, null, "accept"]);
    assert.doesNotMatch(JSON.stringify(body), /leaving|EE-09/);
  });
});
