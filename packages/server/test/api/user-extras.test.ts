import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { runnerOf, type StatementRunner } from "../../src/storage/runner.ts";
import { devices, extraRecords, namesOf, refusal } from "../support/extra-records.ts";
import { addToken } from "../support/tenants.ts";
import { type Answer, onEachDatabase, type World } from "../support/world.ts";

const secret = { tax_id: "123-45-6789", passport_number: "X12" };

onEachDatabase("extra records", (open) => {
  let world: World;
  /** Of the root organization, without pii:read. */
  let plain: { token: string };
  /** Of the organization 456 alone. */
  let small: { token: string };
  let newUser: ReturnType<typeof extraRecords>["newUser"];
  let create: ReturnType<typeof extraRecords>["create"];
  before(async () => {
    world = await open();
    ({ newUser, create } = extraRecords(world));
    plain = { token: await addToken(world, 1, ["user_extra:read", "user_extra:write"]) };
    small = { token: await addToken(world, 456, ["user_extra:read", "user_extra:write", "pii:read"]) };
  });
  after(() => world.close());

  it("keeps values in their one form and refuses those that are none", async () => {
    const extra = await create({ country_id: "us", locale: "en-US", age: 0, gender: null, title: "", accept_terms: false });
    assert.partialDeepStrictEqual(extra, { country_id: "US", locale: "en_US", age: 0, gender: null, title: "", accept_terms: false });
    assert.equal((await world.patch(`/user_extra/${extra.id}/`, { locale: "zh-Hans-CN" })).body.locale, "zh_Hans_CN");
    for (const [field, value] of Object.entries({
      country_id: "XX",
      locale: "english",
      age: 151,
      accept_terms: "yes",
      birthday: "2023-02-29",
      gender: "F",
      title: 7,
      city: "x".repeat(256),
      preferences: null,
      custom_fields: [],
      device_info: null,
      organization_id: null,
      nickname: "x",
      parent: "42",
    })) {
      refusal(await world.patch(`/user_extra/${extra.id}/`, { [field]: value }), 400, field);
    }
    refusal(await world.patch(`/user_extra/${extra.id}/`, { age: -1, country_id: "q", tax: 1 }), 400, "age", "country_id", "tax");
  });

  it("bounds the two objects by size and depth", async () => {
    const extra = await create({ preferences: { a: "x".repeat(40_000) } });
    refusal(await world.patch(`/user_extra/${extra.id}/`, { preferences: { b: "x".repeat(40_000) } }), 400, "preferences");
    refusal(await world.post("/user_extra/", { parent: 42, custom_fields: { b: "x".repeat(70_000) } }), 400, "custom_fields");
    const deep = `{"preferences":${'{"a":'.repeat(12_000)}1${"}".repeat(12_000)}}`;
    refusal(await world.request("PATCH", `/user_extra/${extra.id}/`, { raw: deep }), 400);
    const abyss = `{"preferences":${'{"a":'.repeat(150_000)}1${"}".repeat(150_000)}}`;
    assert.equal((await world.request("PATCH", `/user_extra/${extra.id}/`, { raw: abyss })).status, 400);
  });

  it("takes the parent's organization as digits or integer and no other", async () => {
    const parent = await newUser("engineering");
    const extra = await create({ parent, organization_id: 12345 });
    assert.equal(extra.organization_id, "12345");
    assert.equal((await world.patch(`/user_extra/${extra.id}/`, { organization_id: "12345" })).status, 200);
    refusal(await world.patch(`/user_extra/${extra.id}/`, { organization_id: 1 }), 400, "organization_id");
    refusal(await world.put(`/user_extra/${extra.id}/`, { parent, organization_id: "x" }), 400, "organization_id");
  });

  it("keeps a record with its user", async () => {
    const extra = await create();
    const other = await newUser();
    refusal(await world.patch(`/user_extra/${extra.id}/`, { parent: other }), 400, "parent");
    refusal(await world.put(`/user_extra/${extra.id}/`, { parent: 999_999 }), 404);
    assert.equal((await world.patch(`/user_extra/${extra.id}/`, { parent: extra.parent, city: "Rome" })).status, 200);
    refusal(await world.put(`/user_extra/${extra.id}/`, {}), 400, "parent");
    refusal(await world.post("/user_extra/", { parent: extra.parent }), 409);
    refusal(await world.post("/user_extra/", { parent: extra.parent, age: "x" }), 400, "age");
  });

  it("does not exist outside of the token's tree", async () => {
    const extra = await create({ parent: await newUser("engineering") });
    for (const method of ["GET", "DELETE"]) refusal(await world.request(method, `/user_extra/${extra.id}/`, small), 404);
    refusal(await world.patch(`/user_extra/${extra.id}/`, { city: "x" }, small), 404);
    refusal(await world.patch("/user_extra/", [{ id: extra.id, city: "x" }], small), 404);
    refusal(await world.post("/user_extra/", { parent: await newUser("engineering") }, small), 404);
    assert.equal((await world.get(`/user_extra/?parent=${extra.parent}`, small)).body.count, 0);
    assert.equal((await world.get("/user_extra/?parent__organization_id=12345", small)).body.count, 0);
    const mine = await world.post("/user_extra/", { parent: 43 }, small);
    assert.equal(mine.status, 201);
    refusal(await world.patch(`/user_extra/${mine.body.id}/`, { parent: extra.parent }, small), 404);
    assert.deepEqual(
      (await world.get("/user_extra/", small)).body.results.map((row: { id: number }) => row.id),
      [mine.body.id],
    );
  });

  it("shows tax and passport numbers masked without pii:read, and takes only the mask back", async () => {
    const extra = await create(secret);
    assert.partialDeepStrictEqual(extra, secret);
    const masked = await world.get(`/user_extra/${extra.id}/`, plain);
    assert.partialDeepStrictEqual(masked.body, { tax_id: "*********89", passport_number: "***" });
    const listed = await world.get(`/user_extra/?parent=${extra.parent}`, plain);
    assert.equal(listed.body.results[0].tax_id, "*********89");
    // What GET returned can be PUT back.
    const back = await world.put(`/user_extra/${extra.id}/`, { ...masked.body, city: "Oslo" }, plain);
    assert.equal(back.status, 200, JSON.stringify(back.body));
    assert.partialDeepStrictEqual((await world.get(`/user_extra/${extra.id}/`)).body, { ...secret, city: "Oslo" });
    for (const tax_id of ["999", "123-45-6789", null, "", "**********9"]) {
      const answer = await world.patch(`/user_extra/${extra.id}/`, { tax_id, city: "Bergen" }, plain);
      refusal(answer, 403);
      assert.equal(answer.body.code, "user_extra.pii_forbidden");
    }
    // Leaving one out of a PUT would remove it.
    refusal(await world.put(`/user_extra/${extra.id}/`, { parent: extra.parent }, plain), 403);
    refusal(await world.post("/user_extra/", { parent: await newUser(), tax_id: "1" }, plain), 403);
    assert.equal((await world.post("/user_extra/", { parent: await newUser(), tax_id: null }, plain)).status, 201);
    assert.partialDeepStrictEqual((await world.get(`/user_extra/${extra.id}/`)).body, { ...secret, city: "Oslo" });
    assert.notEqual(masked.headers["etag"], (await world.get(`/user_extra/${extra.id}/`)).headers["etag"]);
  });

  it("keeps tax and passport numbers out of the database's and the trail's sight", async () => {
    const extra = await create(secret);
    await world.patch(`/user_extra/${extra.id}/`, { tax_id: "987-65-4321" });
    const { reader } = world.app.database;
    const row = await reader.selectFrom("user_extra").selectAll().where("id", "=", extra.id).executeTakeFirstOrThrow();
    assert.match(row.tax_id!, /^v1:/);
    const trail = await reader.selectFrom("audit_entry").selectAll().where("resource", "=", "user_extra").execute();
    const mine = trail.filter((entry) => entry.resource_id === extra.id);
    assert.equal(mine.length, 2);
    assert.doesNotMatch(JSON.stringify(trail), /123-45-6789|987-65-4321|X12"/);
    assert.equal(JSON.parse(mine[1]!.after!).tax_id, "*** (changed)");
    assert.equal(JSON.parse(mine[1]!.after!).passport_number, "***");
    // A value copied to another record does not open there.
    const other = await create();
    await world.app.database.write((handle) =>
      handle.updateTable("user_extra").set({ tax_id: row.tax_id }).where("id", "=", other.id).execute(),
    );
    await assert.rejects(world.app.work.acrossTenants("test").userExtras.find(other.id));
    await world.app.database.write((handle) => handle.updateTable("user_extra").set({ tax_id: null }).where("id", "=", other.id).execute());
  });

  it("merges objects, storing nulls, or removing them in a merge patch", async () => {
    const extra = await create({ preferences: { ui: { theme: "dark", size: 2 }, list: [1, 2] } });
    const merged = await world.patch(`/user_extra/${extra.id}/`, { preferences: { ui: { size: null }, list: [3] } });
    assert.deepEqual(merged.body.preferences, { ui: { theme: "dark", size: null }, list: [3] });
    const removed = await world.patch(
      `/user_extra/${extra.id}/`,
      { preferences: { ui: { size: null } }, custom_fields: { a: null } },
      { headers: { "content-type": "application/merge-patch+json" } },
    );
    assert.deepEqual(removed.body.preferences, { ui: { theme: "dark" }, list: [3] });
    assert.deepEqual(removed.body.custom_fields, {});
  });

  it("makes and changes several, all or none", async () => {
    const parents = [await newUser(), await newUser(), await newUser()];
    const countAll = async () => (await world.get("/user_extra/")).body.count;
    const start = await countAll();
    const rows = await world.post("/user_extra/", [
      { parent: parents[0], city: "A" },
      { parent: parents[1], city: "B" },
    ]);
    assert.equal(rows.status, 201, JSON.stringify(rows.body));
    assert.deepEqual(
      rows.body.map((row: { city: string }) => row.city),
      ["A", "B"],
    );
    assert.equal(await countAll(), start + 2);
    refusal(await world.post("/user_extra/", [{ parent: parents[2] }, { parent: parents[2] }]), 400, "1.parent");
    refusal(await world.post("/user_extra/", [{ parent: parents[2] }, { parent: parents[2], age: 200 }]), 400, "1.age");
    refusal(await world.post("/user_extra/", [{ parent: parents[2] }, { parent: parents[0] }]), 409);
    refusal(await world.post("/user_extra/", [{ parent: parents[2] }, { parent: 999_999 }]), 404);
    assert.equal(await countAll(), start + 2);
    const [first, second] = rows.body;
    const changed = await world.patch("/user_extra/", [
      { id: second.id, city: "C" },
      { id: first.id, preferences: { x: 1 } },
    ]);
    assert.deepEqual(
      changed.body.map((row: { id: number; city: string }) => [row.id, row.city]),
      [
        [second.id, "C"],
        [first.id, "A"],
      ],
    );
    refusal(await world.patch("/user_extra/", [{ id: first.id, city: "Z" }, { id: 999_999 }]), 404);
    refusal(await world.patch("/user_extra/", [{ id: first.id }, { id: first.id }]), 400, "1.id");
    refusal(await world.patch("/user_extra/", [{ id: first.id, organization_id: "2" }]), 400, "0.organization_id");
    assert.equal((await world.get(`/user_extra/${first.id}/`)).body.city, "A");
  });

  it("gives a user one record, however many ask at once", async () => {
    const parent = await newUser();
    const answers = await Promise.all(Array.from({ length: 8 }, () => world.post("/user_extra/", { parent })));
    assert.deepEqual(answers.map((answer) => answer.status).sort(), [201, ...Array.from({ length: 7 }, () => 409)]);
  });

  it("answers with a tag and honours conditions", async () => {
    const extra = await create();
    const shown = await world.get(`/user_extra/${extra.id}/`);
    const etag = String(shown.headers["etag"]);
    assert.equal((await world.get(`/user_extra/${extra.id}/`, { headers: { "if-none-match": etag } })).status, 304);
    const matching = { headers: { "if-match": etag } };
    assert.equal((await world.patch(`/user_extra/${extra.id}/?device_info=1`, { city: "Paris" }, matching)).status, 200);
    refusal(await world.put(`/user_extra/${extra.id}/`, { parent: extra.parent }, matching), 412);
    refusal(await world.delete(`/user_extra/${extra.id}/`, matching), 412);
    refusal(await world.put(`/user_extra/${extra.id}/`, { parent: 999_999 }, matching), 404);
    refusal(await world.delete("/user_extra/999999/", matching), 404);
    refusal(await world.delete("/user_extra/abc/"), 404);
  });

  it("follows the user to another organization and goes with the user", async () => {
    const parent = await newUser("engineering");
    const extra = await create({ parent, ...devices("MV-1") });
    const countIn = async (path: string) => (await world.get(path)).body.count;
    const [there, here] = [await countIn("/user_extra/?parent__organization_id=456"), await countIn("/user_extra/")];
    assert.equal((await world.patch(`/user/${parent}/`, { organization: "techconf" })).status, 200);
    const moved = await world.get(`/user_extra/${extra.id}/?device_info=true`, small);
    assert.equal(moved.status, 200);
    assert.equal(moved.body.organization_id, "456");
    assert.deepEqual(namesOf(moved.body), ["MV-1"]);
    assert.equal(await countIn("/user_extra/?parent__organization_id=456"), there + 1);
    assert.equal((await world.delete(`/user/${parent}/`)).status, 204);
    refusal(await world.get(`/user_extra/${extra.id}/`), 404);
    assert.equal(await countIn("/user_extra/?parent__organization_id=456"), there);
    assert.equal(await countIn("/user_extra/"), here - 1);
    const trail = await world.app.database.reader
      .selectFrom("audit_entry")
      .select(["operation", "resource"])
      .where("operation", "=", "user_delete")
      .execute();
    assert.deepEqual(new Set(trail.map((entry) => entry.resource)), new Set(["user", "user_extra", "device"]));
  });

  it("lists by cursor and change, and pays one query for all devices", async () => {
    const pages: number[] = [];
    for (let next: string | null = "/user_extra/?cursor=&limit=3"; next; ) {
      const page: Answer = await world.get(next);
      assert.equal(page.status, 200);
      pages.push(...page.body.results.map((row: { id: number }) => row.id));
      next = page.body.next && String(page.body.next).replace(/^.*\/api\/v1/, "");
    }
    assert.equal(pages.length, (await world.get("/user_extra/")).body.count);
    assert.deepEqual(
      pages,
      pages.toSorted((a, b) => a - b),
    );
    assert.equal((await world.get("/user_extra/?last_change__gte=2999-01-01")).body.count, 0);
    assert.equal((await world.get("/user_extra/?last_change__gte=2000-01-01")).body.count, pages.length);
    refusal(await world.get("/user_extra/?parent=abc"), 400, "parent");
    refusal(await world.get("/user_extra/?organization=1"), 400, "organization");
    const queries = async (path: string) => {
      const runner = runnerOf(world.app.database.reader) as { -readonly [Method in keyof StatementRunner]: StatementRunner[Method] };
      const { read, readLong } = runner;
      let count = 0;
      runner.read = (plan, values) => {
        count += 1;
        return read.call(runner, plan, values) as never;
      };
      runner.readLong = (plan, values) => {
        count += 1;
        return readLong.call(runner, plan, values) as never;
      };
      await world.get(path);
      Object.assign(runner, { read, readLong });
      assert.ok(count > 0);
      return count;
    };
    // A request now and then also looks whether another process changed something: the fewest of several tell.
    const fewest = async (path: string) => Math.min(await queries(path), await queries(path), await queries(path));
    assert.equal((await fewest("/user_extra/?device_info=true")) - (await fewest("/user_extra/")), 1);
  });
});
