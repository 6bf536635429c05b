import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { demoProfiles } from "../../src/demo/demo-world.ts";
import { storeUnjudged } from "../support/network.ts";
import { makeTenant, makeTenants, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

/** A list of attributes, each written as in FreeRADIUS' users file. */
const listOf = (...lines: string[]) =>
  lines.map((line) => {
    const [attribute = "", op = "", ...value] = line.split(" ");
    return { attribute, op, value: value.join(" ") };
  });

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
    const check = listOf(
      ...["==", "!=", ">", ">=", "<", "<="].map((op) => `NAS-Port ${op} 7`),
      ...["=~", "!~", "=*", "!*"].map((op) => `3GPP-IMSI ${op} ^262`),
      "Simultaneous-Use := 2",
      "Auth-Type = Reject",
    );
    const reply = listOf("Tunnel-Type:1 := VLAN", "Class += ", `Reply-Message = ${"ä".repeat(126)}`);
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

  it("takes no pattern that is too large, and no list of patterns that are it together", async () => {
    const patterns = (...values: string[]) => values.map((value) => ({ attribute: "Called-Station-Id", op: "=~", value }));
    const huge = "\\pL{0,1000}".repeat(20);
    const check = patterns("^a{3}", ":cafe$", "^[\\pL\\pN .-]{1,32}$", huge, "^([0-9A-F]{2}[:-]){5}[0-9A-F]{2}$");
    const answer = await world.post("/aaa_profile/", { short_name: "huge", check }, { token: mine.token });
    assert.equal(answer.status, 400);
    assert.match(answer.body.errors["check.3.value"][0], /has 40\d{3} parts; it may have 250\.$/);
    const { id } = await create({ check: check.filter(({ value }) => value !== huge) });
    for (const value of [huge, "((((a{0,9}){0,9}){0,9}){0,9})", "(a?){130}", "\\PL".repeat(25), "(a{1000}){1000}"]) {
      const change = await world.patch(`/aaa_profile/${id}/`, { check: patterns(value) }, { token: mine.token });
      assert.deepEqual([change.status, Object.keys(change.body.errors)], [400, ["check.0.value"]], value);
    }
    const hundred = await world.post("/aaa_profile/", { short_name: "hundred", check: patterns(...Array(100).fill(huge)) });
    assert.equal(hundred.status, 400);
    const six = patterns(...Array(6).fill("a{200}"));
    assert.deepEqual(await faults({ short_name: "six", check: six }), ["check.4.value", "check.5.value"]);
    await create({ check: six.slice(2) });
  });

  it("takes an attribute that the dictionary does not know by its numbers, and none by a made-up name", async () => {
    const reply = listOf("Attr-26.41112.1 := 0x00ff");
    assert.deepEqual((await create({ reply })).reply, reply);
    assert.deepEqual(await faults({ short_name: "x", reply: listOf("Vendor-9.1/x := 1") }), ["reply.0.attribute"]);
  });

  it("names what would be skipped in silence: unknown names, operators that set nothing, values that do not fit", async () => {
    const body = {
      short_name: "skipped",
      check: listOf("NAS-Port-Type := Virtual", "NAS-Port == 1", "Simultaneous-Use := one", "User-Name !~ ^(?!guest)"),
      reply: listOf("Sesion-Timeout := 60", "Session-Timeout := 1h", "Simultaneous-Use == 1"),
    };
    const answer = await world.post("/aaa_profile/", body, { token: mine.token });
    assert.deepEqual([answer.status, answer.body.code], [400, "request.invalid"]);
    assert.deepEqual(answer.body.errors, {
      "check.0.op": ["Compare with ==, !=, >, >=, <, <=, =~, !~, =* or !*; := sets nothing that a request shows."],
      "check.2.value": ["Enter an integer from 0 to 999999999."],
      "check.3.value": ["Enter a regular expression as RE2 reads it: without look-around and back-references."],
      "reply.0.attribute": ["There is no RADIUS attribute Sesion-Timeout in the dictionary. Did you mean Session-Timeout?"],
      "reply.1.value": ["Enter an integer from 0 to 4294967295."],
      "reply.2.attribute": ["Simultaneous-Use is for the check list; no answer carries it."],
    });
    const { id } = await create({ reply: listOf("Session-Timeout := 60") });
    for (const change of [world.patch(`/aaa_profile/${id}/`, { reply: body.reply }), world.put(`/aaa_profile/${id}/`, body)]) {
      const { status, body: problem } = await change;
      assert.deepEqual([status, problem.errors["reply.0.attribute"]?.length], [400, 1]);
    }
    assert.deepEqual((await world.get(`/aaa_profile/${id}/`)).body.reply, listOf("Session-Timeout := 60"));
    const beside = await world.post("/aaa_profile/", { ...body, organization: mine.id }, { token: foreign.token });
    assert.deepEqual(
      Object.keys(beside.body.errors).sort(),
      ["organization", ...Object.keys(answer.body.errors)].sort(),
      "all faults of a request are told at once",
    );
  });

  it("has nothing against the profiles of the demo world, which are stored without it", async () => {
    for (const { check, reply } of demoProfiles) await create({ check, reply });
  });

  it("shows lists from before there was this check, takes them back as they stand, and judges them when they change", async () => {
    const path = `/aaa_profile/${(await create({ short_name: "early" })).id}/`;
    const check = listOf("NAS-Port-Type := Virtual");
    const reply = listOf("Sesion-Timeout := 60");
    await storeUnjudged(world, "early", { check, reply });
    const { body } = await world.get(path);
    assert.deepEqual([body.check, body.reply], [check, reply]);
    assert.equal((await world.patch(path, { description: "old" })).status, 200);
    assert.equal((await world.put(path, { ...body, description: "older" })).status, 200);
    const half = await world.put(path, { ...body, check: [...check, ...listOf("NAS-Port == 1")] });
    assert.deepEqual([half.status, Object.keys(half.body.errors)], [400, ["check.0.op"]]);
    assert.equal((await world.patch(path, { check: [] })).status, 200);
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
    const check = listOf("NAS-Identifier == x");
    const one = await create({ name: "Name", description: "d", check, reply: listOf("Class = x") });
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
