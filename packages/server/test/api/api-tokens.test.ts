import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { looksGenerated } from "../../src/modules/foundation/api-tokens/token-format.ts";
import { makeTenants, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("API tokens", (open) => {
  let world: World;
  let mine: Tenant;
  let neighbour: Tenant;
  let foreign: Tenant;
  let nowMs = Date.UTC(2026, 0, 1);
  before(async () => {
    world = await open({ clock: { nowMs: () => nowMs } });
    ({ mine, neighbour, foreign } = await makeTenants(world));
  });
  after(() => world.close());

  const create = async (fields: Record<string, unknown> = {}, token = mine.token) => {
    const answer = await world.post("/api_token/", { name: "made", scopes: ["user:read"], ...fields }, { token });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  };
  const works = async (token: string) => (await world.get("/user/?limit=1", { token })).status;
  const tokenScopes = ["api_token:read", "api_token:write"];

  it("answers the secret once, at creation, and never again", async () => {
    const answer = await world.post("/api_token/", { name: "Portal", scopes: ["user:read"] }, { token: mine.token });
    assert.equal(answer.status, 201);
    const { token, ...record } = answer.body;
    assert.ok(looksGenerated(token));
    assert.equal(await works(token), 200);
    assert.equal(answer.headers["location"], `/api/v1/api_token/${record.id}/`);
    assert.deepEqual(record, {
      id: record.id,
      name: "Portal",
      organization: mine.id,
      scopes: ["user:read"],
      expires_at: null,
      created_at: "2026-01-01T00:00:00Z",
      last_used_at: null,
      last_change: "2026-01-01T00:00:00Z",
    });
    const read = await world.get(`/api_token/${record.id}/`, { token: mine.token });
    assert.deepEqual(read.body, record);
    const list = await world.get("/api_token/?limit=100");
    assert.ok(!JSON.stringify(list.body).includes(token));
    const stored = await world.app.database.reader.selectFrom("api_token").selectAll().where("id", "=", record.id).execute();
    const trail = await world.app.database.reader.selectFrom("audit_entry").selectAll().where("resource", "=", "api_token").execute();
    assert.ok(!JSON.stringify([stored, trail]).includes(token), "only its hash is kept");
  });

  it("opens what its scopes name and nothing else, below its organization and nowhere else", async () => {
    const one = await create({ organization: "mine" });
    assert.equal((await world.post("/user/", { username: "x" }, { token: one.token })).status, 403);
    assert.equal((await world.get("/organization/", { token: one.token })).status, 403);
    assert.equal((await world.get("/user/1/", { token: one.token })).status, 404);
  });

  it("lists the tree's tokens, or those of one organization; what lies outside is not there", async () => {
    const one = await create();
    const ids = async (query: string, token: string) =>
      (await world.get(`/api_token/?limit=100${query}`, { token })).body.results.map((row: { id: number }) => row.id);
    assert.ok((await ids("", mine.token)).includes(one.id));
    assert.ok((await ids(`&organization=${mine.id}`, mine.token)).includes(one.id));
    for (const other of [neighbour, foreign]) {
      assert.equal((await ids("", other.token)).length, 1);
      assert.deepEqual(await ids("&organization=mine", other.token), []);
      const path = `/api_token/${one.id}/`;
      assert.equal((await world.get(path, { token: other.token })).status, 404);
      assert.equal((await world.patch(path, { name: "x" }, { token: other.token })).status, 404);
      assert.equal((await world.delete(path, { token: other.token })).status, 404);
      const outside = await world.post("/api_token/", { name: "x", scopes: ["user:read"], organization: mine.id }, { token: other.token });
      assert.deepEqual([outside.status, Object.keys(outside.body.errors)], [400, ["organization"]]);
    }
  });

  it("names every faulty field: unknown scopes, none, twice the same, a past expiry, no name", async () => {
    const faults = async (body: object) => {
      const answer = await world.post("/api_token/", body, { token: mine.token });
      assert.equal(answer.status, 400, JSON.stringify(answer.body));
      return Object.keys(answer.body.errors).sort();
    };
    assert.deepEqual(await faults({}), ["name", "scopes"]);
    assert.deepEqual(await faults({ name: "", scopes: ["usr:read"], token: "x" }), ["name", "scopes.0", "token"]);
    assert.deepEqual(await faults({ name: "x", scopes: [] }), ["scopes"]);
    assert.deepEqual(await faults({ name: "x", scopes: ["user:read", "user:read"] }), ["scopes"]);
    const past = { name: "x", scopes: ["user:read"], organization: "nowhere", expires_at: "2025-12-31" };
    assert.deepEqual(await faults(past), ["expires_at", "organization"]);
  });

  it("never gives more scopes than the token that asks holds", async () => {
    const lesser = await create({ scopes: [...tokenScopes, "user:read"] });
    for (const scopes of [["user:write"], ["admin"], ["user:read", "pii:read"]]) {
      const answer = await world.post("/api_token/", { name: "x", scopes }, { token: lesser.token });
      assert.deepEqual([answer.status, answer.body.code], [403, "api_token.exceeds_caller"]);
    }
    const equal = await create({ scopes: ["user:read"] }, lesser.token);
    const raised = await world.patch(`/api_token/${equal.id}/`, { scopes: ["user:read", "pii:read"] }, { token: lesser.token });
    assert.equal(raised.status, 403);
    assert.equal((await world.patch(`/api_token/${lesser.id}/`, { scopes: ["admin"] }, { token: lesser.token })).status, 403);
    assert.deepEqual((await create({ scopes: ["pii:read", "admin"] })).scopes, ["pii:read", "admin"], "admin implies all");
  });

  it("lets no token change or revoke one that holds more", async () => {
    const lesser = await create({ scopes: [...tokenScopes, "user:read"] });
    const greater = await create({ scopes: ["user:read", "user:write"] });
    for (const body of [{ name: "x" }, { scopes: ["user:read"] }, { expires_at: "2030-01-01" }]) {
      assert.equal((await world.patch(`/api_token/${greater.id}/`, body, { token: lesser.token })).status, 403, JSON.stringify(body));
    }
    assert.equal((await world.delete(`/api_token/${greater.id}/`, { token: lesser.token })).body.code, "api_token.exceeds_caller");
    assert.equal(await works(greater.token), 200);
    assert.equal((await world.get(`/api_token/${greater.id}/`, { token: lesser.token })).status, 200, "reading takes nothing away");
  });

  it("never lets a token that expires make or raise one that lives longer", async () => {
    const brief = await create({ scopes: [...tokenScopes, "user:read", "user:write"], expires_at: "2026-02-01" });
    const token = brief.token;
    const expiring = (expires_at: string | null) => world.post("/api_token/", { name: "x", scopes: ["user:read"], expires_at }, { token });
    for (const expiry of ["2026-02-01T00:00:01Z", null, ""]) assert.equal((await expiring(expiry)).status, 403, String(expiry));
    assert.equal((await world.post("/api_token/", { name: "x", scopes: ["user:read"] }, { token })).status, 403);
    const child = await expiring("2026-02-01T00:00:00Z");
    assert.equal(child.status, 201);
    assert.equal((await world.patch(`/api_token/${child.body.id}/`, { expires_at: null }, { token })).status, 403);
    assert.equal((await world.patch(`/api_token/${brief.id}/`, { expires_at: "2027-01-01" }, { token })).status, 403);
    const lasting = await create();
    assert.equal((await world.patch(`/api_token/${lasting.id}/`, { scopes: ["user:read", "user:write"] }, { token })).status, 403);
    assert.equal((await world.patch(`/api_token/${lasting.id}/`, { name: "renamed" }, { token })).status, 200);
  });

  it("changes name, scopes and expiry, and takes back what GET gave without a change", async () => {
    const one = await create({ expires_at: "2026-03-01" });
    const path = `/api_token/${one.id}/`;
    const changed = await world.patch(path, { name: "n", scopes: ["user:write"], expires_at: null }, { token: mine.token });
    assert.deepEqual([changed.body.name, changed.body.scopes, changed.body.expires_at], ["n", ["user:write"], null]);
    assert.equal(await works(one.token), 403, "the new scopes count at once");
    const back = await world.patch(path, changed.body, { token: mine.token });
    assert.deepEqual([back.status, back.headers["etag"]], [200, changed.headers["etag"]]);
    const moved = await world.patch(path, { organization: neighbour.id });
    assert.deepEqual([moved.status, Object.keys(moved.body.errors)], [400, ["organization"]]);
    assert.equal((await world.patch(path, { name: "z" }, { headers: { "if-match": `"${one.id}.1.api_token"` } })).status, 412);
    assert.equal((await world.put(path, { name: "z", scopes: ["user:read"] })).status, 405);
  });

  it("works until it expires and not a moment longer", async () => {
    const one = await create({ expires_at: "2026-01-01T00:00:10Z" });
    assert.equal(await works(one.token), 200);
    nowMs += 10_000;
    assert.equal(await works(one.token), 401);
    const revived = await world.patch(`/api_token/${one.id}/`, { expires_at: "2026-06-01" }, { token: mine.token });
    assert.equal(revived.status, 200);
    assert.equal(await works(one.token), 200);
  });

  it("revokes at once: the very next request gets 401, and the token is shown no more", async () => {
    const one = await create();
    assert.equal(await works(one.token), 200);
    const path = `/api_token/${one.id}/`;
    assert.equal((await world.delete(path, { headers: { "if-match": '"0.0"' } })).status, 412);
    assert.equal((await world.delete(path)).status, 204);
    assert.equal(await works(one.token), 401);
    assert.equal((await world.get(path)).status, 404);
    assert.equal((await world.delete(path)).status, 404);
    const list = await world.get("/api_token/?limit=100");
    assert.ok(!list.body.results.some((row: { id: number }) => row.id === one.id));
  });

  it("keeps nobody in who asks while the token is being revoked", async () => {
    const one = await create();
    const asking = Array.from({ length: 20 }, () => works(one.token));
    await world.delete(`/api_token/${one.id}/`);
    await Promise.all(asking);
    assert.equal(await works(one.token), 401);
  });

  it("may revoke itself", async () => {
    const one = await create({ scopes: tokenScopes });
    assert.equal((await world.delete(`/api_token/${one.id}/`, { token: one.token })).status, 204);
    assert.equal((await world.get("/api_token/", { token: one.token })).status, 401);
  });

  it("leaves an audit row and an event with each change, without anything that opens a door", async () => {
    const one = await create();
    await world.patch(`/api_token/${one.id}/`, { name: "second" });
    await world.delete(`/api_token/${one.id}/`);
    const rows = await world.app.database.reader
      .selectFrom("outbox_event")
      .innerJoin("audit_entry", "audit_entry.id", "outbox_event.audit_entry_id")
      .select(["event", "before", "after"])
      .where("audit_entry.resource", "=", "api_token")
      .where("audit_entry.resource_id", "=", one.id)
      .orderBy("outbox_event.id")
      .execute();
    assert.deepEqual(
      rows.map((row) => row.event),
      ["api_token.created", "api_token.updated", "api_token.deleted"],
    );
    assert.deepEqual(JSON.parse(rows[1]!.after!), { organization: mine.id, name: "second", scopes: ["user:read"], expires_at: null });
    assert.equal(rows[2]!.after, null);
  });
});
