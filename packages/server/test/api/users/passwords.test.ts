import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { assertProblem } from "../../support/operations.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

const salt22 = "abcdefghijklmnopqrstuv";
const bcryptRest = "x".repeat(53);
const argon = (parameters: string) => `$argon2id$v=19$${parameters}$c29tZXNhbHRzb21lc2FsdA$${"A".repeat(43)}`;
const ssha = `{SSHA}${Buffer.alloc(28, 9).toString("base64")}`;

/** Whole hashes of bounded cost: they are stored as they are. */
const kept = [
  argon("m=65536,t=10,p=1"),
  argon("m=19456,t=2,p=1"),
  `$2a$10$${bcryptRest}`,
  `$2b$14$${bcryptRest}`,
  `$2y$04$${bcryptRest}`,
  `pbkdf2_sha256$2000000$${salt22}$${"A".repeat(43)}=`,
  `$5$rounds=5000$saltsalt$${"x".repeat(43)}`,
  `$5$saltsalt$${"x".repeat(43)}`,
  `$6$saltsalt$${"x".repeat(86)}`,
  ssha,
  `$1$saltsalt$${"x".repeat(22)}`,
  `$5$rounds=200000$saltsalt$${"x".repeat(43)}`,
  `bcrypt_sha256$$2b$12$${bcryptRest}`,
  `{MD5}${Buffer.alloc(16, 9).toString("base64")}`,
  `{SHA}${Buffer.alloc(20, 9).toString("base64")}`,
];

/** Hashes that are broken, that would cost too much to verify, or whose scheme is not supported. */
const refused = [
  argon("m=65537,t=1,p=1"),
  argon("m=65536,t=11,p=1"),
  argon("m=8,t=0,p=1"),
  "$argon2id$v=19$m=65536,t=2,p=1$c29tZQ",
  `$argon2id$v=16$m=65536,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$${"A".repeat(43)}`,
  `$2b$15$${bcryptRest}`,
  `$2b$31$${bcryptRest}`,
  `$2b$10$${"x".repeat(52)}`,
  "$2y$",
  `pbkdf2_sha256$2000001$${salt22}$${"A".repeat(43)}=`,
  `pbkdf2_sha256$1000$${salt22}$short=`,
  "pbkdf2_sha256$many$salt$hash",
  `$5$rounds=999999999$saltsalt$${"x".repeat(43)}`,
  `$6$saltsalt$${"x".repeat(85)}`,
  "{SSHA}not base64!",
  "{SSHA}QUJD",
  `$6$rounds=200001$saltsalt$${"x".repeat(86)}`,
  "$argon2i$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA",
  "$P$BsaltsaltsaltxxxxQUJDxxxx",
  "{SHA}abc",
  "{PBKDF2_SHA256}saltxxxx",
];

/** Without the form of a hash: then it is the password itself. */
const inClear = ["secure_password123", "5f4dcc3b5aa765d61d8327deb882cf99", " pass word ", "пароль😀", "$"];

