import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { names, shows } from "../../support/expect.ts";
import { makeAccount } from "../../support/network.ts";
import { assertProblem } from "../../support/operations.ts";
import { makeTenant, type Tenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

onEachDatabase("an app that checks a user's password", (open) => {
  let world: World;
  let cafe: Tenant;
  let nowMs = 1_800_000_000_000;
  /** The waits that passed, in milliseconds: they take no time, and the clock stands still unless time passes. */
  let waits: number[] = [];
  let passes = false;
  before(async () => {
    const delay = (act: () => void, ms: number) => {
      waits.push(ms);
      const soon = setImmediate(() => {
        if (passes) nowMs += ms;
        act();
      });
      return () => clearImmediate(soon);
    };
    world = await open({ clock: { nowMs: () => nowMs }, delay });
    cafe = await makeTenant(world, "cafe", { own_usernames: true });
  });
  after(() => world.close());

  const user = (username: string, fields: object = {}) => makeAccount(world, { username, organization: cafe.id, ...fields });
  const login = (body: unknown, token = cafe.token) => world.post("/device_app_user_authenticate/", body, { token });
  const refused = async (username: string, password: string) => {
    const answer = await login({ username, password });
    return [answer.status, answer.body.code];
  };

  it("is shown the user, with data as a string, as an object, or unwrapped", async () => {
    const id = await user("john", { user_time: 60 });
    for (const body of [
      { data: JSON.stringify({ username: "JOHN", password: "secret" }) },
      { data: { username: "john", password: "secret", device_id: "phone-1" } },
      { username: "john", password: "secret" },
    ]) {
      const answer = await login(body);
      shows(answer, 201, { authenticated: true, user_id: String(id), id, username: "john", organization: "cafe" });
      assert.equal(answer.body.last_login, "2027-01-15T08:00:00Z");
    }
    await world.app.flush();
    const { body } = await world.get(`/access_decision/?user=${id}`);
    assert.deepEqual(
      body.results.map((row: Record<string, unknown>) => [row["source"], row["client"], row["calling_station_id"]]),
      [
        ["app", null, null],
        ["app", null, "phone-1"],
        ["app", null, null],
      ],
    );
    assert.equal((await world.get(`/user/${id}/`)).body.first_login, "2027-01-15T08:00:00Z");
  });

  it("is told the same of a wrong password and of nobody, and why else the answer is no only with the right one", async () => {
    await user("inactive", { is_active: false });
    await user("expired", { expiration: "2020-01-01" });
    await user("empty", { user_time: 0 });
    await user("nopassword", { password: null });
    for (const username of ["inactive", "expired", "empty", "nopassword", "nobody"]) {
      assert.deepEqual(await refused(username, "wrong"), [400, "access.wrong_credential"], username);
    }
    assert.deepEqual(await refused("inactive", "secret"), [400, "access.inactive"]);
    assert.deepEqual(await refused("expired", "secret"), [400, "access.expired"]);
    assert.deepEqual(await refused("empty", "secret"), [400, "access.no_time_left"]);
    await world.post("/aaa_profile/", {
      short_name: "blocked",
      organization: cafe.id,
      check: [{ attribute: "Auth-Type", op: ":=", value: "Reject" }],
    });
    await user("blocked", { profile: ["blocked"] });
    assert.deepEqual(await refused("blocked", "secret"), [400, "access.profile_refuses"]);
  });

  it("is let in by the password that an imported hash was made of, never by the hash's own text", async () => {
    const nt = "056585eb6c5a02fb4e000c92814a4a10";
    const imported = [
      { password: "$1$ab$bddlLCrn4gEIzaCsUM50Z/" },
      { password: "{crypt}$1$ab$bddlLCrn4gEIzaCsUM50Z/" },
      { password: "{md5}gkU0DqwTJuAxUU0Gtn9MrA==" },
      { password: "{SHA}YGLbQADWTB9abJvfC2eBbHzytLM=" },
      { password: "{ssha}f2iXz7gT4Tn355NweNU5TRiM7rdwZXBw" },
      { password: nt, password_scheme: "nt" },
      { password: "gkU0DqwTJuAxUU0Gtn9MrA==", password_scheme: "md5" },
    ];
    for (const [index, fields] of imported.entries()) {
      const username = `imported-${index}`;
      const id = await user(username, fields);
      assert.deepEqual(await refused(username, fields.password), [400, "access.wrong_credential"], fields.password);
      shows(await login({ username, password: "s3cret-ä" }), 201, { authenticated: true });
      await world.app.flush();
      const { reader } = world.app.database;
      const row = await reader.selectFrom("user_account").select("password_hash").where("id", "=", id).executeTakeFirstOrThrow();
      assert.match(row.password_hash!, /^\$argon2id\$v=19\$m=19456/, "and is hashed anew");
      shows(await login({ username, password: "s3cret-ä" }), 201, { authenticated: true });
      nowMs += 600_000;
    }
  });

  it("reserves nothing, and is held to no check attribute", async () => {
    const check = [
      { attribute: "NAS-Port-Type", op: "==", value: "Virtual" },
      { attribute: "Simultaneous-Use", op: ":=", value: "0" },
    ];
    await world.post("/aaa_profile/", { short_name: "vpn", organization: cafe.id, check });
    await user("free", { profile: ["vpn"], user_time: 60 });
    shows(await login({ username: "free", password: "secret" }), 201);
    assert.deepEqual(await world.app.database.reader.selectFrom("reservation").select("station").execute(), []);
  });

  it("finds no users out of its tree", async () => {
    const other = await makeTenant(world, "other", { own_usernames: true });
    await user("tenant");
    assertProblem(await login({ username: "tenant", password: "secret" }, other.token), 400);
    await makeAccount(world, { username: "tenant", organization: other.id, password: "another" });
    shows(await login({ username: "tenant", password: "another" }, other.token), 201);
    assert.deepEqual(await refused("tenant", "another"), [400, "access.wrong_credential"]);
  });

  it("is told the same of a name that several accounts have, in namespaces of their own: the decision tells the operator", async () => {
    const above = await makeTenant(world, "chain");
    const branches = [];
    for (const slug of ["chain-north", "chain-south"])
      branches.push(await makeTenant(world, slug, { parent: above.id, own_usernames: true }));
    for (const { id } of branches) await makeAccount(world, { username: "twin", organization: id });
    const answers = [];
    for (const username of ["twin", "no-twin"]) answers.push(await login({ username, password: "secret" }, above.token));
    const [several, none] = answers.map(({ status, body }) => ({ status, rest: { ...body, request_id: "" } }));
    assert.deepEqual(several, none);
    assert.deepEqual([several?.status, several?.rest.code], [400, "access.wrong_credential"]);
    await world.app.flush();
    const { body } = await world.get("/access_decision/", { token: above.token });
    const reasons = body.results.map((row: Record<string, unknown>) => [row["username"], row["reason"]]);
    assert.deepEqual(new Map(reasons).get("twin"), "ambiguous_user");
    shows(await login({ username: "twin@chain-south", password: "secret" }, above.token), 201, { organization: "chain-south" });
    shows(await login({ username: "twin", password: "secret" }, branches[0]!.token), 201, { organization: "chain-north" });
  });

  /** What is waited for until a login is answered, and how. Who is wrong waits 250 ms for the common step at the end. */
  const waited = async (body: object, token = cafe.token): Promise<[number, ...number[]]> => {
    waits = [];
    const { status } = await login(body, token);
    return [status, ...waits];
  };

  it("is not slowed down by wrong passwords of another token or device, and simulations count like logins", async () => {
    await user("wanted");
    const simulate = (password: string) =>
      world.post("/access_decision/simulate/", { username: "wanted", password }, { token: cafe.token });
    for (let attempt = 0; attempt < 12; attempt += 1) {
      await login({ username: "wanted", password: `wrong-${attempt}`, device_id: "attacker" });
    }
    assert.deepEqual(await waited({ username: "wanted", password: "another", device_id: "attacker" }), [400, 1_000, 250]);
    assert.deepEqual(await waited({ username: "wanted", password: "secret", device_id: "owner" }), [201]);
    for (let attempt = 0; attempt < 10; attempt += 1) await simulate(`wrong-${attempt}`);
    waits = [];
    assert.equal((await simulate("secret")).body.outcome, "accept");
    assert.deepEqual(waits, [250]);
    shows(await world.post("/device_app_user_authenticate/", { username: "wanted", password: "secret" }), 201);
  });

  it("is slowed down after ten wrong passwords, for five minutes, and the right one is looked at all the same", async () => {
    await user("guessed");
    for (let attempt = 0; attempt < 10; attempt += 1) assert.equal((await refused("guessed", `wrong-${attempt}`))[0], 400);
    const found = [];
    for (let attempt = 0; attempt < 6; attempt += 1) found.push(await waited({ username: "Guessed", password: `more-${attempt}` }));
    assert.deepEqual(
      found.map(([, wait]) => wait),
      [250, 500, 1_000, 2_000, 2_500, 2_500],
      "no longer than FreeRADIUS or equipment wait",
    );
    assert.deepEqual(await waited({ username: "guessed", password: "secret" }), [201, 2_500]);
    assert.deepEqual(await waited({ username: "guessed", password: "after a good one" }), [400, 250], "a good login wipes the slate clean");
    for (let attempt = 0; attempt < 10; attempt += 1) await refused("guessed", `again-${attempt}`);
    assert.deepEqual(await waited({ username: "john", password: "secret" }), [201]);
    nowMs += 300_000;
    assert.deepEqual(await waited({ username: "guessed", password: "secret" }), [201]);
  });

  it("is slowed down however the name is spelled: by realm, by hardware address", async () => {
    await user("spelled");
    await user("aabbccddee01");
    const spellings = {
      spelled: (index: number) => (index % 2 === 0 ? `spelled@realm-${index}` : `realm-${index}\\SPELLED`),
      aabbccddee01: (index: number) => ["AA-BB-CC-DD-EE-01", "aabb.ccdd.ee01", "aabbcc-ddee01", "AA:BB:CC:DD:EE:01@x"][index % 4]!,
      nobody: (index: number) => `nobody@realm-${index}`,
    };
    for (const [name, spell] of Object.entries(spellings)) {
      for (let attempt = 0; attempt < 10; attempt += 1) {
        assert.deepEqual(await refused(spell(attempt), `wrong-${attempt}`), [400, "access.wrong_credential"], spell(attempt));
      }
      assert.deepEqual(await waited({ username: name, password: "wrong" }), [400, 250, 250]);
      assert.deepEqual(await waited({ username: spell(10), password: "wrong" }), [400, 500, 250]);
    }
    shows(await login({ username: "john@realm-1", password: "secret" }), 201);
  });

  it("is slowed down by an account's wrong passwords alone, with a namesake beside", async () => {
    const beside = await makeTenant(world, "beside", { own_usernames: true });
    await user("namesake");
    await makeAccount(world, { username: "namesake", organization: beside.id, password: "another" });
    for (let attempt = 0; attempt < 10; attempt += 1) await refused("namesake", `wrong-${attempt}`);
    assert.deepEqual(await waited({ username: "namesake", password: "another" }, beside.token), [201]);
    assert.deepEqual(await waited({ username: "namesake", password: "secret" }), [201, 250]);
  });

  it("lets the owner in from a new device after a hundred wrong ones of others, and known devices without a wait", async () => {
    await user("beset");
    const known = { username: "beset", password: "secret", device_id: "known" };
    assert.deepEqual(await waited(known), [201]);
    for (let attempt = 0; attempt < 102; attempt += 1)
      await login({ username: "beset", password: `wrong-${attempt}`, device_id: `rotating ${attempt}` });
    assert.deepEqual(await waited(known), [201]);
    assert.deepEqual(await waited({ username: "beset", password: "secret", device_id: "new" }), [201, 1_000]);
    assert.deepEqual(await waited({ username: "beset", password: "secret", device_id: "new" }), [201], "it is known from now on");
    assert.deepEqual(await waited({ username: "john", password: "secret", device_id: "new" }), [201], "of one account alone");
  });

  it("guesses no more often at once than one after the other, and right passwords at once are not guesses", async () => {
    await user("crowded");
    waits = [];
    const guesses = await Promise.all(Array.from({ length: 30 }, (_, index) => login({ username: "crowded", password: `wrong-${index}` })));
    assert.deepEqual(
      guesses.map(({ status }) => status),
      Array(30).fill(400),
    );
    // Twenty waited for their turn, and thirty for the common step.
    assert.equal(waits.filter((ms) => ms === 2_500).length, 16, waits.join());
    assert.equal(waits.length, 50);
    nowMs += 300_000;
    for (let round = 0; round < 3; round += 1) {
      const right = await Promise.all(Array.from({ length: 30 }, () => login({ username: "crowded", password: "secret" })));
      assert.deepEqual(
        right.map(({ status }) => status),
        Array(30).fill(201),
      );
    }
  });

  it("is told to come again where too many guess at once", async () => {
    await user("hammered");
    for (let attempt = 0; attempt < 14; attempt += 1) await refused("hammered", `wrong-${attempt}`);
    passes = true;
    const asked = Array.from({ length: 10 }, (_, index) => login({ username: "hammered", password: `at once ${index}` }));
    const answers = await Promise.all(asked);
    passes = false;
    const refusals = answers.filter(({ status }) => status !== 400);
    assert.ok(refusals.length > 0 && refusals.length < 10, String(refusals.length));
    for (const refusal of refusals) {
      assertProblem(refusal, 429);
      assert.deepEqual([refusal.body.code, refusal.headers["retry-after"]], ["access.too_many_attempts", "3"]);
    }
  });

  it("is told what is wrong with its request", async () => {
    names(await login({}), "username", "password");
    names(await login({ data: { username: "john" } }), "password");
    names(await login({ data: { username: "john", password: "x", more: 1 } }), "more");
    names(await login({ data: "no json" }), "data");
    names(await login({ data: { username: "john", password: "x" }, username: "john" }), "data");
    names(await login({ username: 1, password: "x" }), "username");
  });
});
