import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { addToken } from "../../support/tenants.ts";
import { type Answer, onEachDatabase, type World } from "../../support/world.ts";

onEachDatabase('an external id of ""', (open) => {
  let world: World;
  before(async () => {
    world = await open();
  });
  after(() => world.close());

  const shown = async (id: number) => (await world.get(`/user_token/${id}/`)).body.external_id;
  const done = (answer: Answer, status: number) => {
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    return answer.body;
  };

  it("is none at every door, and any number of accounts may have none", async () => {
    const none = { external_id: "" };
    const first = done(await world.post("/user/", { username: "none-1", ...none }), 201);
    const second = done(await world.post("/user_token/", { username: "none-2", ...none }), 201);
    const others = done(
      await world.post("/user_token/", [
        { username: "none-3", ...none },
        { username: "none-4", ...none },
      ]),
      201,
    );
    const ids: number[] = [first, second, ...others].map((user) => user.id);
    for (const id of ids) assert.equal(await shown(id), null);

    const id = ids[0]!;
    const username = "none-1";
    const ways: (() => Promise<Answer>)[] = [
      () => world.patch(`/user/${id}/`, none),
      () => world.put(`/user/${id}/`, { username, ...none }),
      () => world.patch(`/user_token/${id}/`, none),
      () => world.put(`/user_token/${id}/`, { username, ...none }),
      () => world.patch(`/user/username/${username}/`, none),
      () => world.patch("/user/", [{ id, ...none }]),
      () => world.patch("/user_token/", [{ id, ...none }]),
      () => world.post("/device_app_user_update/", { username, user_external_id: "" }),
      () => world.post("/device_app_user_update/", { data: JSON.stringify({ user_id: id, user_external_id: "" }) }),
    ];
    for (const way of ways) {
      done(await world.patch(`/user_token/${id}/`, { external_id: "SOME-1" }), 200);
      assert.ok((await way()).status < 202, way.toString());
      assert.equal(await shown(id), null, way.toString());
    }
  });

  it("finds nobody for an app, and in lists those who have none", async () => {
    assert.equal((await world.post("/device_app_user_update/", { user_external_id: "", user_class: "x" })).status, 404);
    assert.equal((await world.post("/device_app_user_update/", { user_external_id: "" })).status, 400, "nothing to update");
    const own = await addToken(world, 456, ["user:read", "user_token:read"]);
    for (const view of ["user", "user_token"]) {
      const all = (await world.get(`/${view}/?limit=100`)).body.results as { id: number; external_id: string | null }[];
      const none = (await world.get(`/${view}/?limit=100&external_id=`)).body;
      const wanted = all.filter((user) => user.external_id === null).map((user) => user.id);
      assert.ok(wanted.length > 0 && wanted.length < all.length);
      assert.deepEqual(
        none.results.map((user: { id: number }) => user.id),
        wanted,
      );
      assert.equal(none.count, wanted.length);
      const theirs = await world.get(`/${view}/?limit=100&external_id=`, { token: own });
      assert.ok(theirs.body.results.length < wanted.length, "another tenant's stay out of sight");
      assert.equal((await world.get(`/${view}/?external_id=EXT-USER-001`)).body.count, 1);
    }
  });
});