onEachDatabase("passwords", (open) => {
  let world: World;
  before(async () => {
    world = await open();
  });
  after(() => world.close());

  const storedOf = async (id: number) =>
    (await world.app.database.reader.selectFrom("user_account").select("password_hash").where("id", "=", id).executeTakeFirstOrThrow())
      .password_hash;

  it("a hash in a known format is stored as it is", async () => {
    for (const password of kept) {
      const answer = await world.patch("/user/2/", { password });
      assert.equal(answer.status, 200, `${password}: ${JSON.stringify(answer.body)}`);
      assert.equal(await storedOf(2), password);
    }
  });

  it("a broken or too expensive hash is refused, and the old one stays", async () => {
    const old = await storedOf(1);
    for (const password of refused) {
      const answer = await world.patch("/user_token/1/", { password });
      assert.equal(answer.status, 400, password);
      assertProblem(answer, 400);
      assert.deepEqual(Object.keys(answer.body.errors), ["password"], password);
      assert.doesNotMatch(JSON.stringify(answer.body), /salt|xxxx|QUJD/, "the answer does not echo the password");
    }
    assert.equal(await storedOf(1), old);
  });

  it("anything else is a password in clear and stored as Argon2id, never twice the same", async () => {
    for (const password of inClear) {
      assert.equal((await world.patch("/user/2/", { password })).status, 200, password);
      const first = await storedOf(2);
      assert.match(first!, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
      await world.patch("/user/2/", { password });
      assert.notEqual(await storedOf(2), first);
    }
  });

  it("is what password_scheme says, at every door", async () => {
    const nt = "8846F7EAEE8FB117AD06BDD830B7586C";
    const bare = { password: nt, password_scheme: "nt" };
    const stored = `{NT}${nt.toLowerCase()}`;
    const made = await world.post("/user/", { username: "scheme-1", ...bare });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    assert.ok(!("password_scheme" in made.body));
    const id = made.body.id as number;
    assert.equal(await storedOf(id), stored);
    const rows = await world.post("/user_token/", [{ username: "scheme-2", ...bare }]);
    assert.equal(await storedOf(rows.body[0].id), stored);
    const clear = { password: "$P$BsaltsaltsaltxxxxQUJDxxxx", password_scheme: "clear" };
    for (const [way, path, body] of [
      ["PUT", `/user/${id}/`, { username: "scheme-1" }],
      ["PATCH", `/user/${id}/`, {}],
      ["PUT", `/user_token/${id}/`, { username: "scheme-1" }],
      ["PATCH", `/user_token/${id}/`, {}],
    ] as const) {
      assert.equal((await world.request(way, path, { body: { ...body, ...bare } })).status, 200);
      assert.equal(await storedOf(id), stored);
      assert.equal((await world.request(way, path, { body: { ...body, ...clear } })).status, 200);
      assert.match((await storedOf(id))!, /^\$argon2id\$/);
      const faulty = await world.request(way, path, { body: { ...body, ...bare, password_scheme: "sha1" } });
      assert.deepEqual([faulty.status, Object.keys(faulty.body.errors)], [400, ["password"]]);
      assert.ok(!JSON.stringify(faulty.body).includes(nt), "nothing of the hash is echoed");
      const lone = await world.request(way, path, { body: { ...body, password_scheme: "clear" } });
      assert.deepEqual([lone.status, Object.keys(lone.body.errors)], [400, ["password_scheme"]]);
      const unknown = await world.request(way, path, { body: { ...body, ...bare, password_scheme: "md4" } });
      assert.deepEqual([unknown.status, Object.keys(unknown.body.errors)], [400, ["password_scheme"]]);
    }
    for (const path of ["/user/", "/user_token/"]) {
      const two = [{ username: "scheme-3" }, { username: "scheme-4", password: "{CRYPT}nonsense" }];
      assert.deepEqual(Object.keys((await world.post(path, two)).body.errors), ["1.password"]);
      const changes = [
        { id, password: "$y$j9T$saltsalt$xxxx" },
        { id: 2, ...bare, password_scheme: "crypt" },
      ];
      assert.deepEqual(Object.keys((await world.patch(path, changes)).body.errors), ["0.password", "1.password"]);
    }
  });

  it("null removes the password", async () => {
    assert.equal((await world.patch("/user/42/", { password: null })).status, 200);
    assert.equal(await storedOf(42), null);
  });

  it("no answer, audit row or event carries a password or its hash", async () => {
    const made = await world.post("/user/", { username: "quiet", password: "correct-horse-battery" });
    assert.equal(made.status, 201);
    const shown = [
      made.body,
      (await world.get(`/user/${made.body.id}/`)).body,
      (await world.get(`/user_token/${made.body.id}/`)).body,
      (await world.patch(`/user/${made.body.id}/`, { password: "correct-horse-staple" })).body,
    ];
    for (const body of shown) assert.ok(!("password" in body));
    const { reader } = world.app.database;
    const trail = await reader.selectFrom("audit_entry").selectAll().where("resource_id", "=", made.body.id).execute();
    assert.equal(trail.length, 2);
    const written = JSON.stringify([shown, trail]);
    assert.doesNotMatch(written, /correct-horse|argon2id/);
    assert.match(trail[1]!.after!, /\*\*\* \(changed\)/);
  });

  it("PUT leaves the password, and a change of it changes the version", async () => {
    await world.patch("/user/43/", { password: "first" });
    const [old, tag] = [await storedOf(43), (await world.get("/user/43/")).headers["etag"]];
    await world.put("/user/43/", { username: "austin.guest" });
    await world.put("/user_token/43/", { username: "austin.guest" });
    assert.equal(await storedOf(43), old);
    await world.patch("/user/43/", { password: "second" });
    assert.notEqual((await world.get("/user/43/")).headers["etag"], tag);
  });
});
