import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { onEachDatabase, type World } from "../../support/world.ts";

onEachDatabase("replacing and patching an account", (open) => {
  let world: World;
  before(async () => {
    world = await open();
  });
  after(() => world.close());

  for (const view of ["/user", "/user_token"]) {
    for (const id of [1, 2, 42, 43, 12345]) {
      it(`${view}/${id}/ takes back what GET gave, by PUT and PATCH, and nothing changes`, async () => {
        for (const query of view === "/user_token" ? ["", "?balance=true"] : [""]) {
          const got = await world.get(`${view}/${id}/${query}`);
          for (const method of ["PUT", "PATCH"]) {
            const answer = await world.request(method, `${view}/${id}/`, { body: got.body });
            assert.equal(answer.status, 200, JSON.stringify(answer.body));
          }
          const again = await world.get(`${view}/${id}/${query}`);
          assert.deepEqual(again.body, got.body);
          assert.equal(again.headers["etag"], got.headers["etag"]);
        }
      });
    }

    it(`${view} accepts read-only fields of any value and ignores them`, async () => {
      const readOnly = { id: 999, date_joined: "yesterday", first_login: 1, last_login: null, last_change: { a: [] } };
      const was = (await world.get(`${view}/2/`)).body;
      assert.equal((await world.patch(`${view}/2/`, readOnly)).status, 200);
      assert.deepEqual((await world.get(`${view}/2/`)).body, was);
      const made = await world.post(`${view}/`, { username: `read_only_${view.slice(1)}`, ...readOnly });
      assert.equal(made.status, 201, JSON.stringify(made.body));
      assert.notEqual(made.body.id, 999);
      assert.equal(made.body.first_login, null);
    });
  }

  it("PUT of /user/ resets what its document shows and leaves the rest", async () => {
    const wide = { external_id: "E1", klass: "gold", description: "d", avatar_url: "https://e.com/a", expiration: "2124-01-01T00:00:00Z" };
    await world.patch("/user_token/42/", { ...wide, profile: ["vpn_access"], user_time: 60, is_active: false });
    const answer = await world.put("/user/42/", { username: "john.smith" });
    assert.equal(answer.status, 200);
    const gone = { email: null, first_name: null, last_name: null, groups: [], aaa_profile: {} };
    for (const [field, value] of Object.entries({ ...gone, ...wide, organization: "engineering", is_active: false }))
      assert.deepEqual(answer.body[field], value, field);
    const token = (await world.get("/user_token/42/?balance=true")).body;
    assert.deepEqual([token.profile, token.user_time], [["vpn_access"], 60]);
  });

  it("PUT of /user_token/ resets what its document shows and leaves the rest", async () => {
    await world.patch("/user/1/", { groups: ["g"], aaa_profile: { role: "r" }, email: "a@b.de", is_active: false });
    const answer = await world.put("/user_token/1/", { username: "john_doe" });
    assert.equal(answer.status, 200);
    const fields = ["email", "first_name", "last_name", "external_id", "klass", "description", "avatar_url", "expiration"];
    for (const field of fields) assert.equal(answer.body[field], null, field);
    assert.deepEqual([answer.body.profile, answer.body.user_time, answer.body.organization, answer.body.is_active], [[], 3600, 1, false]);
    const user = (await world.get("/user/1/")).body;
    assert.deepEqual([user.groups, user.aaa_profile], [["g"], { role: "r" }]);
  });

  it("PUT without a username names it", async () => {
    for (const path of ["/user/2/", "/user_token/2/", "/user/username/jane_smith/"]) {
      const answer = await world.put(path, { email: "a@b.de" });
      assert.deepEqual([answer.status, answer.body.errors], [400, { username: ["This field is required."] }]);
    }
  });

  it("PATCH merges aaa_profile key by key; only a merge patch removes keys and goes deeper", async () => {
    await world.patch("/user/43/", { aaa_profile: { role: "user", nested: { a: 1, b: 2 }, left: true } });
    const plain = await world.patch("/user/43/", { aaa_profile: { role: null, nested: { a: 3 } } });
    assert.deepEqual(plain.body.aaa_profile, { role: null, nested: { a: 3 }, left: true });
    const headers = { "content-type": "application/merge-patch+json" };
    const merged = await world.patch("/user/43/", { aaa_profile: { role: null, nested: { b: 4, a: null, c: { d: 1 } } } }, { headers });
    assert.deepEqual(merged.body.aaa_profile, { nested: { b: 4, c: { d: 1 } }, left: true });
  });

  it("the older profile object counts only where the newer field is not named", async () => {
    const profile = { first_name: "Old", last_name: "Older", role: "guest" };
    const answer = await world.patch("/user/12345/", { first_name: "New", profile });
    assert.deepEqual([answer.body.first_name, answer.body.last_name, answer.body.aaa_profile.role], ["New", "Older", "guest"]);
    const both = await world.patch("/user/12345/", { aaa_profile: { level: 1 }, profile: { role: "ignored?" } });
    assert.ok(["guest", "ignored?"].includes(both.body.aaa_profile.role));
    assert.equal(both.body.aaa_profile.level, 1);
    assert.equal(both.body.profile.role, both.body.aaa_profile.role);
  });

  it("a PATCH of several changes all or none", async () => {
    const rows = [
      { id: 1, klass: "a" },
      { id: 2, klass: "b" },
    ];
    const done = await world.patch("/user_token/", rows);
    assert.equal(done.status, 200, JSON.stringify(done.body));
    assert.deepEqual(
      done.body.map((row: { klass: string }) => row.klass),
      ["a", "b"],
    );
    const missing = await world.patch("/user_token/", [
      { id: 1, klass: "c" },
      { id: 999_999, klass: "c" },
    ]);
    assert.equal(missing.status, 404);
    const faulty = await world.patch("/user_token/", [
      { id: 1, klass: "c" },
      { id: 2, username: "john_doe" },
    ]);
    assert.deepEqual([faulty.status, Object.keys(faulty.body.errors)], [400, ["1.username"]]);
    const twice = await world.patch("/user_token/", [
      { id: 1, klass: "c" },
      { id: 1, klass: "d" },
    ]);
    assert.deepEqual([twice.status, Object.keys(twice.body.errors)], [400, ["1.id"]]);
    assert.equal((await world.get("/user_token/1/")).body.klass, "a");
  });
});
