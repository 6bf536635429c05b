import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { ask, makeAccount, makeClient, pap } from "../../support/network.ts";
import { makeTenant, type Tenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

onEachDatabase("a tenant beside a flooding one", (open) => {
  let world: World;
  let flooding: Tenant;
  let quiet: Tenant;
  let client: AaaClient;
  before(async () => {
    world = await open();
    flooding = await makeTenant(world, "flooding", { own_usernames: true });
    quiet = await makeTenant(world, "quiet", { own_usernames: true });
    client = await makeClient(world, quiet.id);
    for (let index = 0; index < 10; index += 1) await makeAccount(world, { username: `guest-${index}`, organization: quiet.id });
  });
  after(() => world.close());

  /** Asks for each guest, at the client and by the app, one after the other. */
  const logIn = async () => {
    for (let index = 0; index < 5; index += 1) {
      assert.equal((await ask(world, client, { userName: `guest-${index}` })).outcome, "accept");
      const login = await world.post("/device_app_user_authenticate/", { username: `guest-${index + 5}`, password: "secret" }, quiet);
      assert.equal(login.status, 201, JSON.stringify(login.body));
    }
  };
  const settled = (work: Promise<unknown>) => {
    const state = { isOver: false };
    void work.finally(() => {
      state.isOver = true;
    });
    return state;
  };

  it("is served while long arrays of passwords are hashed, and other calls of the same token too", async () => {
    const arrays = Promise.all(
      [0, 1, 2].map((array) =>
        world.post(
          "/user_token/",
          Array.from({ length: 60 }, (_, index) => ({ username: `row-${array}-${index}`, password: `password-${index}` })),
          flooding,
        ),
      ),
    );
    const state = settled(arrays);
    await logIn();
    const single = await world.post("/user_token/", { username: "single", password: "secret" }, flooding);
    assert.deepEqual([single.status, state.isOver], [201, false]);
    assert.deepEqual(
      (await arrays).map(({ status }) => status),
      [201, 201, 201],
    );
  });

  it("is served while another's client shows wrong passwords, and so are that one's other devices", async () => {
    const theirs = await makeClient(world, flooding.id);
    await makeAccount(world, { username: "campus", organization: flooding.id });
    const wrong = Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        ask(world, theirs, { userName: `old-${index}`, credential: pap("wrong"), device: "02-00-00-00-00-01" }),
      ),
    );
    const state = settled(wrong);
    await logIn();
    assert.equal((await ask(world, theirs, { userName: "campus", device: "02-00-00-00-00-02" })).outcome, "accept");
    assert.equal(state.isOver, false);
    await wrong;
  });

  it("has its passwords looked at, whatever wrong ones a device shows at the same client or another", async () => {
    for (let index = 0; index < 15; index += 1) {
      await ask(world, client, { userName: "guest-1", credential: pap(`wrong-${index}`), device: "02-00-00-00-00-03" });
    }
    // Guesses beyond the free ones are slowed, and lock nobody out: what is right is let in, there and elsewhere.
    assert.equal((await ask(world, client, { userName: "guest-1", device: "02-00-00-00-00-03" })).outcome, "accept");
    assert.equal((await ask(world, client, { userName: "guest-1", device: "02-00-00-00-00-04" })).outcome, "accept");
    assert.equal((await ask(world, await makeClient(world, quiet.id), { userName: "guest-1" })).outcome, "accept");
  });
});
