import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { makeOrganization, refused } from "../support/organizations.ts";
import { makeTenant, makeTenants, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("organizations", (open) => {
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

  it("creates one below the token's organization, with defaults, and shows it at its Location", async () => {
    const answer = await world.post("/organization/", { slug: "shop-1", name: "Shop 1" }, { token: mine.token });
    assert.equal(answer.status, 201);
    const { id, created_at, last_change, ...rest } = answer.body;
    assert.deepEqual(rest, {
      slug: "shop-1",
      name: "Shop 1",
      description: null,
      parent: mine.id,
      own_usernames: false,
      reversible_secrets: false,
      min_password_length: null,
      login_rules: [],
      is_active: true,
    });
    assert.equal(answer.headers["location"], `/api/v1/organization/${id}/`);
    const read = await world.get(`/organization/${id}/`, { token: mine.token });
    assert.deepEqual(read.body, answer.body);
    assert.equal(created_at, last_change);
  });

  it("takes a parent by id, digits and slug", async () => {
    const parent = await create();
    for (const reference of [parent.id, String(parent.id), parent.slug])
      assert.equal((await create({ parent: reference })).parent, parent.id);
  });

  it("lists the token's tree alone, narrowed by every filter", async () => {
    const top = await create({ name: "Ärzte-Haus" });
    const below = await create({ parent: top.id, is_active: false, name: "Keller" });
    const ids = async (query: string, token = mine.token) =>
      (await world.get(`/organization/${query}`, { token })).body.results.map((row: { id: number }) => row.id);
    assert.deepEqual(await ids("", neighbour.token), [neighbour.id]);
    assert.deepEqual(await ids(`?id=${below.id}`), [below.id]);
    assert.deepEqual(await ids("?name=%C3%A4RZTE"), [top.id]);
    assert.deepEqual(await ids(`?parent=${top.id}`), [below.id]);
    assert.deepEqual(await ids(`?parent=${top.slug}`), [below.id]);
    assert.deepEqual(await ids(`?is_active=false&parent=${top.id}`), [below.id]);
    assert.deepEqual(await ids(`?parent=${top.id}`, neighbour.token), []);
    assert.deepEqual(await ids("?parent=nowhere"), []);
    assert.deepEqual(await ids("?last_change__gte=2100-01-01"), []);
    assert.equal((await world.get("/organization/?nam=x")).status, 400);
    assert.equal((await world.get("/organization/?name=%00")).status, 400, "no database takes it");
    assert.equal((await world.get("/user/username/%00/")).status, 404);
    const page = (await world.get("/organization/?limit=1&cursor=", { token: mine.token })).body;
    assert.equal(page.results[0].id, mine.id);
    assert.match(page.next, /limit=1&cursor=/);
  });

  it("shows a token its own organization, and needs the scope for it", async () => {
    const answer = await world.get("/me/organization/", { token: mine.token });
    assert.equal(answer.body.id, mine.id);
    const etag = String(answer.headers["etag"]);
    assert.equal((await world.get("/me/organization/", { token: mine.token, headers: { "if-none-match": etag } })).status, 304);
    const blind = await world.post("/api_token/", { name: "blind", scopes: ["user:read"] }, { token: mine.token });
    assert.equal((await world.get("/me/organization/", { token: blind.body.token })).status, 403);
  });

  it("answers 404 for what lies outside the tree, whatever is asked of it", async () => {
    for (const { id } of [neighbour, foreign, { id: 1 }]) {
      const path = `/organization/${id}/`;
      const token = mine.token;
      assert.equal((await world.get(path, { token })).status, 404);
      assert.equal((await world.put(path, { slug: "taken-over", name: "x" }, { token })).status, 404);
      assert.equal((await world.patch(path, { name: "x" }, { token })).status, 404);
      assert.equal((await world.delete(path, { token })).status, 404);
      await refused(world.post("/organization/", { slug: "intruder", name: "x", parent: id }, { token }), 400, "parent");
    }
  });

  it("names every faulty field at once", async () => {
    const answer = await world.post("/organization/", { slug: "123", is_active: "yes", nam: "x" });
    assert.equal(answer.status, 400);
    assert.deepEqual(Object.keys(answer.body.errors).sort(), ["is_active", "nam", "name", "slug"]);
    const both = await world.post("/organization/", { slug: "mine", name: "x", parent: "nowhere" });
    assert.deepEqual(Object.keys(both.body.errors), ["parent"], "beside whom the slug would stand is not known");
    await refused(world.post("/organization/", { slug: "second-root", name: "x", parent: null }), 400, "parent");
  });

  it("opens a namespace with own_usernames, in which usernames repeat, and never changes that later", async () => {
    const own = await makeTenant(world, "own-space", { own_usernames: true });
    for (const token of [mine.token, own.token]) {
      assert.equal((await world.post("/user_token/", { username: "guest1" }, { token })).status, 201);
    }
    await refused(world.patch(`/organization/${own.id}/`, { own_usernames: false }), 400, "own_usernames");
    await refused(world.patch(`/organization/${mine.id}/`, { own_usernames: true }), 400, "own_usernames");
    assert.equal((await world.patch(`/organization/${own.id}/`, { own_usernames: true })).status, 200);
  });

  it("replaces by PUT what the document shows, and takes back what GET gave without a change", async () => {
    const made = await create({ description: "old", is_active: false });
    const path = `/organization/${made.id}/`;
    const put = await world.put(path, { slug: made.slug, name: "New" }, { token: mine.token });
    assert.deepEqual([put.body.name, put.body.description, put.body.is_active, put.body.parent], ["New", null, false, mine.id]);
    await refused(world.put(path, { name: "x" }, { token: mine.token }), 400, "slug");
    for (const shown of [path, `/organization/${mine.id}/`, "/organization/1/"]) {
      const token = shown === "/organization/1/" ? undefined : mine.token;
      const options = token === undefined ? {} : { token };
      const read = await world.get(shown, options);
      const back = await world.put(shown, read.body, options);
      assert.deepEqual([back.status, back.body, back.headers["etag"]], [200, read.body, read.headers["etag"]]);
    }
  });

  it("honours If-Match: a stale tag changes and deletes nothing", async () => {
    const one = await create();
    const path = `/organization/${one.id}/`;
    const etag = String((await world.get(path)).headers["etag"]);
    assert.equal((await world.patch(path, { name: "Second" }, { headers: { "if-match": etag } })).status, 200);
    assert.equal((await world.patch(path, { name: "Third" }, { headers: { "if-match": etag } })).status, 412);
    assert.equal((await world.delete(path, { headers: { "if-match": etag } })).status, 412);
    assert.equal((await world.get(path)).body.name, "Second");
  });

  it("moves an organization with all below it, and tokens see the new tree at once", async () => {
    const from = await makeTenant(world, "from", { parent: mine.id });
    const to = await makeTenant(world, "to", { parent: mine.id });
    const moved = await create({ parent: from.id });
    const below = await create({ parent: moved.id });
    assert.equal((await world.get(`/organization/${below.id}/`, { token: from.token })).status, 200);
    assert.equal((await world.patch(`/organization/${moved.id}/`, { parent: "to" }, { token: mine.token })).body.parent, to.id);
    assert.equal((await world.get(`/organization/${below.id}/`, { token: from.token })).status, 404);
    assert.equal((await world.get(`/organization/${below.id}/`, { token: to.token })).status, 200);
  });

  it("never moves below itself, to another namespace, or the root organization; nor a token's own one", async () => {
    const top = await create();
    const below = await create({ parent: top.id });
    const own = await create({ own_usernames: true });
    const inOwn = await create({ parent: own.id });
    for (const [id, parent] of [
      [top.id, below.id],
      [top.id, top.id],
      [top.id, own.id],
      [inOwn.id, top.id],
      [top.id, null],
      [mine.id, top.id],
    ]) {
      await refused(world.patch(`/organization/${id}/`, { parent }, { token: mine.token }), 400, "parent");
    }
    await refused(world.patch("/organization/1/", { parent: mine.id }), 400, "parent");
    assert.equal((await world.patch(`/organization/${own.id}/`, { parent: top.id }, { token: mine.token })).status, 200);
  });

  it("never makes a circle of two moves at once", async () => {
    const [a, b] = [await create(), await create()];
    const answers = await Promise.all([
      world.patch(`/organization/${a.id}/`, { parent: b.id }),
      world.patch(`/organization/${b.id}/`, { parent: a.id }),
    ]);
    assert.deepEqual(answers.map((answer) => answer.status).sort(), [200, 400]);
  });

  it("never leaves an organization below one that was deleted at the same time", async () => {
    const parent = await create();
    const [child, gone] = await Promise.all([
      world.post("/organization/", { slug: `below-${parent.id}`, name: "x", parent: parent.id }),
      world.delete(`/organization/${parent.id}/`),
    ]);
    assert.ok([`201 409`, `400 204`].includes(`${child.status} ${gone.status}`), `${child.status} ${gone.status}`);
  });

  it("never leaves an account in an organization that was deleted at the same time", async () => {
    const one = await create();
    const [user, gone] = await Promise.all([
      world.post("/user/", { username: `of-${one.id}`, organization: one.id }),
      world.delete(`/organization/${one.id}/`),
    ]);
    assert.ok(["201 409", "400 204"].includes(`${user.status} ${gone.status}`), `${user.status} ${gone.status}`);
  });

  it("deletes an empty organization, its revoked tokens with it; the trail stays", async () => {
    const one = await create();
    const token = (await world.post("/api_token/", { name: "x", organization: one.id, scopes: ["user:read"] })).body;
    const body = await refused(world.delete(`/organization/${one.id}/`), 409);
    assert.match(body.detail, /1 API token\./);
    assert.equal((await world.delete(`/api_token/${token.id}/`)).status, 204);
    assert.equal((await world.delete(`/organization/${one.id}/`)).status, 204);
    assert.equal((await world.delete(`/organization/${one.id}/`)).status, 404);
    const trail = await world.app.database.reader
      .selectFrom("audit_entry")
      .select("operation")
      .where("organization_id", "=", one.id)
      .execute();
    assert.deepEqual(trail.map((row) => row.operation).sort(), [
      "api_token_create",
      "api_token_delete",
      "organization_create",
      "organization_delete",
    ]);
  });

  it("refuses to delete an organization in use and says how many of what it has", async () => {
    const one = await makeTenant(world, "busy", { parent: mine.id });
    await create({ parent: one.id });
    await world.post("/user/", { username: "busy-1", organization: one.id });
    await world.post("/user/", { username: "busy-2", organization: one.id, is_active: false });
    await world.post("/aaa_profile/", { short_name: "busy", organization: one.id });
    const body = await refused(world.delete(`/organization/${one.id}/`), 409);
    assert.equal(body.code, "organization.in_use");
    assert.equal(body.detail, "The organization has 1 organization below it, 1 API token, 1 AAA profile, and 2 users.");
  });

  it("never deletes the root organization or the token's own", async () => {
    assert.equal((await refused(world.delete("/organization/1/"), 409)).code, "organization.in_use");
    assert.equal((await refused(world.delete(`/organization/${mine.id}/`, { token: mine.token }), 409)).code, "organization.in_use");
    assert.equal((await world.patch(`/organization/${mine.id}/`, { description: "changed" }, { token: mine.token })).status, 200);
  });

  it("leaves an audit row, an event and a new version with each change, and nothing where nothing changed", async () => {
    const one = await create();
    const path = `/organization/${one.id}/`;
    const tags = [(await world.get(path)).headers["etag"]];
    for (const name of ["Changed", "Changed"]) tags.push((await world.patch(path, { name })).headers["etag"]);
    assert.deepEqual(tags, [`"${one.id}.1.organization"`, `"${one.id}.2.organization"`, `"${one.id}.2.organization"`]);
    const events = await world.app.database.reader
      .selectFrom("outbox_event")
      .innerJoin("audit_entry", "audit_entry.id", "outbox_event.audit_entry_id")
      .select(["event", "after"])
      .where("outbox_event.resource_id", "=", one.id)
      .where("audit_entry.resource", "=", "organization")
      .orderBy("outbox_event.id")
      .execute();
    assert.deepEqual(
      events.map((row) => row.event),
      ["organization.created", "organization.updated"],
    );
    assert.equal(JSON.parse(events[1]!.after!).name, "Changed");
  });

  it("does not move away from AAA profiles that its users have from above", async () => {
    const top = await create();
    const moving = await create({ parent: top.id });
    const elsewhere = await create();
    assert.equal((await world.post("/aaa_profile/", { short_name: "from-above", organization: top.id })).status, 201);
    const user = await world.post("/user_token/", { username: "inheriting", organization: moving.id, profile: ["from-above"] });
    assert.equal(user.status, 201, JSON.stringify(user.body));
    const move = () => world.patch(`/organization/${moving.id}/`, { parent: elsewhere.id });
    const refusal = await move();
    assert.deepEqual([refusal.status, refusal.body.code], [409, "organization.in_use"]);
    assert.match(refusal.body.detail, /1 user /);
    assert.equal((await world.patch(`/user_token/${user.body.id}/`, { profile: [] })).status, 200);
    assert.equal((await move()).status, 200);
  });
});
