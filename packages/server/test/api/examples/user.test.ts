import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { shows } from "../../support/expect.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

const johnsProfile = { role: "user", department: "Software Engineering", manager: "jane.doe", access_level: "standard" };
const johnSmith = {
  id: 42,
  username: "john.smith",
  email: "john.smith@company.com",
  first_name: "John",
  last_name: "Smith",
  organization: "engineering",
  is_active: true,
  last_login: "2024-01-15T14:22:30Z",
  date_joined: "2023-08-12T09:15:00Z",
  groups: ["developers", "vpn_users"],
  aaa_profile: johnsProfile,
};
const sarah = {
  username: "sarah.johnson",
  email: "sarah.johnson@company.com",
  first_name: "Sarah",
  last_name: "Johnson",
  organization: "marketing",
  is_active: true,
  groups: ["marketing_team", "vpn_users"],
  aaa_profile: { role: "user", department: "Digital Marketing", manager: "mike.wilson", access_level: "standard" },
};
const promoted = {
  username: "john.smith",
  email: "j.smith@company.com",
  first_name: "Jonathan",
  last_name: "Smith",
  organization: "engineering",
  is_active: true,
  groups: ["developers", "vpn_users", "team_leads"],
  aaa_profile: { role: "team_lead", department: "Software Engineering", manager: "jane.doe", access_level: "elevated" },
};

onEachDatabase("the document's examples of /user/, in order", (open) => {
  let world: World;
  before(async () => {
    world = await open();
  });
  after(() => world.close());

  const passwordOf = (id: number) =>
    world.app.database.reader.selectFrom("user_account").select("password_hash").where("id", "=", id).executeTakeFirst();

  it("1. lists an organization, and finds names by a part of them", async () => {
    const answer = await world.get("/user/?organization=engineering&limit=25");
    shows(answer, 200, { count: 1 });
    shows({ ...answer, body: answer.body.results[0] }, 200, johnSmith);
    const found = (await world.get("/user/?username=SMITH")).body.results.map((row: { username: string }) => row.username);
    assert.deepEqual(found, ["jane_smith", "john.smith"]);
  });

  it("2. creates an account", async () => {
    const answer = await world.post("/user/", { ...sarah, password: "SecureP@ssw0rd!" });
    shows(answer, 201, { ...sarah, last_login: null });
    assert.ok(!("password" in answer.body));
    assert.equal(answer.headers["location"], `/api/v1/user/${answer.body.id}/`);
  });

  it("3. reads the same by username as by id", async () => {
    const [named, numbered] = [await world.get("/user/username/john.smith/"), await world.get("/user/42/")];
    shows(named, 200, johnSmith);
    assert.deepEqual(named.body, numbered.body);
    assert.equal(named.headers["etag"], numbered.headers["etag"]);
  });

  it("4. replaces by username and leaves the password", async () => {
    const password = await passwordOf(42);
    shows(await world.put("/user/username/john.smith/", promoted), 200, { ...promoted, id: 42 });
    assert.deepEqual(await passwordOf(42), password);
  });

  it("5. changes by username and keeps the other keys of aaa_profile", async () => {
    const changes = { email: "john.smith.new@company.com", aaa_profile: { access_level: "admin" } };
    const answer = await world.patch("/user/username/john.smith/", changes);
    shows(answer, 200, { ...promoted, email: changes.email, aaa_profile: { ...promoted.aaa_profile, access_level: "admin" } });
  });

  it("6. suspends", async () => {
    const answer = await world.patch("/user/42/", { is_active: false, aaa_profile: { access_level: "suspended" } });
    shows(answer, 200, { is_active: false, aaa_profile: { ...promoted.aaa_profile, access_level: "suspended" } });
  });

  it("7. deletes by username and by id", async () => {
    shows(await world.delete("/user/username/john.smith/"), 204);
    shows(await world.delete("/user/username/john.smith/"), 404);
    shows(await world.get("/user/42/"), 404);
    shows(await world.delete("/user/43/"), 204);
    shows(await world.get("/user/43/"), 404);
  });

  it("8. serves the older form", async () => {
    const older = {
      username: "jane.smith",
      email: "jane.smith@acme.com",
      password: "secure_password123",
      organization: "acme",
      profile: { first_name: "Jane", last_name: "Smith", role: "user" },
    };
    const made = await world.post("/user/", older);
    shows(made, 201, {
      username: "jane.smith",
      email: "jane.smith@acme.com",
      organization: "acme",
      first_name: "Jane",
      last_name: "Smith",
    });
    assert.equal(made.body.aaa_profile.role, "user");
    const patched = await world.patch("/user/username/jane.smith/", { profile: { role: "senior_admin" } });
    shows(patched, 200, { first_name: "Jane", last_name: "Smith" });
    shows({ ...patched, body: patched.body.profile }, 200, { first_name: "Jane", last_name: "Smith", role: "senior_admin" });

    const read = await world.get("/user/12345/");
    shows(read, 200, { id: 12345, username: "john.doe", email: "john.doe@acme.com", organization: "acme" });
    shows({ ...read, body: read.body.profile }, 200, {
      first_name: "John",
      last_name: "Doe",
      role: "admin",
      created_at: "2024-01-15T10:30:00Z",
      last_login: "2024-01-20T09:15:00Z",
    });
    assert.match(read.body.profile.updated_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

    const moved = await world.put("/user/username/john.doe/", {
      username: "john.doe",
      email: "john.doe@newcompany.com",
      organization: "newcompany",
      profile: { first_name: "John", last_name: "Doe", role: "manager" },
    });
    shows(moved, 200, { email: "john.doe@newcompany.com", organization: "newcompany", first_name: "John", last_name: "Doe" });
    assert.equal(moved.body.aaa_profile.role, "manager");
  });
});
