import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { makeAccount } from "../support/network.ts";
import { makeTenant, type Tenant } from "../support/tenants.ts";
import { type Answer, onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("the app's update call of an organization with others below that have usernames of their own", (open) => {
  let world: World;
  let mall: Tenant;
  let hotel: Tenant;
  let ours: number;
  let theirs: number;
  before(async () => {
    world = await open();
    mall = await makeTenant(world, "mall", { own_usernames: true });
    hotel = await makeTenant(world, "hotel", { parent: mall.id, own_usernames: true });
    ours = await makeAccount(world, { username: "guest1", organization: mall.id });
    theirs = await makeAccount(world, { username: "guest1", organization: hotel.id });
  });
  after(() => world.close());

  const send = (data: object, token: string): Promise<Answer> => world.post("/device_app_user_update/", { data }, { token });
  const refused = ({ status, body }: Answer, expected: number) => assert.equal(status, expected, JSON.stringify(body));
  const rules = (login_rules: unknown) => world.patch(`/organization/${mall.id}/`, { login_rules }, { token: mall.token });
  /** Which of the users an update changed. */
  const changed = async (update: object, token = mall.token): Promise<number[]> => {
    const mark = `mark ${Math.random()}`;
    const answer = await send({ ...update, user_class: mark }, token);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return (await world.get(`/user_token/?klass=${encodeURIComponent(mark)}`)).body.results.map((user: { id: number }) => user.id);
  };

  it("means by a username whom a login with the token means, whatever those below call their users", async () => {
    assert.deepEqual(await changed({ username: "guest1" }), [ours]);
    assert.deepEqual(await changed({ username: "GUEST1@hotel" }), [theirs]);
    assert.deepEqual(await changed({ username: "guest1" }, hotel.token), [theirs]);
    refused(await send({ username: "guest1@elsewhere", user_class: "x" }, mall.token), 404);
    const alone = await makeAccount(world, { username: "alone", organization: hotel.id });
    assert.deepEqual(await changed({ username: "alone" }), [alone]);
    await rules([
      { realm: null, organization: mall.id },
      { realm: "stars", organization: hotel.id },
    ]);
    assert.deepEqual(await changed({ username: "guest1" }), [ours]);
    assert.deepEqual(await changed({ username: "guest1@stars" }), [theirs]);
    refused(await send({ username: "guest1@hotel", user_class: "x" }, mall.token), 404);
    refused(await send({ username: "alone", user_class: "x" }, mall.token), 404);
    await rules([]);
  });

  it("means by a number its own namespace's owner first, and moves it there alone", async () => {
    const number = "+4915112345999";
    assert.deepEqual(await changed({ username: "guest1", number }), [ours]);
    assert.deepEqual(await changed({ username: "guest1", number }, hotel.token), [theirs]);
    assert.deepEqual(await changed({ number }), [ours]);
    assert.deepEqual(await changed({ number }, hotel.token), [theirs]);
    assert.deepEqual(await changed({ user_id: theirs, number }), [theirs]);
    assert.deepEqual(await changed({ number }), [ours]);
  });

  it("renames and gives external ids, whatever those below have taken", async () => {
    await makeAccount(world, { username: "taken-below", organization: hotel.id, external_id: "below" });
    assert.deepEqual(await changed({ user_id: ours, username: "taken-below", user_external_id: "below" }), [ours]);
    assert.deepEqual(await changed({ username: "taken-below", user_external_id: "below" }), [ours]);
    refused(await send({ user_external_id: "below", user_class: "x" }, mall.token), 409);
    refused(await send({ user_id: theirs, username: "taken-below" }, mall.token), 409);
  });
});
