import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { names, shows } from "../../support/expect.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

const newUser = {
  username: "new_user",
  email: "newuser@example.com",
  first_name: "New",
  last_name: "User",
  external_id: "EXT-USER-003",
  klass: "premium",
  is_active: true,
  organization: 1,
  description: "Newly created premium user",
  expiration: "2124-12-31T23:59:59Z",
  profile: ["internet_access", "wifi_premium", "email_access"],
};

const replacement = {
  username: "john_doe_updated",
  external_id: "EXT-USER-001-UPDATED",
  klass: "enterprise",
  is_active: true,
  organization: 2,
  description: "Updated to enterprise user",
  expiration: "2125-12-31T23:59:59Z",
  profile: ["internet_access", "wifi_premium", "email_access", "vpn_access"],
  user_time: 7200,
};

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

onEachDatabase("the document's examples of /user_token/, in order", (open) => {
  let world: World;
  before(async () => {
    world = await open();
  });
  after(() => world.close());

  it("1. lists accounts with their balances", async () => {
    const answer = await world.get("/user_token/?balance=true&limit=10");
    shows(answer, 200, { count: 5, next: null, previous: null });
    shows({ ...answer, body: answer.body.results[0] }, 200, {
      id: 1,
      username: "john_doe",
      external_id: "EXT-USER-001",
      klass: "premium",
      is_active: true,
      organization: 1,
      description: "Premium user account",
      date_joined: "2024-01-15T10:30:00Z",
      last_login: "2024-01-20T14:25:00Z",
      profile: ["internet_access", "wifi_premium"],
      user_time: 3600,
    });
    assert.equal(answer.body.results[1].user_time, 1800);
  });

  it("2. filters by the exact username", async () => {
    const answer = await world.get("/user_token/?username=john_doe&organization=acme_corp&balance=true&limit=20&offset=0");
    shows(answer, 200, { count: 1 });
    assert.deepEqual(
      answer.body.results.map((row: { username: string }) => row.username),
      ["john_doe"],
    );
    shows(await world.get("/user_token/?username=john"), 200, { count: 0, results: [] });
  });

  it("3. creates an account once", async () => {
    const body = { ...newUser, password: "secure_password123" };
    const answer = await world.post("/user_token/", body);
    shows(answer, 201, { ...newUser, first_login: null, last_login: null, avatar_url: null });
    assert.ok(Number.isInteger(answer.body.id));
    assert.match(answer.body.date_joined, instant);
    assert.ok(!("password" in answer.body));
    names(await world.post("/user_token/", body), "username", "external_id");
    names(await world.post("/user_token/", { ...body, external_id: undefined }), "username");
  });

  it("4. reads the balance only when asked", async () => {
    shows(await world.get("/user_token/1/?balance=true"), 200, { user_time: 3600 });
    assert.ok(!("user_time" in (await world.get("/user_token/1/")).body));
  });

  it("5. replaces an account", async () => {
    const { date_joined, last_login } = (await world.get("/user_token/1/")).body;
    shows(await world.put("/user_token/1/", replacement), 200, { ...replacement, id: 1, date_joined, last_login });
  });

  it("6. changes balance, description and profile alone", async () => {
    const was = (await world.get("/user_token/1/?balance=true")).body;
    const changes = { user_time: 5400, description: "Time balance updated", profile: ["internet_access", "wifi_premium"] };
    const answer = await world.patch("/user_token/1/", changes);
    shows(answer, 200, { ...was, ...changes, last_change: answer.body.last_change });
  });

  it("7. deletes the account in every view", async () => {
    shows(await world.delete("/user_token/1/"), 204);
    shows(await world.get("/user_token/1/"), 404);
    shows(await world.get("/user/1/"), 404);
    shows(await world.delete("/user_token/1/"), 404);
  });

  it("8. sells an hour in the Internet café", async () => {
    const made = await world.post("/user_token/", { username: "cafe_guest", user_time: 3600 });
    shows(made, 201, { user_time: 3600 });
    shows(await world.patch(`/user_token/${made.body.id}/`, { user_time: 1800 }), 200, { user_time: 1800 });
    shows(await world.get(`/user_token/${made.body.id}/?balance=true`), 200, { user_time: 1800 });
  });
});
