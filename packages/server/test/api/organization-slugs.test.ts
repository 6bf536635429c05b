import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { makeOrganization, refused } from "../support/organizations.ts";
import { makeTenants, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("slugs of organizations", (open) => {
  let world: World;
  let mine: Tenant;
  let neighbour: Tenant;
  let foreign: Tenant;
  before(async () => {
    world = await open();
    ({ mine, neighbour, foreign } = await makeTenants(world));
  });
  after(() => world.close());

  const create = (fields: Record<string, unknown> = {}, token = mine.token) => makeOrganization(world, token, fields);

  it("refuses a slug that an organization beside it has, in sight or not, and takes it anywhere else", async () => {
    for (const own_usernames of [false, true]) {
      await refused(world.post("/organization/", { slug: "neighbour", name: "x", own_usernames }), 400, "slug");
      await refused(world.post("/organization/", { slug: "foreign", name: "x", own_usernames }), 400, "slug");
    }
    // What another tenant calls its own organizations is no obstacle, in the same namespace neither.
    const twins = [
      await create({ slug: "lobby" }),
      await create({ slug: "lobby" }, neighbour.token),
      await create({ slug: "lobby" }, foreign.token),
    ];
    assert.equal(new Set(twins.map(({ parent }) => parent)).size, 3);
    await refused(world.post("/organization/", { slug: "lobby", name: "x", own_usernames: true }, { token: mine.token }), 400, "slug");
    const other = await create();
    await refused(world.patch(`/organization/${other.id}/`, { slug: "lobby" }, { token: mine.token }), 400, "slug");
    assert.equal((await world.patch(`/organization/${other.id}/`, { slug: other.slug }, { token: mine.token })).status, 200);
    const moving = await create({ slug: "lobby", parent: other.id });
    await refused(world.patch(`/organization/${moving.id}/`, { parent: mine.id }, { token: mine.token }), 400, "slug");
    assert.equal((await world.patch(`/organization/${moving.id}/`, { parent: mine.id, slug: "lobby-2" })).status, 200);
  });

  it("finds by a slug what lies in the token's sight: its own and those directly below before any deeper", async () => {
    const place = { slug: "terrace", name: "x" };
    const own = await create(place);
    const theirs = await create(place, neighbour.token);
    const hidden = await create(place, foreign.token);
    for (const [token, id] of [
      [mine.token, own.id],
      [neighbour.token, theirs.id],
      [foreign.token, hidden.id],
    ]) {
      const made = await world.post("/user_token/", { username: `of-terrace-${id}`, organization: "terrace" }, { token });
      assert.deepEqual([made.status, made.body.organization], [201, id], JSON.stringify(made.body));
      assert.equal((await world.get("/user/?organization=terrace", { token })).body.count, 1);
      assert.equal((await world.get(`/user/username/of-terrace-${id}/?organization=terrace`, { token })).status, 200);
    }
    // The root sees all three deep below it: nobody's choice of a name makes the root's request mean another one.
    await refused(world.post("/user/", { username: "of-terrace", organization: "terrace" }), 400, "organization");
    const named = await world.post("/organization/", place);
    assert.equal(named.status, 201);
    const made = await world.post("/user_token/", { username: "of-terrace", organization: "terrace" });
    assert.equal(made.body.organization, named.body.id, "a name that the root itself has given, no tenant's choice shadows");
    await create({ slug: "mine", parent: own.id });
    assert.equal(
      (await world.post("/user_token/", { username: "of-mine", organization: "mine" }, { token: mine.token })).body.organization,
      mine.id,
    );
  });
});
