import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { onEachDatabase, type World } from "../../support/world.ts";

const path = "/device_app_user_update/";
const whole =
  '{"number":"+1234567890","generic_id":"com.example.app.user123","imei":"123456789012345","imsi":"310120123456789","iccid":"12345678901234567890","username":"john_doe_app","password":"hashed_password_string","user_external_id":"ext_user_456","user_class":"premium"}';
const fields = { ...JSON.parse(whole), password: null };

onEachDatabase("the device_app_user_update document", (open) => {
  let world: World;
  before(async () => {
    world = await open();
    assert.equal((await world.post("/user/", { username: "john_doe_app" })).status, 201);
  });
  after(() => world.close());

  it("1: updates a user and every identifier", async () => {
    const answer = await world.post(path, { data: whole });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    assert.deepEqual(answer.body, fields);
    const listed = await world.get("/user_token/?username=john_doe_app");
    assert.partialDeepStrictEqual(listed.body.results[0], { external_id: "ext_user_456", klass: "premium" });
  });

  it("2: replaces a device", async () => {
    const answer = await world.post(path, { data: '{"username":"john_doe_app","imei":"990000862471854"}' });
    assert.equal(answer.status, 201);
    assert.deepEqual(answer.body, { ...fields, imei: "990000862471854" });
  });

  it("3: upgrades the class of a user found by external id", async () => {
    const answer = await world.post(path, { data: '{"user_external_id":"ext_user_456","user_class":"enterprise"}' });
    assert.equal(answer.status, 201);
    assert.equal(answer.body.user_class, "enterprise");
  });

  it("4: moves a SIM to another user", async () => {
    const answer = await world.post(path, { data: '{"username":"jane_smith","imsi":"310120123456789"}' });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    assert.equal(answer.body.imsi, "310120123456789");
    const before = await world.post(path, { data: '{"username":"john_doe_app","user_class":"enterprise"}' });
    assert.partialDeepStrictEqual(before.body, { imsi: null, iccid: "12345678901234567890", number: "+1234567890" });
  });

  it("5: refuses", async () => {
    assert.equal((await world.post(path, { data: "not json" })).status, 400);
    assert.equal((await world.post(path, { data: "{}" })).status, 400);
    const invalid = await world.post(path, { data: '{"username":"john_doe_app","imei":"12"}' });
    assert.equal(invalid.status, 422);
    assert.ok(invalid.body.errors.imei);
    assert.equal((await world.post(path, { data: '{"username":"nobody_has_this"}' })).status, 404);
    assert.equal((await world.post(path, { data: whole }, { token: null })).status, 401);
  });

  it("6: answers the older form", async () => {
    const data =
      '{"user_id":"42","profile":{"first_name":"John","last_name":"Smith","email":"john.smith@example.com"},"preferences":{"notifications_enabled":true,"language":"en"}}';
    const answer = await world.post(path, { data });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    assert.partialDeepStrictEqual(answer.body, {
      success: true,
      user_id: "42",
      updated_fields: [
        "profile.first_name",
        "profile.last_name",
        "profile.email",
        "preferences.notifications_enabled",
        "preferences.language",
      ],
    });
    assert.match(answer.body.updated_at, /Z$/);
    assert.ok(Number.isInteger(answer.body.version));
    const extra = await world.get("/user_extra/?parent=42");
    assert.deepEqual(extra.body.results[0].preferences, { notifications_enabled: true, language: "en" });
    assert.equal((await world.get("/user/42/")).body.email, "john.smith@example.com");
  });

  it("takes the document's own curl, raw line breaks and all", async () => {
    const raw =
      '{\n"data": "{\n  \\"number\\": \\"+1234567890\\",\n  \\"imei\\": \\"123456789012345\\",\n\t\\"username\\": \\"john_doe\\",\n  \\"user_class\\": \\"premium\\"\n}"\n}';
    const answer = await world.request("POST", path, { raw });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    assert.partialDeepStrictEqual(answer.body, { number: "+1234567890", imei: "123456789012345", username: "john_doe" });
  });
});
