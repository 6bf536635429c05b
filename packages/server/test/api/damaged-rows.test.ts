import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { ask, makeAccount, makeClient } from "../support/network.ts";
import { assertDeclared } from "../support/operations.ts";
import { makeTenant, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("a record that cannot be shown", (open) => {
  let world: World;
  let mine: Tenant;
  let other: Tenant;
  const lines: { msg: string; id?: number; level: number }[] = [];
  before(async () => {
    world = await open({ onLine: (line) => void lines.push(JSON.parse(line)) });
    mine = await makeTenant(world, "mine", { own_usernames: true });
    other = await makeTenant(world, "other", { own_usernames: true });
  });
  after(() => world.close());

  it("stands in its place on the page by its id, which is of the others, too, and of nobody else", async () => {
    const client = await makeClient(world, mine.id);
    const ids: number[] = [];
    for (const userName of ["one", "two", "three"]) ids.push((await ask(world, client, { userName })).decisionId);
    await world.app.flush();
    const text = '{"a secret that no log may have';
    await world.app.database.write((handle) =>
      handle.updateTable("access_decision").set({ trace: text }).where("id", "=", ids[1]!).execute(),
    );
    lines.length = 0;
    const path = "/access_decision/?limit=100";
    const answer = await world.get(path, { token: mine.token });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assertDeclared("GET", path, answer);
    const rows = answer.body.results as { id: number; username?: string; damaged?: true }[];
    assert.deepEqual(
      rows.map(({ id, username, damaged }) => [id, username, damaged]),
      [
        [ids[0], "one", undefined],
        [ids[1], undefined, true],
        [ids[2], "three", undefined],
      ],
    );
    assert.deepEqual(rows[1], { id: ids[1], damaged: true });
    assert.equal(answer.body.count, 3);
    const told = lines.filter(({ msg }) => msg.includes("cannot be shown"));
    assert.deepEqual(
      told.map(({ id }) => id),
      [ids[1]],
    );
    assert.equal(JSON.stringify(lines).includes("a secret that no"), false, "what the record holds is not told");
    world.errors.length = 0;
    const theirs = await world.get(path, { token: other.token });
    assert.deepEqual([theirs.status, theirs.body.count, theirs.body.results], [200, 0, []]);
    const above = await world.get("/access_decision/?limit=100");
    assert.ok(
      (above.body.results as { id: number }[]).some(({ id }) => id === ids[1]),
      "who sees all sees its place",
    );
    world.errors.length = 0;
  });

  it("is named so in other lists, too, whatever of it cannot be read", async () => {
    const [first, second] = [
      await makeAccount(world, { username: "first", organization: mine.id }),
      await makeAccount(world, { username: "second", organization: mine.id }),
    ];
    const made: Record<string, number[]> = { user_extra: [], aaa_profile: [] };
    for (const parent of [first, second]) {
      const extra = await world.post("/user_extra/", { parent, tax_id: "123456789" }, { token: mine.token });
      const profile = await world.post("/aaa_profile/", { short_name: `p-${parent}` }, { token: mine.token });
      assert.deepEqual([extra.status, profile.status], [201, 201]);
      made["user_extra"]!.push(extra.body.id);
      made["aaa_profile"]!.push(profile.body.id);
    }
    await world.app.database.write(async (handle) => {
      await handle.updateTable("user_extra").set({ tax_id: "no seal of ours" }).where("id", "=", made["user_extra"]![0]!).execute();
      await handle.updateTable("aaa_profile").set({ reply_attributes: "[{" }).where("id", "=", made["aaa_profile"]![0]!).execute();
    });
    for (const [name, [damaged, whole]] of Object.entries(made)) {
      const answer = await world.get(`/${name}/?limit=100`, { token: mine.token });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      const rows = answer.body.results as { id: number; damaged?: true }[];
      const found = [damaged, whole].map((id) => rows.find((row) => row.id === id));
      assert.deepEqual([found[0], found[1]?.damaged], [{ id: damaged, damaged: true }, undefined], name);
    }
    world.errors.length = 0;
  });

  it("is refused by its own code when it is asked for alone, and hides no other", async () => {
    const user = await makeAccount(world, { username: "damaged", organization: mine.id });
    const extra = await world.post("/user_extra/", { parent: user, passport_number: "P1234567" }, { token: mine.token });
    const profile = await world.post("/aaa_profile/", { short_name: "damaged" }, { token: mine.token });
    const client = await makeClient(world, mine.id);
    const { decisionId } = await ask(world, client, { userName: "damaged" });
    await world.app.flush();
    const token = await world.post("/api_token/", { name: "damaged", organization: mine.id, scopes: ["user:read"] });
    const below = await world.post("/organization/", { name: "Damaged", slug: "damaged", parent: mine.id }, { token: mine.token });
    assert.deepEqual([extra.status, profile.status, token.status, below.status], [201, 201, 201, 201]);
    const noJson = '{"a secret that no log may have';
    const damages = [
      { path: `/user/${user}/`, table: "user_account", id: user, values: { groups: noJson } },
      { path: `/user_token/${user}/`, table: "user_account", id: user, values: { groups: noJson } },
      { path: `/user_token/${user}/?balance=true`, table: "user_account", id: user, values: { profile_names: noJson } },
      { path: "/user/username/damaged/", table: "user_account", id: user, values: { aaa_profile: noJson } },
      { path: `/user_extra/${extra.body.id}/`, table: "user_extra", id: extra.body.id, values: { passport_number: "no seal of ours" } },
      { path: `/user_extra/${extra.body.id}/`, table: "user_extra", id: extra.body.id, values: { preferences: noJson } },
      { path: `/aaa_profile/${profile.body.id}/`, table: "aaa_profile", id: profile.body.id, values: { check_attributes: noJson } },
      { path: `/aaa_client/${client.id}/`, table: "aaa_client", id: client.id, values: { secret: "v1:AAAA" } },
      { path: `/aaa_client/${client.id}/`, table: "aaa_client", id: client.id, values: { more_addresses: noJson } },
      { path: `/access_decision/${decisionId}/`, table: "access_decision", id: decisionId, values: { trace: noJson } },
      { path: `/access_decision/${decisionId}/`, table: "access_decision", id: decisionId, values: { reply: noJson } },
      { path: `/api_token/${token.body.id}/`, table: "api_token", id: token.body.id, values: { scopes: noJson } },
      { path: `/organization/${below.body.id}/`, table: "organization", id: below.body.id, values: { login_rules: noJson } },
    ] as const;
    for (const { path, table, id, values } of damages) {
      // Any of these tables; the types of one stand for all.
      const one = table as "user_account";
      const columns = Object.keys(values) as "groups"[];
      const whole = await world.app.database.reader.selectFrom(one).select(columns).where("id", "=", id).executeTakeFirstOrThrow();
      const store = (stored: object) =>
        world.app.database.write((handle) => handle.updateTable(one).set(stored).where("id", "=", id).execute());
      await store(values);
      lines.length = 0;
      const answer = await world.get(path);
      assert.deepEqual([answer.status, answer.body.code], [409, "record.damaged"], `${path} ${JSON.stringify(answer.body)}`);
      assertDeclared("GET", path, answer);
      assert.equal(lines.filter(({ msg }) => msg === "a record cannot be read").length, 1, path);
      assert.equal(JSON.stringify([lines, answer.body]).includes("a secret that no"), false, "neither log nor answer quotes the record");
      const theirs = await world.get(path, { token: other.token });
      assert.equal(theirs.status, 404, path);
      await store(whole);
      assert.equal((await world.get(path)).status, 200, path);
    }
    world.errors.length = 0;
  });

  it("refuses a change of it in the same way, and nothing is changed", async () => {
    const user = await makeAccount(world, { username: "unchanged", organization: mine.id });
    const path = `/user_token/${user}/`;
    const damage = (groups: string) =>
      world.app.database.write((handle) => handle.updateTable("user_account").set({ groups }).where("id", "=", user).execute());
    await damage("[{");
    const refused = await world.patch(path, { klass: "changed" }, { token: mine.token });
    assert.deepEqual([refused.status, refused.body.code], [409, "record.damaged"]);
    await damage("[]");
    assert.equal((await world.get(path)).body.klass, null);
    world.errors.length = 0;
  });
});
