import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { makeTenant, makeTenants, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

const operators = ["=", ":=", "+=", "==", "!=", ">", ">=", "<", "<=", "=~", "!~", "=*", "!*"];

onEachDatabase("AAA profiles", (open) => {
  let world: World;
  let mine: Tenant;
  let neighbour: Tenant;
  let foreign: Tenant;
  before(async () => {
    world = await open();
    ({ mine, neighbour, foreign } = await makeTenants(world));
  });
  after(() => world.close());

  let made = 0;
  const create = async (fields: Record<string, unknown> = {}) => {
    made += 1;
    const answer = await world.post("/aaa_profile/", { short_name: `profile-${made}`, ...fields }, { token: mine.token });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  };
  const faults = async (body: object) => {
    const answer = await world.post("/aaa_profile/", body, { token: mine.token });
    assert.equal(answer.status, 400, JSON.stringify(answer.body));
    return Object.keys(answer.body.errors).sort();
  };

  it("creates one with defaults: the token's organization, the short name as name, empty lists", async () => {
    const answer = await world.post("/aaa_profile/", { short_name: "Gold_1.0-x" }, { token: mine.token });
    assert.equal(answer.status, 201);
    const { id, created_at: _, last_change: __, ...rest } = answer.body;
    assert.deepEqual(rest, {
      short_name: "Gold_1.0-x",
      name: "Gold_1.0-x",
      description: null,
      organization: mine.id,
      check: [],
      reply: [],
    });
    assert.equal(answer.headers["location"], `/api/v1/aaa_profile/${id}/`);
    assert.deepEqual((await world.get(`/aaa_profile/${id}/`, { token: mine.token })).body, answer.body);
  });

  it("takes every operator of FreeRADIUS and keeps the order of attributes, tags included", async () => {
    const check = operators.map((op) => ({ attribute: "3GPP-IMSI", op, value: op }));
    const reply = [
      { attribute: "Tunnel-Type:1", op: ":=", value: "VLAN" },
      { attribute: "Vendor-9.1/x", op: "+=", value: "" },
      { attribute: "Reply-Message", op: "=", value: "ä".repeat(126) },
    ];
    const one = await create({ check, reply });
    assert.deepEqual([one.check, one.reply], [check, reply]);
  });

  it("names every faulty field of every attribute", async () => {
    const check = [
      { attribute: "User Name", op: "===", value: "x" },
      { attribute: "Tunnel-Type:32", op: "=", value: "ä".repeat(127) },
      { attribute: "", op: "=", value: 1, tag: 1 },
      { attribute: "Class", op: "=" },
    ];
    assert.deepEqual(await faults({ short_name: "a b", check }), [
      "check.0.attribute",
      "check.0.op",
      "check.1.attribute",
      "check.1.value",
      "check.2.attribute",
      "check.2.tag",
      "check.2.value",
      "check.3.value",
      "short_name",
    ]);
    assert.deepEqual(await faults({ name: "x", replay: [] }), ["replay", "short_name"]);
    assert.deepEqual(await faults({ short_name: "x".repeat(81), organization: 1 }), ["short_name"]);
    assert.deepEqual(await faults({ short_name: "x", organization: 1 }), ["organization"]);
  });

  it("keeps short names unique within the organization, and in no other", async () => {
    const one = await create({ short_name: "silver" });
    assert.deepEqual(await faults({ short_name: "silver" }), ["short_name"]);
    for (const other of [neighbour, foreign]) {
      assert.equal((await world.post("/aaa_profile/", { short_name: "silver" }, { token: other.token })).status, 201);
    }
    const second = await create();
    const clash = await world.patch(`/aaa_profile/${second.id}/`, { short_name: "silver" });
    assert.deepEqual([clash.status, Object.keys(clash.body.errors)], [400, ["short_name"]]);
    assert.equal((await world.patch(`/aaa_profile/${one.id}/`, { short_name: "silver" })).status, 200);
  });

  it("lists the token's tree alone, narrowed by every filter", async () => {
    const below = await makeTenant(world, "below-profiles", { parent: mine.id });
    const one = await create({ organization: "below-profiles", short_name: "deep" });
    const ids = async (query: string, token = mine.token) =>
      (await world.get(`/aaa_profile/?limit=100${query}`, { token })).body.results.map((row: { id: number }) => row.id);
    assert.deepEqual(await ids("", below.token), [one.id]);
    assert.ok((await ids("")).includes(one.id));
    assert.deepEqual(await ids("&organization=below-profiles"), [one.id]);
    assert.ok(!(await ids(`&organization=${mine.id}`)).includes(one.id), "nothing below it is included");
    assert.deepEqual(await ids("&short_name=deep"), [one.id]);
    assert.deepEqual(await ids("&short_name=dee"), []);
    assert.deepEqual(await ids("&last_change__gte=2100-01-01"), []);
    assert.deepEqual(await ids("&short_name=deep", neighbour.token), []);
    assert.deepEqual(await ids(`&organization=${below.id}`, foreign.token), []);
  });

  it("answers 404 for what lies outside the tree, whatever is asked of it", async () => {
    const { id } = await create();
    for (const { token } of [neighbour, foreign]) {
      const path = `/aaa_profile/${id}/`;
      assert.equal((await world.get(path, { token })).status, 404);
      assert.equal((await world.put(path, { short_name: "x" }, { token })).status, 404);
      assert.equal((await world.patch(path, { name: "x" }, { token })).status, 404);
      assert.equal((await world.delete(path, { token })).status, 404);
    }
  });

  it("replaces by PUT, changes by PATCH, and takes back what GET gave without a change", async () => {
    const check = [{ attribute: "Class", op: "=", value: "x" }];
    const one = await create({ name: "Name", description: "d", check, reply: check });
    const path = `/aaa_profile/${one.id}/`;
    const patched = await world.patch(path, { reply: [] });
    assert.deepEqual([patched.body.name, patched.body.check, patched.body.reply], ["Name", check, []]);
    const read = await world.get(path);
    const back = await world.put(path, read.body);
    assert.deepEqual([back.status, back.body, back.headers["etag"]], [200, read.body, read.headers["etag"]]);
    const put = (await world.put(path, { short_name: "other" })).body;
    assert.deepEqual([put.short_name, put.name, put.description, put.check, put.organization], ["other", "other", null, [], mine.id]);
    const moved = await world.patch(path, { organization: neighbour.id });
    assert.deepEqual([moved.status, Object.keys(moved.body.errors)], [400, ["organization"]]);
    assert.equal((await world.patch(path, { organization: "mine" })).status, 200);
    const stale = { headers: { "if-match": String(read.headers["etag"]) } };
    assert.equal((await world.patch(path, { name: "x" }, stale)).status, 412);
    assert.equal((await world.delete(path, stale)).status, 412);
  });

  it("neither renames nor deletes a profile in use and says how many users have it, in sight or not", async () => {
    const one = await create({ short_name: "used" });
    const path = `/aaa_profile/${one.id}/`;
    const below = await makeTenant(world, "own-names", { parent: mine.id, own_usernames: true });
    const users = [];
    for (const { token } of [mine, below]) {
      users.push(await world.post("/user_token/", { username: "carrier", profile: ["used"] }, { token }));
    }
    for (const answer of [await world.delete(path), await world.patch(path, { short_name: "unused" })]) {
      assert.deepEqual([answer.status, answer.body.code], [409, "aaa_profile.in_use"]);
      assert.match(answer.body.detail, /^2 users have/);
    }
    assert.equal((await world.patch(path, { name: "Used", short_name: "used" })).status, 200, "all else may change");
    for (const user of users) assert.equal((await world.delete(`/user_token/${user.body.id}/`)).status, 204);
    assert.equal((await world.patch(path, { short_name: "unused" })).status, 200);
    assert.equal((await world.delete(path)).status, 204);
    assert.equal((await world.delete(path)).status, 404);
  });

  it("never leaves an account with a profile that was deleted at the same time", async () => {
    const one = await create({ short_name: "fleeting" });
    const [user, gone] = await Promise.all([
      world.post("/user_token/", { username: "racer", profile: ["fleeting"] }, { token: mine.token }),
      world.delete(`/aaa_profile/${one.id}/`),
    ]);
    assert.ok(["201 409", "400 204"].includes(`${user.status} ${gone.status}`), `${user.status} ${gone.status}`);
  });

  it("leaves an audit row, an event and a new version with each change", async () => {
    const one = await create();
    const path = `/aaa_profile/${one.id}/`;
    const changed = await world.patch(path, { check: [{ op: "==", value: "1", attribute: "NAS-Port" }] });
    assert.equal(changed.headers["etag"], `"${one.id}.2.aaa_profile"`);
    await world.delete(path);
    const rows = await world.app.database.reader
      .selectFrom("outbox_event")
      .innerJoin("audit_entry", "audit_entry.id", "outbox_event.audit_entry_id")
      .select(["event", "after"])
      .where("audit_entry.resource", "=", "aaa_profile")
      .where("audit_entry.resource_id", "=", one.id)
      .orderBy("outbox_event.id")
      .execute();
    assert.deepEqual(
      rows.map((row) => row.event),
      ["aaa_profile.created", "aaa_profile.updated", "aaa_profile.deleted"],
    );
    assert.deepEqual(JSON.parse(rows[1]!.after!).check, [{ attribute: "NAS-Port", op: "==", value: "1" }]);
  });
});
