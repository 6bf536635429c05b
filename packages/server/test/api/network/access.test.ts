import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, it } from "node:test";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { ask, decisionOf, makeAccount, makeClient, pap, reasonOf, replied, storeUnjudged } from "../../support/network.ts";
import { makeTenant, type Tenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

onEachDatabase("network equipment that asks", (open) => {
  let world: World;
  let cafe: Tenant;
  let client: AaaClient;
  before(async () => {
    world = await open();
    cafe = await makeTenant(world, "cafe", { own_usernames: true });
    client = await makeClient(world, cafe.id);
  });
  after(() => world.close());

  const profile = async (short_name: string, fields: object, organization = cafe.id) => {
    const answer = await world.post("/aaa_profile/", { short_name, organization, ...fields });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
  };
  const user = (username: string, fields: object = {}) => makeAccount(world, { username, organization: cafe.id, ...fields });
  const outcome = async (...asking: Parameters<typeof ask>) => {
    const answer = await ask(...asking);
    return answer.outcome === "accept" ? "accept" : reasonOf(world, answer);
  };

  it("is told yes for the right password, with what the profiles say in their order", async () => {
    await profile("fast", { reply: [{ attribute: "WISPr-Bandwidth-Max-Down", op: ":=", value: "50000000" }] });
    await profile("kept", {
      reply: [
        { attribute: "Idle-Timeout", op: ":=", value: "300" },
        { attribute: "WISPr-Bandwidth-Max-Down", op: ":=", value: "1000" },
      ],
    });
    await user("guest1", { profile: ["fast", "kept"] });
    const answer = await ask(world, client, { userName: "GUEST1", device: "AA-BB-CC-00-00-01" });
    assert.deepEqual(
      ["WISPr-Bandwidth-Max-Down", "Idle-Timeout", "Session-Timeout", "Acct-Interim-Interval"].map((name) => replied(answer, name)),
      ["1000", "300", undefined, "600"],
    );
    assert.match(replied(answer, "Class")!, /^gh1\./);
    assert.equal(await outcome(world, client, { userName: "guest1", credential: pap("wrong") }), "wrong_credential");
    assert.equal(await outcome(world, client, { userName: "guest2" }), "unknown_user");
    assert.equal(await outcome(world, client, { userName: "guest1", credential: { method: "none" } }), "no_credential");
  });

  it("learns of a wrong password and of an unknown user the same, and of the account only with the right password", async () => {
    await user("sleeping", { is_active: false });
    const messageOf = async (userName: string, password: string) => {
      const answer = await ask(world, client, { userName, credential: pap(password) });
      return answer.outcome === "reject" ? answer.message : "";
    };
    assert.equal(await messageOf("sleeping", "wrong"), await messageOf("nobody", "wrong"));
    assert.notEqual(await messageOf("sleeping", "secret"), await messageOf("nobody", "secret"));
    assert.equal(await outcome(world, client, { userName: "sleeping" }), "inactive");
  });

  it("finds its organization's users and those below, and nobody else's of the same name", async () => {
    const below = await makeTenant(world, "terrace", { parent: cafe.id });
    const own = await makeTenant(world, "franchise", { parent: cafe.id, own_usernames: true });
    const other = await makeTenant(world, "other-cafe", { own_usernames: true });
    const elsewhere = await makeClient(world, other.id);
    await makeAccount(world, { username: "same", organization: cafe.id, password: "of the cafe" });
    await makeAccount(world, { username: "same", organization: other.id, password: "of the other" });
    await makeAccount(world, { username: "below", organization: below.id });
    await makeAccount(world, { username: "franchised", organization: own.id });
    await makeAccount(world, { username: "same", organization: own.id, password: "of the franchise" });
    assert.equal(await outcome(world, client, { userName: "same", credential: pap("of the cafe") }), "accept");
    assert.equal(await outcome(world, client, { userName: "same", credential: pap("of the other") }), "wrong_credential");
    assert.equal(await outcome(world, elsewhere, { userName: "same", credential: pap("of the other") }), "accept");
    assert.equal(await outcome(world, elsewhere, { userName: "below" }), "unknown_user");
    assert.equal(await outcome(world, client, { userName: "below" }), "accept");
    assert.equal(await outcome(world, client, { userName: "franchised" }), "accept");
    assert.equal(await outcome(world, client, { userName: "same@franchise", credential: pap("of the franchise") }), "accept");
    const terrace = await makeClient(world, below.id);
    assert.equal(await outcome(world, terrace, { userName: "same", credential: pap("of the cafe") }), "unknown_user");
  });

  it("finds no one of several namesakes below it, unless the realm says which", async () => {
    const chain = await makeTenant(world, "chain", { own_usernames: true });
    const shops = [];
    for (const slug of ["shop-a", "shop-b"]) shops.push(await makeTenant(world, slug, { parent: chain.id, own_usernames: true }));
    for (const { id } of shops) await makeAccount(world, { username: "twin", organization: id, password: `of ${id}` });
    const head = await makeClient(world, chain.id);
    const credential = pap(`of ${shops[1]!.id}`);
    assert.equal(await outcome(world, head, { userName: "twin", credential }), "ambiguous_user");
    assert.equal(await outcome(world, head, { userName: "twin@shop-b", credential }), "accept");
    assert.equal(await outcome(world, head, { userName: "SHOP-B\\twin", credential }), "accept");
    assert.equal(await outcome(world, head, { userName: "twin@shop-a", credential }), "wrong_credential");
  });

  it("strips a realm only where nobody has the whole name", async () => {
    await user("mail@example.com", { password: "whole" });
    await user("mail", { password: "stripped" });
    assert.equal(await outcome(world, client, { userName: "mail@example.com", credential: pap("whole") }), "accept");
    assert.equal(await outcome(world, client, { userName: "mail@example.com", credential: pap("stripped") }), "wrong_credential");
    assert.equal(await outcome(world, client, { userName: "mail@elsewhere.org", credential: pap("stripped") }), "accept");
    for (const userName of ["@", "@cafe", "mail@", "\\mail", "mail\\", "", "mail\u0000", "x".repeat(300), "\ud800"]) {
      const expected = ["mail@", "\\mail"].includes(userName) ? "accept" : "unknown_user";
      assert.equal(await outcome(world, client, { userName, credential: pap("stripped") }), expected, JSON.stringify(userName));
    }
  });

  it("lets a device in by its hardware address, in any spelling, if its account has no password", async () => {
    await makeAccount(world, { username: "AA-BB-CC-DD-EE-01", organization: cafe.id, password: null });
    const device = "aabb.ccdd.ee01";
    const none = { method: "none" } as const;
    for (const userName of ["aa:bb:cc:dd:ee:01", "AA-BB-CC-DD-EE-01", "aabb.ccdd.ee01", "AABBCC-DDEE01", "aabbccddee01"]) {
      assert.equal(await outcome(world, client, { userName, device, credential: pap(userName) }), "accept", userName);
      assert.equal(await outcome(world, client, { userName, device, credential: none }), "accept", userName);
    }
    const userName = "aabbccddee01";
    const callCheck = { "Service-Type": ["Call-Check"] };
    assert.equal(await outcome(world, client, { userName, attributes: callCheck, credential: pap("shared") }), "accept");
    assert.equal(await outcome(world, client, { userName, device: "AA-BB-CC-DD-EE-02", credential: pap(userName) }), "wrong_credential");
    assert.equal(await outcome(world, client, { userName, credential: pap(userName) }), "wrong_credential");
    assert.equal(await outcome(world, client, { userName, device, credential: pap("guess") }), "wrong_credential");
    await makeAccount(world, { username: "AA-BB-CC-DD-EE-03", organization: cafe.id, password: "secret" });
    assert.equal(
      await outcome(world, client, { userName: "aabbccddee03", device: "aabbccddee03", credential: pap("aabbccddee03") }),
      "wrong_credential",
    );
    assert.equal(await outcome(world, client, { userName: "aabbccddee03", device: "aabbccddee03" }), "accept");
  });

  it("checks CHAP where the organization keeps reversible secrets, and nowhere else", async () => {
    const challenge = Buffer.from("0123456789abcdef");
    const chap = (password: string) => {
      const response = createHash("md5")
        .update(Buffer.from([7]))
        .update(password)
        .update(challenge)
        .digest();
      return { method: "chap", identifier: 7, challenge, response } as const;
    };
    await user("chap1");
    assert.equal(await outcome(world, client, { userName: "chap1", credential: chap("secret") }), "no_reversible_secret");
    await world.patch(`/organization/${cafe.id}/`, { reversible_secrets: true });
    assert.equal(await outcome(world, client, { userName: "chap1", credential: chap("secret") }), "no_reversible_secret");
    assert.equal(await outcome(world, client, { userName: "chap1" }), "accept");
    await world.app.flush();
    assert.equal(await outcome(world, client, { userName: "chap1", credential: chap("secret") }), "accept", "kept since its good login");
    assert.equal(await outcome(world, client, { userName: "chap1", credential: chap("wrong") }), "wrong_credential");
    assert.equal(await outcome(world, client, { userName: "nobody", credential: chap("secret") }), "unknown_user");
    const short = { ...chap("secret"), response: Buffer.alloc(3) };
    assert.equal(await outcome(world, client, { userName: "chap1", credential: short }), "wrong_credential");
    const deferred = await ask(world, client, { userName: "chap1", credential: { method: "deferred" } });
    assert.equal(deferred.outcome === "accept" && deferred.secret, "secret");
    assert.equal(await outcome(world, client, { userName: "guest1", credential: { method: "deferred" } }), "no_reversible_secret");
    await world.patch(`/organization/${cafe.id}/`, { reversible_secrets: false });
  });

  it("is refused for users that expired, have no time left, or whose organization is switched off", async () => {
    await user("expired", { expiration: "2020-01-01" });
    await user("empty", { user_time: 0 });
    assert.equal(await outcome(world, client, { userName: "expired" }), "expired");
    assert.equal(await outcome(world, client, { userName: "empty" }), "no_time_left");
    const closed = await makeTenant(world, "closed-terrace", { parent: cafe.id });
    await makeAccount(world, { username: "outside", organization: closed.id });
    assert.equal(await outcome(world, client, { userName: "outside" }), "accept");
    await world.patch(`/organization/${closed.id}/`, { is_active: false });
    assert.equal(await outcome(world, client, { userName: "outside" }), "inactive");
  });

  it("gets shares of a balance: 600 s, 300 s, 200 s; a device that asks again keeps its own", async () => {
    await user("shared", { user_time: 600 });
    const timeout = async (device: string) => replied(await ask(world, client, { userName: "shared", device }), "Session-Timeout");
    assert.equal(await timeout("AA-00-00-00-00-01"), "600");
    assert.equal(await timeout("aa:00:00:00:00:01"), "600");
    assert.equal(await timeout("AA-00-00-00-00-02"), "300");
    assert.equal(await timeout("AA-00-00-00-00-03"), "200");
    const { body } = await world.get(`/user_token/?username=shared&balance=true`, { token: cafe.token });
    assert.equal(body.results[0].user_time, 600, "a reservation debits nothing");
  });

  it("lets exactly one of two devices in at once where one is the limit", async () => {
    await profile("single", { check: [{ attribute: "Simultaneous-Use", op: ":=", value: "1" }] });
    await user("lonely", { profile: ["single"] });
    const both = await Promise.all(
      ["aa-00-00-00-01-01", "aa-00-00-00-01-02"].map((device) => ask(world, client, { userName: "lonely", device })),
    );
    assert.deepEqual(both.map(({ outcome: one }) => one).sort(), ["accept", "reject"]);
    await user("nameless", { profile: ["single"] });
    const many = await Promise.all(Array.from({ length: 5 }, () => ask(world, client, { userName: "nameless" })));
    assert.equal(many.filter(({ outcome: one }) => one === "accept").length, 1, "devices that do not say which they are are several");
    const refused = many.find(({ outcome: one }) => one === "reject")!;
    assert.equal(await reasonOf(world, refused), "too_many_sessions");
  });

  it("is held to the check attributes of the profiles, patterns in linear time among them", async () => {
    await profile("upstairs", { check: [{ attribute: "Called-Station-Id", op: "=~", value: "^(a+)+$|:Upstairs$" }] });
    await user("upstairs1", { profile: ["upstairs"] });
    const called = (value: string) => ({ userName: "upstairs1", attributes: { "Called-Station-Id": [value] } });
    assert.equal(await outcome(world, client, called("AA-BB:Upstairs")), "accept");
    assert.equal(await outcome(world, client, called(`${"a".repeat(250)}!`)), "check_failed");
    assert.equal(await outcome(world, client, { userName: "upstairs1" }), "check_failed");
  });

  it("is let in by no pattern that cannot be read, however it is compared", async () => {
    for (const op of ["=~", "!~"]) {
      const name = op === "=~" ? "unreadable" : "unread";
      await profile(name, {});
      await storeUnjudged(world, name, { check: [{ attribute: "Called-Station-Id", op, value: "(" }] });
      await user(name, { profile: [name] });
      const called = { userName: name, attributes: { "Called-Station-Id": ["AA-BB:Lobby"] } };
      const { trace } = await decisionOf(world, await ask(world, client, called));
      assert.match(trace.at(-1).detail, /^The profile \w+ compares Called-Station-Id with a pattern that cannot be read\.$/);
    }
  });

  it("is let in by no pattern that is too large, stored as it may be, and waits for none", async () => {
    const large = Array.from({ length: 100 }, () => ({ attribute: "Called-Station-Id", op: "=~", value: "\\pL{0,1000}".repeat(20) }));
    await profile("large", {});
    await storeUnjudged(world, "large", { check: large });
    await user("large1", { profile: ["large"] });
    const { trace } = await decisionOf(world, await ask(world, client, { userName: "large1", attributes: { "Called-Station-Id": ["x"] } }));
    assert.equal(trace.at(-1).detail, "The profile large compares Called-Station-Id with a pattern that is too large.");
  });

  it("is not let in by more patterns than a decision may cost, however many profiles they stand in", async () => {
    const check = Array.from({ length: 4 }, (_, index) => ({ attribute: "Called-Station-Id", op: "=~", value: `(?:a?){50}${index}?$` }));
    const names = Array.from({ length: 10 }, (_, index) => `dear-${index}`);
    for (const name of names) await profile(name, { check });
    await user("dear1", { profile: names });
    const called = (value: string) => ({ userName: "dear1", attributes: { "Called-Station-Id": [value] } });
    assert.equal(await outcome(world, client, called("")), "check_failed");
    const { trace } = await decisionOf(world, await ask(world, client, called("a".repeat(250))));
    assert.match(trace.at(-1).detail, /^The patterns up to that of dear-0 for Called-Station-Id are too much work\.$/);
    await user("dear2", { profile: names.slice(0, 1) });
    assert.equal(await outcome(world, client, { ...called("aa"), userName: "dear2" }), "accept");
  });

  it("changes of a profile count at once", async () => {
    await profile("changing", { reply: [{ attribute: "Idle-Timeout", op: ":=", value: "1" }] });
    await user("changed", { profile: ["changing"] });
    assert.equal(replied(await ask(world, client, { userName: "changed" }), "Idle-Timeout"), "1");
    const { body } = await world.get("/aaa_profile/?short_name=changing");
    await world.patch(`/aaa_profile/${body.results[0].id}/`, { reply: [{ attribute: "Idle-Timeout", op: ":=", value: "2" }] });
    assert.equal(replied(await ask(world, client, { userName: "changed" }), "Idle-Timeout"), "2");
  });

  it("leaves first and last login, no new version, and today's hash of an imported password", async () => {
    const id = await user("imported", { password: "pbkdf2_sha256$1000$seasalt$iu5It6yih6GFRy6VtoTT5ehQJfOZ7AAmzOjP/WhRyAU=" });
    const read = async () => world.get(`/user_token/${id}/`);
    const before = await read();
    assert.equal(before.body.first_login, null);
    assert.equal(await outcome(world, client, { userName: "imported", credential: pap("s3cret-ä") }), "accept");
    await world.app.flush();
    const first = await read();
    assert.deepEqual([first.body.first_login, first.headers["etag"]], [first.body.last_login, before.headers["etag"]]);
    const { password_hash: stored } = await world.app.database.reader
      .selectFrom("user_account")
      .select("password_hash")
      .where("id", "=", id)
      .executeTakeFirstOrThrow();
    assert.match(stored!, /^\$argon2id\$/);
    assert.equal(await outcome(world, client, { userName: "imported", credential: pap("s3cret-ä") }), "accept");
    assert.equal(await outcome(world, client, { userName: "imported", credential: pap("wrong") }), "wrong_credential");
    await world.app.flush();
    assert.equal((await read()).body.first_login, first.body.first_login);
    await world.patch(`/user/${id}/`, { password: "new" });
    assert.equal(await outcome(world, client, { userName: "imported", credential: pap("s3cret-ä") }), "wrong_credential", "at once");
    assert.equal(await outcome(world, client, { userName: "imported", credential: pap("new") }), "accept");
  });

  it("keeps no password in any trace", async () => {
    const answer = await ask(world, client, { userName: "guest1", credential: pap("hunter2-secret") });
    assert.doesNotMatch(JSON.stringify(await decisionOf(world, answer)), /hunter2/);
  });
});
