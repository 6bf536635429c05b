import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { ask, decisionOf, makeAccount, makeClient, pap, reasonOf, replied, report } from "../../support/network.ts";
import { makeTenant, type Tenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

onEachDatabase("names at shared equipment", (open) => {
  let world: World;
  let mall: Tenant;
  let cafe: Tenant;
  let hotel: Tenant;
  let shared: AaaClient;
  before(async () => {
    world = await open();
    mall = await makeTenant(world, "mall", { own_usernames: true });
    cafe = await makeTenant(world, "cafe", { parent: mall.id, own_usernames: true });
    hotel = await makeTenant(world, "hotel", { parent: mall.id, own_usernames: true });
    shared = await makeClient(world, mall.id);
  });
  after(() => world.close());

  const setRules = async (login_rules: unknown, { id, token } = mall) => {
    const answer = await world.patch(`/organization/${id}/`, { login_rules }, { token });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.login_rules;
  };
  const user = (tenant: Tenant, username: string, fields: object = {}) =>
    makeAccount(world, { username, organization: tenant.id, password: `of ${tenant.id}`, ...fields });
  /** Who gets in by a name: the account's id, or the reason why nobody does. The password is the tenant's. */
  const means = async (userName: string, tenant: Tenant, client = shared) => {
    const answer = await ask(world, client, { userName, credential: pap(`of ${tenant.id}`) });
    const decision = await decisionOf(world, answer);
    return decision.outcome === "accept" ? decision.user : decision.reason;
  };

  it("are refused where rules leave them out, and mean one organization's accounts where a rule names it", async () => {
    const ours = await user(mall, "guest1");
    const theirs = await user(cafe, "guest1");
    const others = await user(hotel, "guest1");
    await setRules([
      { realm: null, organization: mall.id },
      { realm: "Cafe.Example", organization: "cafe" },
      { realm: "HOTEL", organization: String(hotel.id), strip: true },
    ]);
    assert.equal(await means("guest1", mall), ours);
    for (const spelled of ["guest1@cafe.example", "GUEST1@CAFE.EXAMPLE", "cafe.example\\guest1"]) {
      assert.equal(await means(spelled, cafe), theirs, spelled);
      assert.equal(await means(spelled, mall), "wrong_credential", spelled);
    }
    for (const spelled of ["guest1@hotel", "Hotel\\guest1"]) assert.equal(await means(spelled, hotel), others, spelled);
    for (const spelled of ["guest1@cafe", "guest1@elsewhere", "cafe\\guest1", "guest1@", "\\guest1", "@", `guest1@${cafe.id}`]) {
      assert.equal(await means(spelled, mall), "unknown_realm", spelled);
    }
    assert.equal(await means("nobody@hotel", hotel), "unknown_user");
    assert.match(JSON.stringify((await decisionOf(world, await ask(world, shared, { userName: "x@y" }))).trace), /login rule/);
    await setRules([]);
  });

  it("under rules mean the same whatever siblings call their users and organizations", async () => {
    const theirs = await user(cafe, "stable");
    await setRules([
      { realm: null, organization: mall.id },
      { realm: "cafe", organization: cafe.id },
    ]);
    const before = [await means("stable@cafe", cafe), await means("stable", cafe)];
    assert.deepEqual(before, [theirs, "unknown_user"], "a rule means one namespace, and no other");
    for (const username of ["stable", "stable@cafe", "cafe"]) await user(hotel, username);
    await makeTenant(world, "cafe", { parent: hotel.id, own_usernames: true });
    assert.deepEqual([await means("stable@cafe", cafe), await means("stable", cafe)], before);
    assert.equal(await means("stable@cafe", hotel), "wrong_credential");
    await setRules([]);
  });

  it("keep their realm where a rule does not strip it, and a hardware address is one in every spelling", async () => {
    const mail = await user(hotel, "ann@mail.example");
    const device = await user(hotel, "AA-BB-CC-00-11-22");
    await user(cafe, "aa:bb:cc:00:11:22");
    await setRules([
      { realm: "mail.example", organization: hotel.id, strip: false },
      { realm: null, organization: hotel.id },
    ]);
    assert.equal(await means("Ann@Mail.Example", hotel), mail);
    for (const spelled of ["aabbcc001122", "AA:BB:CC:00:11:22", "aabb.cc00.1122"])
      assert.equal(await means(spelled, hotel), device, spelled);
    await setRules([]);
  });

  it("of an app and in a simulation follow the rules as well; other equipment's do not", async () => {
    const theirs = await user(cafe, "walker");
    await user(hotel, "walker");
    await setRules([{ realm: "c", organization: cafe.id }]);
    const login = (username: string, token = mall.token) =>
      world.post("/device_app_user_authenticate/", { username, password: `of ${cafe.id}` }, { token });
    assert.equal((await login("walker@c")).body.user_id, String(theirs));
    assert.equal((await login("walker")).body.code, "access.wrong_credential");
    assert.equal((await login("walker", cafe.token)).body.user_id, String(theirs), "the tenant's own token knows no rules");
    const imagined = await world.post("/access_decision/simulate/", { username: "walker@c", client: shared.id }, { token: mall.token });
    assert.equal(imagined.body.user, theirs, JSON.stringify(imagined.body));
    assert.equal(await means("walker", cafe, await makeClient(world, cafe.id)), theirs);
    assert.equal(await means("walker@unheard", cafe, await makeClient(world, cafe.id)), theirs);
    await setRules([]);
  });

  it("let nobody in by a rule whose organization has moved away", async () => {
    const market = await makeTenant(world, "market", { own_usernames: true });
    const stall = await makeTenant(world, "stall", { parent: market.id });
    const elsewhere = await makeTenant(world, "elsewhere", { parent: market.id });
    const client = await makeClient(world, elsewhere.id);
    const inner = await makeTenant(world, "inner", { parent: elsewhere.id });
    const id = await user(inner, "mover");
    const rules = await setRules([{ realm: null, organization: "inner" }], elsewhere);
    assert.equal(await means("mover", inner, client), id);
    assert.equal((await world.patch(`/organization/${inner.id}/`, { parent: stall.id }, { token: market.token })).status, 200);
    assert.equal(await means("mover", inner, client), "unknown_realm");
    const shown = (await world.get(`/organization/${elsewhere.id}/`, { token: elsewhere.token })).body;
    assert.deepEqual(shown.login_rules, rules);
    assert.equal(
      (await world.put(`/organization/${elsewhere.id}/`, shown, { token: elsewhere.token })).status,
      200,
      "it goes back as it was shown",
    );
  });

  it("without rules mean the equipment's own accounts first, whatever tenants below call theirs", async () => {
    const ours = await user(mall, "director");
    const device = await user(mall, "02:00:00:00:00:01");
    assert.equal(await means("director", mall), ours);
    for (const tenant of [cafe, hotel]) {
      for (const username of ["director", "director@office", "020000000001"]) await user(tenant, username);
    }
    await makeTenant(world, "office", { parent: hotel.id, own_usernames: true });
    assert.equal(await means("director", mall), ours);
    assert.equal(await means("director@office", mall), ours);
    assert.equal(await means("OFFICE\\director", mall), ours);
    assert.equal(await means("02-00-00-00-00-01", mall), device);
  });

  it("without rules take a realm for the slug of an organization directly below, which no sibling can take or imitate", async () => {
    const theirs = await user(cafe, "regular");
    await user(hotel, "regular");
    await user(hotel, "regular@cafe");
    await makeTenant(world, "cafe-2", { parent: hotel.id, own_usernames: true });
    assert.equal(await means("regular@cafe", cafe), theirs);
    assert.equal(await means("Cafe\\regular", cafe), theirs);
    assert.equal(await means("regular@cafe", hotel), "wrong_credential");
    const take = await world.patch(`/organization/${hotel.id}/`, { slug: "office" }, { token: hotel.token });
    assert.deepEqual([take.status, take.body.code], [403, "organization.above_only"]);
  });

  it("without rules and in one namespace mean the user of whom the realm names, not a sibling's user called just so", async () => {
    const town = await makeTenant(world, "town", { own_usernames: true });
    const north = await makeTenant(world, "north", { parent: town.id });
    const south = await makeTenant(world, "south", { parent: town.id });
    const client = await makeClient(world, town.id);
    const bob = await user(north, "bob");
    assert.equal(await means("bob@north", north, client), bob);
    for (const username of ["bob@north", "eve@north"]) await user(south, username);
    assert.equal(await means("bob@north", north, client), bob);
    assert.notEqual(await means("eve@north", south, client), "unknown_user", "whom nobody there is called like");
    const mayor = await user(town, "mayor@north");
    await user(north, "mayor");
    assert.equal(await means("mayor@north", town, client), mayor, "the equipment's own organization comes before all");
    const whole = await user(north, "ann@north");
    assert.equal(await means("ann@north", north, client), whole);
  });

  it("without rules are refused where two tenants below have one, with a hint at what tells them apart", async () => {
    const theirs = await user(cafe, "lonely");
    assert.equal(await means("lonely", cafe), theirs);
    assert.equal(await means("lonely@anywhere", cafe), theirs);
    await user(hotel, "lonely");
    for (const name of ["lonely", "lonely@anywhere"]) {
      const answer = await ask(world, shared, { userName: name, credential: pap(`of ${cafe.id}`) });
      assert.equal(await reasonOf(world, answer), "ambiguous_user");
      assert.match(JSON.stringify((await decisionOf(world, answer)).trace), /[Ll]ogin rules/);
    }
  });

  it("of a login that FreeRADIUS checks are those of the ticket when it says what came of it", async () => {
    const keeping = await makeTenant(world, "keeping", { parent: mall.id, own_usernames: true, reversible_secrets: true });
    const id = await user(keeping, "checked-there", { user_time: 600 });
    const attributes = { "MS-CHAP-Challenge": ["0x00"], "Calling-Station-Id": ["02-00-00-00-02-00"] };
    const request = {
      client: shared,
      source: "freeradius",
      userName: "checked-there",
      credential: { method: "deferred" },
      attributes,
    } as const;
    const answer = await world.app.services.networkAccess.access.authorize(request);
    const told = { ...attributes, Class: [replied(answer, "Class")!] };
    for (const tenant of [hotel, mall]) await user(tenant, "checked-there");
    const reservations = async () =>
      (await world.app.database.reader.selectFrom("reservation").select("station").where("user_id", "=", id).execute()).length;
    assert.equal(await reservations(), 1);
    await world.app.services.networkAccess.access.conclude({ ...request, attributes: told }, "accept");
    await world.app.flush();
    assert.notEqual((await world.get(`/user_token/${id}/`)).body.last_login, null);
    await world.app.services.networkAccess.access.conclude({ ...request, attributes: told }, "reject");
    assert.equal(await reservations(), 0);
  });

  it("of a session that was let in before a namesake came are billed to whom was let in, with a ticket or without", async () => {
    for (const [index, way] of ["ticket", "reservation", "decision"].entries()) {
      const name = `billed-${way}`;
      const device = `02-00-00-00-01-0${index}`;
      const id = await user(cafe, name, { user_time: 3_600 });
      const answer = await ask(world, shared, { userName: name, device, credential: pap(`of ${cafe.id}`) });
      const ticket = replied(answer, "Class")!;
      await world.app.flush();
      if (way === "decision")
        await world.app.database.write((handle) => handle.deleteFrom("reservation").where("user_id", "=", id).execute());
      // One more tenant below, and the equipment's own organization: the first makes the name ambiguous, the second takes it.
      await user(hotel, name, { user_time: 3_600 });
      await user(mall, name, { user_time: 3_600 });
      const attributes: Record<string, string[]> = way === "ticket" ? { Class: [ticket] } : {};
      const nowMs = Date.now();
      const session = { id: `${way}-session`, userName: name, device, attributes };
      await report(world, shared, "Start", { ...session, eventMs: nowMs - 60_000, receivedAtMs: nowMs - 60_000 });
      await report(world, shared, "Stop", { ...session, seconds: 60, eventMs: nowMs });
      const balance = (await world.get(`/user_token/${id}/?balance=true`)).body.user_time;
      assert.equal(balance, 3_540, way);
    }
  });
});
