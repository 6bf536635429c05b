import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { assertProblem } from "../../support/operations.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

onEachDatabase("the version of an account", (open) => {
  let world: World;
  before(async () => {
    world = await open();
  });
  after(() => world.close());

  const paths = ["/user/42/", "/user/username/john.smith/", "/user_token/42/", "/user_token/42/?balance=true"];
  const tagOf = async (path: string) => String((await world.get(path)).headers["etag"]);

  it("is a strong tag that answers 304 to whoever has it", async () => {
    for (const path of paths) {
      const tag = await tagOf(path);
      assert.match(tag, /^"[^"]+"$/);
      for (const header of [tag, `W/${tag}`, `"other", ${tag}`, "*"]) {
        const answer = await world.get(path, { headers: { "if-none-match": header } });
        assert.deepEqual([answer.status, answer.body, answer.headers["etag"]], [304, "", tag], `${path} ${header}`);
      }
      assert.equal((await world.get(path, { headers: { "if-none-match": '"other"' } })).status, 200);
    }
  });

  it("protects PUT, PATCH and DELETE from a change in between, and nothing changes", async () => {
    const stale = await tagOf("/user/42/");
    assert.equal((await world.patch("/user/42/", { klass: "newer" })).status, 200);
    const now = (await world.get("/user/42/")).body;
    for (const header of [stale, '"other"', `W/${await tagOf("/user/42/")}`]) {
      const headers = { "if-match": header };
      for (const path of paths) {
        assertProblem(await world.put(path, { username: "john.smith" }, { headers }), 412);
        assertProblem(await world.patch(path, { klass: "mine" }, { headers }), 412);
        const [deleted] = path.split("?");
        assertProblem(await world.delete(deleted!, { headers }), 412);
      }
    }
    assert.deepEqual((await world.get("/user/42/")).body, now);
  });

  it("is satisfied by the current tag of any view", async () => {
    for (const writing of paths) {
      for (const reading of paths) {
        const headers = { "if-match": `"other", ${await tagOf(reading)}` };
        const answer = await world.patch(writing, { klass: `${writing} by ${reading}` }, { headers });
        assert.equal(answer.status, 200, `${writing} with the tag of ${reading}`);
      }
    }
    assert.equal((await world.patch("/user/42/", { klass: "any" }, { headers: { "if-match": "*" } })).status, 200);
  });

  it("refuses a condition that is none", async () => {
    assertProblem(await world.patch("/user/42/", { klass: "x" }, { headers: { "if-match": "42.7" } }), 400);
  });

  it("stays when a request changes nothing, and the answer of a write carries the new one", async () => {
    const answer = await world.patch("/user/42/", { klass: "again" });
    assert.equal(answer.headers["etag"], await tagOf("/user/42/"));
    const same = await world.patch("/user/42/", { klass: "again" });
    assert.equal(same.headers["etag"], answer.headers["etag"]);
    assert.equal(same.body.last_change, answer.body.last_change);
  });

  it("of the view with the balance moves with every change of it", async () => {
    const tagBefore = await tagOf("/user_token/1/?balance=true");
    await world.post("/user_token/1/top_up/", { seconds: 1 });
    assert.notEqual(await tagOf("/user_token/1/?balance=true"), tagBefore);
  });

  it("is judged after faulty fields and missing records", async () => {
    const headers = { "if-match": '"other"' };
    assertProblem(await world.patch("/user/42/", { username: "a b" }, { headers }), 400);
    assertProblem(await world.patch("/user/999999/", { klass: "x" }, { headers }), 404);
  });
});
