import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { addOrganization, addToken } from "../support/tenants.ts";
import { type Answer, onEachDatabase, type World } from "../support/world.ts";

const path = "/device_app_user_update/";
const imei = "490154203237518";
const imsi = "310120123456789";

onEachDatabase("the app's update call", (open) => {
  let world: World;
  /** Of the organization 456 alone. */
  let small: { token: string };
  before(async () => {
    world = await open();
    small = { token: await addToken(world, 456, ["device_app_user_update:write"]) };
  });
  after(() => world.close());

  let made = 0;
  const newUser = async (body: Record<string, unknown> = {}): Promise<{ id: number; username: string }> => {
    made += 1;
    const answer = await world.post("/user/", { username: `app-${made}`, ...body });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  };
  const send = (data: unknown, options?: { token: string }) => world.post(path, { data }, options);
  const sent = async (data: unknown): Promise<Answer["body"]> => {
    const answer = await send(data);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  };
  const refused = (answer: Answer, status: number, ...fields: string[]) => {
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    for (const field of fields) assert.ok(answer.body.errors?.[field], `${field}: ${JSON.stringify(answer.body)}`);
  };
  const account = async (id: number): Promise<Answer["body"]> => (await world.get(`/user_token/${id}/`)).body;

  it("takes data as a string, as an object, and unwrapped", async () => {
    const { username } = await newUser();
    for (const body of [
      { data: JSON.stringify({ username, user_class: "a" }) },
      { data: { username, user_class: "a" } },
      { username, user_class: "a" },
    ]) {
      const answer = await world.post(path, body);
      assert.equal(answer.status, 201, JSON.stringify(answer.body));
      assert.equal(answer.body.user_class, "a");
    }
    const raw = `{"data": "{\\"username\\":\\"${username}\\",\\"user_class\\":\\"two\nlines\\"}"}`;
    assert.equal((await world.request("POST", path, { raw })).body.user_class, "two\nlines");
  });

  it("answers 400 to what is no update", async () => {
    const { id, username } = await newUser();
    refused(await world.post(path, {}), 400);
    for (const data of ["", "not json", "[]", "null", "7", '"x"', "{}", '{"username":null}', '{"username":', []]) {
      refused(await send(data), 400, "data");
    }
    refused(await send(null), 400, "data");
    refused(await send({ user_id: id }), 400, "data");
    refused(await send({ user_id: id, version: 1 }), 400, "data");
    refused(await send({ user_id: id, preferences: {}, profile: {} }), 400, "data");
    for (const none of [{ user_external_id: "" }, { user_external_id: "", version: 1, username: null }]) {
      refused(await send(none), 400, "data");
      refused(await world.post(path, none), 400, "body");
    }
    // A key alone finds somebody, and then there is nothing to do.
    await sent({ user_id: id, imei, user_external_id: "alone" });
    for (const key of [{ username }, { user_external_id: "alone" }, { imei }]) {
      refused(await send(key), 400, "data");
      refused(await send({ ...key, version: 1, profile: {} }), 400, "data");
      refused(await world.post(path, key), 400, "body");
    }
    refused(await send({ username, nickname: "x" }), 400, "nickname");
    refused(await send(JSON.stringify({ username, nickname: "x" })), 400, "nickname");
    refused(await world.post(path, { username, nickname: "x" }), 400, "nickname");
    refused(await send({ username, profile: { role: "x" } }), 400, "profile.role");
    refused(await send({ username, imei: 490154203237518, user_class: true }), 400, "imei", "user_class");
    refused(await send({ user_id: 1.5, user_class: "x" }), 400, "user_id");
    refused(await send({ user_id: id, user_class: "x", version: "1" }), 400, "version");
    refused(await send({ user_id: id, preferences: [] }), 400, "preferences");
    refused(await world.post(path, { data: { username }, user_class: "x" }), 400, "data");
    refused(await send(`{"username":"${username}","user_class":"\\u0000"}`), 400, "user_class");
    refused(await send(`{"username":"${username}","user_class":"\\ud800"}`), 400, "user_class");
    refused(await send(`{"user_id":${id},"preferences":{"__proto__":{"x":1}}}`), 400, "data");
    refused(await send(`{"user_id":${id},"preferences":${'{"a":'.repeat(9_000)}1${"}".repeat(9_000)}}`), 400, "data");
  });

  it("takes an update that holds already, and changes nothing by it", async () => {
    const user = await newUser({ external_id: "told-again" });
    const update = { username: user.username, user_external_id: "told-again", imei: "351756051523999" };
    assert.partialDeepStrictEqual(await sent(update), update);
    const before = await account(user.id);
    // An app that lost the answer sends the same again, and so does one that reports its keys at each start.
    for (const again of [update, { username: user.username, imei: update.imei }, { user_external_id: "told-again", imei: update.imei }]) {
      assert.partialDeepStrictEqual(await sent(again), again);
    }
    assert.deepEqual(await account(user.id), before);
  });

  it("answers 422 to values that are well formed and cannot be, naming each", async () => {
    const { id, username } = await newUser();
    const wrong = {
      number: "1234567890",
      generic_id: "",
      imei: "12345678901234",
      imsi: "3101201234567",
      iccid: "12345678901234567",
      user_class: "x".repeat(256),
      user_external_id: "x".repeat(256),
      password: "x".repeat(256),
    };
    for (const [field, value] of Object.entries(wrong)) refused(await send({ username, [field]: value }), 422, field);
    refused(await send({ username, ...wrong, password: "fine" }), 422, "number", "generic_id", "imei", "imsi", "iccid", "user_class");
    refused(await send({ username: "not a name", imei }), 422, "username");
    refused(await send({ username, password: "" }), 422, "password");
    refused(await send({ user_id: "abc", user_class: "x" }), 422, "user_id");
    refused(await send({ user_id: id, profile: { email: "x", first_name: "y".repeat(256) } }), 422, "profile.email", "profile.first_name");
    refused(await send({ user_id: id, preferences: { a: "x".repeat(70_000) } }), 422, "preferences");
    // The form comes before the question who is meant.
    refused(await send({ username: "nobody-at-all", imei: "1" }), 422, "imei");
    for (const good of [{ imei: "1234567890123456" }, { imsi: "31012012345678" }, { iccid: "1".repeat(22) }, { number: "+1234567" }]) {
      assert.partialDeepStrictEqual(await sent({ username, ...good }), good);
    }
  });

  it("finds the user by user_id, username, external id, then by device", async () => {
    const first = await newUser({ external_id: "find-1" });
    const second = await newUser({ external_id: "find-2" });
    assert.equal((await sent({ user_id: first.id, user_class: "a" })).user_id, String(first.id));
    assert.equal((await sent({ user_id: String(first.id), user_class: "b" })).user_id, String(first.id));
    assert.equal((await sent({ username: first.username.toUpperCase(), user_class: "c" })).username, first.username);
    assert.equal((await sent({ user_external_id: "find-2", user_class: "d" })).username, second.username);
    await sent({ username: first.username, imei, number: "+4915112345678" });
    await sent({ username: second.username, imsi });
    assert.equal((await sent({ imei, user_class: "e" })).username, first.username);
    // Of several devices the SIM's IMSI decides, and the others move to its owner.
    const moved = await sent({ imei, imsi, user_class: "f" });
    assert.partialDeepStrictEqual(moved, { username: second.username, imei, imsi, number: null });
    assert.equal((await sent({ username: first.username, user_class: "g" })).number, "+4915112345678");
    refused(await send({ username: "nobody-at-all", user_class: "x" }), 404);
    refused(await send({ user_id: 999_999, user_class: "x" }), 404);
    refused(await send({ user_id: 999_999, username: first.username, user_class: "x" }), 404);
    refused(await send({ imei: "999999999999999" }), 404);
    refused(await send({ username: first.username, user_class: "x" }, small), 404);
    refused(await send({ imei, user_class: "x" }, small), 404);
  });

  it("refuses keys that name two users, or one key that several have", async () => {
    const first = await newUser({ external_id: "twice" });
    const second = await newUser({ organization: "globex", external_id: "twice" });
    const third = await newUser({ external_id: "once" });
    refused(await send({ user_external_id: "twice", user_class: "x" }), 409);
    refused(await send({ user_id: first.id, user_external_id: "twice", user_class: "x" }), 409);
    refused(await send({ user_id: first.id, username: second.username, user_class: "x" }), 409);
    refused(await send({ username: first.username, user_external_id: "once", user_class: "x" }), 409);
    refused(await send({ user_id: first.id, user_external_id: "once", user_class: "x" }), 409);
    for (const { id } of [first, second, third]) assert.equal((await account(id)).klass, null);
    const own = await addOrganization(world, `own-${world.database}`, true);
    const another = await addOrganization(world, `another-${world.database}`, true);
    for (const organization of [own, another]) await newUser({ organization, username: "both-places" });
    refused(await send({ username: "both-places", user_class: "x" }), 409);
  });

  it("renames and re-keys a user who was found for certain, and never one found by a device", async () => {
    const user = await newUser({ external_id: "old-key" });
    await sent({ username: user.username, generic_id: "app.renames" });
    assert.equal((await sent({ user_external_id: "old-key", username: "renamed-once" })).username, "renamed-once");
    await sent({ user_id: user.id, username: "renamed-twice", user_external_id: "new-key" });
    assert.partialDeepStrictEqual(await account(user.id), { username: "renamed-twice", external_id: "new-key" });
    const byDevice = await send({ generic_id: "app.renames", username: "renamed-thrice" });
    refused(byDevice, 409);
    assert.equal(byDevice.body.code, "user.not_identified");
    refused(await send({ generic_id: "app.renames", password: "stolen" }), 409);
    assert.equal(
      (await sent({ generic_id: "app.renames", user_class: "fine", user_external_id: "by-device" })).user_external_id,
      "by-device",
    );
    const taken = await newUser({ organization: "engineering" });
    const mine = await newUser({ organization: "techconf" });
    refused(await send({ user_id: mine.id, username: taken.username }, small), 422, "username");
    assert.equal((await account(mine.id)).username, mine.username);
  });

  it("hashes the password and never shows it", async () => {
    const user = await newUser();
    const { reader } = world.app.database;
    const stored = async () =>
      (await reader.selectFrom("user_account").select("password_hash").where("id", "=", user.id).executeTakeFirstOrThrow()).password_hash;
    assert.equal((await sent({ username: user.username, password: "open sesame" })).password, null);
    assert.match((await stored())!, /^\$argon2id\$/);
    const trail = await reader.selectFrom("audit_entry").selectAll().where("resource_id", "=", user.id).execute();
    assert.doesNotMatch(JSON.stringify(trail), /open sesame|argon2id/);
    // What a person types is a password, whatever it looks like.
    for (const password of ["$2b$99$broken", "{MD5}gkU0DqwTJuAxUU0Gtn9MrA==", "$1$saltstri$YMyguxXMBpd2TEZ.vS/3q1", "$P$B12345678"]) {
      await sent({ username: user.username, password });
      assert.match((await stored())!, /^\$argon2id\$v=19\$m=19456/, password);
    }
    // Null counts as not given.
    const before = await stored();
    await sent({ username: user.username, password: null, user_class: "x", profile: null });
    assert.equal(await stored(), before);
  });

  it("moves identifiers one by one, and keeps who had them", async () => {
    const [first, second] = [await newUser(), await newUser()];
    await sent({ username: first.username, imei: "111111111111111", imsi: "222222222222222", iccid: "3".repeat(20) });
    assert.partialDeepStrictEqual(await sent({ username: second.username, iccid: "3".repeat(20) }), { iccid: "3".repeat(20), imsi: null });
    assert.partialDeepStrictEqual(await sent({ username: first.username, user_class: "x" }), {
      imei: "111111111111111",
      imsi: "222222222222222",
      iccid: null,
    });
    await sent({ username: first.username, imei: "444444444444444" });
    const [old] = (await world.get("/device/?identifier=111111111111111")).body.results;
    assert.equal(old.user, null);
    // A free one may be taken by anyone of the namespace.
    assert.equal((await sent({ username: second.username, imei: "111111111111111" })).imei, "111111111111111");
    const history = (await world.get(`/device/${old.id}/history/`)).body.results;
    assert.deepEqual(
      history.map((move: { user: number }) => move.user),
      [first.id, second.id],
    );
  });

  it("never takes an identifier from a user out of sight, and then changes nothing", async () => {
    const far = await newUser({ organization: "engineering" });
    const near = await newUser({ organization: "techconf" });
    await sent({ username: far.username, imsi: "555555555555555" });
    const answer = await send({ username: near.username, imsi: "555555555555555", user_class: "gold", password: "x" }, small);
    refused(answer, 409);
    assert.equal(answer.body.code, "device.held_elsewhere");
    assert.equal((await account(near.id)).klass, null);
    assert.equal((await world.get(`/device/?user=${near.id}`)).body.count, 0);
    // The same identifier lives apart in another namespace.
    const own = await addOrganization(world, `apart-${world.database}`, true);
    const apart = await newUser({ organization: own });
    assert.equal((await sent({ username: apart.username, imsi: "555555555555555" })).imsi, "555555555555555");
    assert.equal((await sent({ imsi: "555555555555555", user_class: "x" })).username, far.username, "the token's own namespace first");
    const beside = await newUser({ organization: await addOrganization(world, `beside-${world.database}`, true) });
    for (const { username } of [apart, beside]) await sent({ username, imsi: "555555555555556" });
    refused(await send({ imsi: "555555555555556", user_class: "x" }), 409);
  });

  it("answers the older form with the keys sent and a version that counts every update", async () => {
    const user = await newUser();
    const first = await sent({
      preferences: { z: 1, a: { b: null, c: 1 } },
      profile: { last_name: "L", first_name: null, email: "" },
      user_class: "gold",
      user_id: user.id,
      imei: "777777777777777",
    });
    assert.deepEqual(first.updated_fields, ["preferences.z", "preferences.a", "profile.last_name", "profile.email", "user_class", "imei"]);
    assert.partialDeepStrictEqual(first, { success: true, user_id: String(user.id), message: "User information updated successfully" });
    const second = await sent({ user_id: user.id, preferences: { a: { c: 2 } }, version: first.version });
    assert.equal(second.version, first.version + 1);
    const [extra] = (await world.get(`/user_extra/?parent=${user.id}`)).body.results;
    assert.deepEqual(extra.preferences, { z: 1, a: { b: null, c: 2 } });
    const stale = await send({ user_id: user.id, preferences: { z: 9 }, user_class: "lost", version: first.version });
    refused(stale, 409);
    assert.equal(stale.body.code, "user.stale_version");
    assert.equal((await account(user.id)).klass, "gold");
    const same = await sent({ user_id: user.id, preferences: { z: 1 }, imei: "777777777777777", version: second.version });
    assert.equal(same.version, second.version, "what changes nothing counts nothing");
    const moved = await sent({ user_id: user.id, imei: "888888888888888" });
    assert.equal(moved.version, second.version + 1);
    assert.deepEqual((await sent({ username: user.username, user_class: "x", version: moved.version })).updated_fields, ["user_class"]);
  });

  it("is one unit with its changes on the trail", async () => {
    const user = await newUser();
    await sent({ user_id: user.id, user_class: "gold", imei: "121212121212121", preferences: { a: 1 } });
    const rows = await world.app.database.reader
      .selectFrom("audit_entry")
      .select(["resource", "request_id"])
      .where("operation", "=", "device_app_user_update_create")
      .orderBy("id", "desc")
      .limit(3)
      .execute();
    assert.deepEqual(rows.map((row) => row.resource).sort(), ["device", "user", "user_extra"]);
    assert.equal(new Set(rows.map((row) => row.request_id)).size, 1);
  });

  it("gives one identifier to one user, however many ask at once", async () => {
    const users = await Promise.all(Array.from({ length: 12 }, () => newUser()));
    const answers = await Promise.all(users.map(({ username }) => send({ username, generic_id: "contended", iccid: "9".repeat(19) })));
    assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [201]);
    const { results } = (await world.get("/device/?identifier=contended")).body;
    assert.equal(results.length, 1);
    const history = (await world.get(`/device/${results[0].id}/history/`)).body;
    assert.equal(history.count, users.length);
    const open = history.results.filter((move: { unassigned_at: string | null }) => move.unassigned_at === null);
    assert.deepEqual(
      open.map((move: { user: number }) => move.user),
      [results[0].user],
    );
  });
});
