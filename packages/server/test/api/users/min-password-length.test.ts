import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { assertProblem } from "../../support/operations.ts";
import { makeTenant, type Tenant } from "../../support/tenants.ts";
import { type Answer, onEachDatabase, type World } from "../../support/world.ts";

const bcrypt = `$2b$04$${"x".repeat(53)}`;
const sentence = (least: number) => `Must have at least ${least} characters in this organization.`;

onEachDatabase("a least length of passwords", (open) => {
  let world: World;
  /** Asks for 12 characters; has a shop below it that says nothing, and one that asks for 4. */
  let strict: Tenant;
  let shop: Tenant;
  let easy: Tenant;
  let any: Tenant;
  /** Stands beside, and asks for nothing. */
  let neighbour: Tenant;
  before(async () => {
    world = await open();
    strict = await makeTenant(world, "strict", { min_password_length: 12 });
    shop = await makeTenant(world, "shop", { parent: strict.id });
    easy = await makeTenant(world, "easy", { parent: strict.id, min_password_length: 4 });
    any = await makeTenant(world, "any", { parent: strict.id, min_password_length: 0 });
    neighbour = await makeTenant(world, "neighbour");
  });
  after(() => world.close());

  let count = 0;
  const fresh = () => {
    count += 1;
    return `somebody-${count}`;
  };
  const tooShort = async (answer: Promise<Answer>, least: number, ...fields: readonly string[]) => {
    const { status, body } = await answer;
    assert.equal(status, 400, JSON.stringify(body));
    const named = fields.length === 0 ? ["password"] : fields;
    assert.deepEqual(body.errors, Object.fromEntries(named.map((field) => [field, [sentence(least)]])));
  };
  const taken = async (answer: Promise<Answer>, status = 201): Promise<Answer["body"]> => {
    const { status: found, body } = await answer;
    assert.equal(found, status, JSON.stringify(body));
    return body;
  };
  const userOf = async (organization: Tenant, fields: object = {}) =>
    (await taken(world.post("/user/", { organization: organization.id, username: fresh(), ...fields }))).id as number;
  const loginOf = async (username: string, password: string) =>
    (await world.post("/device_app_user_authenticate/", { username, password })).status;

  it("is none unless an organization states one, is shown as stated, and stays when a PUT leaves it out", async () => {
    const read = async ({ id }: Tenant) => (await world.get(`/organization/${id}/`)).body.min_password_length;
    assert.deepEqual(
      [await read(strict), await read(shop), await read(easy), await read(any), await read(neighbour)],
      [12, null, 4, 0, null],
    );
    const put = await taken(world.put(`/organization/${strict.id}/`, { slug: "strict", name: "Strict" }), 200);
    assert.equal(put.min_password_length, 12);
    await userOf(neighbour, { password: "1" });
    for (const wrong of [-1, 129, 1.5, "12", true]) {
      const answer = await world.patch(`/organization/${neighbour.id}/`, { min_password_length: wrong });
      assertProblem(answer, 400);
      assert.deepEqual(Object.keys(answer.body.errors), ["min_password_length"]);
    }
  });

  it("holds at every door where a password is set in clear", async () => {
    const organization = strict.id;
    for (const path of ["/user/", "/user_token/"]) {
      await tooShort(world.post(path, { organization, username: fresh(), password: "eleven-long" }), 12);
      await tooShort(world.post(path, { organization, username: fresh(), password: "$x", password_scheme: "clear" }), 12);
      const { id, username } = await taken(world.post(path, { organization, username: fresh(), password: "twelve-chars" }));
      await tooShort(world.put(`${path}${id}/`, { username, password: "eleven-long" }), 12);
      await tooShort(world.patch(`${path}${id}/`, { password: "eleven-long" }), 12);
      await tooShort(world.patch(`${path}${id}/`, { password: "short", email: "new@example.com" }), 12);
      await taken(world.patch(`${path}${id}/`, { password: "thirteen-long" }), 200);
      assert.equal((await world.get(`/user/${id}/`)).body.email ?? null, null, "nothing of a refused change is kept");
    }
    const username = fresh();
    const id = await userOf(strict, { username, password: "twelve-chars" });
    const told = await world.post("/device_app_user_update/", { data: { user_id: id, password: "eleven-long" } });
    assert.equal(told.status, 422, JSON.stringify(told.body));
    assert.deepEqual(told.body.errors, { password: [sentence(12)] });
    assert.equal(await loginOf(username, "twelve-chars"), 201);
    await taken(world.post("/device_app_user_update/", { data: { user_id: id, password: "thirteen-long" } }));
    assert.equal(await loginOf(username, "thirteen-long"), 201);
  });

  it("names each row of an array, and then makes or changes none", async () => {
    const row = (organization: number, password: string) => ({ organization, username: fresh(), password });
    const rows = [row(strict.id, "twelve-chars"), row(strict.id, "short"), row(neighbour.id, "short"), row(shop.id, "short too")];
    for (const path of ["/user/", "/user_token/"]) await tooShort(world.post(path, rows), 12, "1.password", "3.password");
    for (const { username } of rows) assert.equal((await world.get(`/user/username/${username}/`)).status, 404);
    const [own, other] = [await userOf(strict), await userOf(neighbour)];
    const changes = [own, other].map((id) => ({ id, password: "short" }));
    await tooShort(world.patch("/user_token/", changes), 12, "0.password");
    await tooShort(world.patch("/user/", changes), 12, "0.password");
    await taken(world.patch("/user/", [changes[1], { id: own, password: "twelve-chars" }]), 200);
  });

  it("says so beside the other faults of a request", async () => {
    const body = { organization: strict.id, username: fresh(), password: "short", profile: ["no-such"] };
    const answer = await world.post("/user_token/", body);
    assert.deepEqual(Object.keys(answer.body.errors).sort(), ["password", "profile"]);
    const unknown = await world.post("/user_token/", { ...body, organization: "nowhere", profile: [] }, { token: strict.token });
    assert.deepEqual(Object.keys(unknown.body.errors), ["organization"], "whose length it would be is not known");
  });

  it("is what the nearest organization above states: one below may ask for less, more, or for nothing", async () => {
    await tooShort(world.post("/user/", { organization: shop.id, username: fresh(), password: "eleven-long" }), 12);
    await tooShort(world.post("/user/", { organization: easy.id, username: fresh(), password: "abc" }), 4);
    await userOf(easy, { password: "abcd" });
    await userOf(any, { password: "a" });
  });

  it("counts characters as people do, not octets or UTF-16 units", async () => {
    await tooShort(world.post("/user/", { organization: easy.id, username: fresh(), password: "😀😀" }), 4);
    await tooShort(world.post("/user/", { organization: easy.id, username: fresh(), password: "яяя" }), 4);
    await userOf(easy, { password: "яяя😀" });
  });

  it("takes hashes, accounts without a password, and changes that set none", async () => {
    const hashed = await userOf(strict, { password: bcrypt });
    await userOf(strict, { password: "0cc175b9c0f1b6a831c399e269772661", password_scheme: "md5" });
    const without = await userOf(strict, { password: null });
    for (const id of [hashed, without]) await taken(world.patch(`/user/${id}/`, { email: null, password: null }), 200);
  });

  it("lets everybody in whose password is older, and asks for more when it changes", async () => {
    const username = fresh();
    const place = await makeTenant(world, "later-strict");
    const id = await userOf(place, { username, password: "old" });
    await taken(world.patch(`/organization/${place.id}/`, { min_password_length: 8 }), 200);
    assert.equal(await loginOf(username, "old"), 201);
    await taken(world.patch(`/user/${id}/`, { email: "x@example.com" }), 200);
    await tooShort(world.patch(`/user/${id}/`, { password: "old" }), 8);
    await taken(world.patch(`/organization/${place.id}/`, { min_password_length: null }), 200);
    await taken(world.patch(`/user/${id}/`, { password: "new" }), 200);
  });

  it("is that of the organization where the account is to be, and of its place in the tree", async () => {
    const id = await userOf(neighbour, { password: "short" });
    await tooShort(world.patch(`/user/${id}/`, { organization: strict.id, password: "short" }), 12);
    await taken(world.patch(`/user/${id}/`, { organization: strict.id }), 200);
    await tooShort(world.patch(`/user/${id}/`, { password: "short" }), 12);
    await taken(world.patch(`/user/${id}/`, { organization: neighbour.id, password: "short" }), 200);
    const moving = await makeTenant(world, "moving");
    const member = await userOf(moving, { password: "short" });
    await taken(world.patch(`/organization/${moving.id}/`, { parent: strict.id }), 200);
    await tooShort(world.patch(`/user/${member}/`, { password: "other" }), 12);
  });

  it("belongs to the organization and those above it: a neighbour neither sees nor sets it", async () => {
    const { token } = neighbour;
    const path = `/organization/${strict.id}/`;
    assert.equal((await world.patch(path, { min_password_length: 0 }, { token })).status, 404);
    assert.equal((await world.get(path, { token })).status, 404);
    await taken(world.post("/user/", { username: fresh(), password: "1" }, { token }));
    const own = await world.get(path, { token: strict.token });
    const stale = { token: strict.token, headers: { "if-match": '"0"' } };
    assert.equal((await world.patch(path, { min_password_length: 13 }, stale)).status, 412);
    const fits = { token: strict.token, headers: { "if-match": String(own.headers["etag"]) } };
    const changed = await world.patch(path, { min_password_length: 13 }, fits);
    assert.deepEqual([changed.status, changed.body.min_password_length], [200, 13]);
    assert.notEqual(changed.headers["etag"], own.headers["etag"]);
    await taken(world.patch(path, { min_password_length: 12 }, { token: strict.token }), 200);
    await tooShort(world.post("/user/", { username: fresh(), password: "short" }, { token: strict.token }), 12);
  });
});
