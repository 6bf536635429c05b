import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { assertProblem } from "../../support/operations.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

type Refused = Record<string, readonly unknown[]>;

const long = "x".repeat(256);
const texts = [1, true, {}, [], long, "\u0000", "a\u0000b"];

const refusedInBoth: Refused = {
  username: [
    null,
    1,
    "",
    " ",
    "a b",
    " a",
    "a ",
    "x".repeat(151),
    ".",
    "..",
    "a\\b",
    "a*b",
    "a?b",
    "a#b",
    "a\tb",
    "a😀",
    "a,b",
    "\u0301a",
    "a\u0000",
  ],
  email: [1, true, "nobody", "a@b", "a b@c.de", "@c.de", "a@", "a@@b.de", "a@b..de", `${long}@b.de`],
  first_name: texts,
  last_name: texts,
  external_id: texts,
  klass: texts,
  description: texts,
  avatar_url: [
    1,
    "example.com/a.png",
    "ftp://example.com/a",
    "javascript:alert(1)",
    "http://",
    "http://a b/",
    `https://e.com/${"x".repeat(2_048)}`,
  ],
  is_active: [null, 0, 1, "true", "yes", []],
  organization: [null, true, 0, -1, 1.5, "", "nowhere", 999, "999", "0x1", " 1", "1 ", [], {}, "x".repeat(256)],
  expiration: [
    1_705_314_600,
    true,
    "now",
    "15/01/2024",
    "2024-02-30",
    "2024-13-01",
    "2024-01-15T25:00:00Z",
    "2024-01-15T10:60:00Z",
    "24-01-15",
  ],
  password: [1, true, [], "", "x".repeat(256)],
};

const refusedInUser: Refused = {
  groups: [null, "a", {}, [1], [null], [""], ["x".repeat(81)], Array.from({ length: 251 }, (_, index) => `g${index}`)],
  aaa_profile: [null, "a", [], 1, { big: "x".repeat(65_536) }],
  profile: [null, "a", ["internet_access"], { first_name: 1 }, { unknown: 1 }, { role: "x".repeat(256) }],
  user_time: [3_600],
};

const refusedInUserToken: Refused = {
  profile: [null, "internet_access", {}, [1], [""], ["no_such_profile"], ["x".repeat(81)], ["internet_access", "no_such_profile"]],
  user_time: [-1, 1.5, "60", "", true, 9_007_199_254_740_992, 1e300, [], {}],
  groups: [["developers"]],
  aaa_profile: [{ role: "user" }],
};

/** What is sent, and what both reading and writing show of it. */
const takenInBoth: readonly [field: string, sent: unknown, shown: unknown][] = [
  ["email", "name@example.com", "name@example.com"],
  ["email", "ünï@bücher.example", "ünï@bücher.example"],
  ["email", "", null],
  ["email", null, null],
  ["first_name", "x".repeat(255), "x".repeat(255)],
  ["first_name", "😀".repeat(255), "😀".repeat(255)],
  ["last_name", "  kept as given\n ", "  kept as given\n "],
  ["last_name", "", ""],
  ["description", null, null],
  ["klass", "", ""],
  ["klass", "premium", "premium"],
  ["avatar_url", "https://example.com/avatars/42.png?x=1#y", "https://example.com/avatars/42.png?x=1#y"],
  ["avatar_url", "", null],
  ["expiration", "2024-01-15T10:30:00Z", "2024-01-15T10:30:00Z"],
  ["expiration", "2024-01-15T10:30:00.999999+02:00", "2024-01-15T08:30:00Z"],
  ["expiration", "2024-01-15", "2024-01-15T00:00:00Z"],
  ["expiration", "2000-01-01 00:01:00+00:00", "2000-01-01T00:01:00Z"],
  ["expiration", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"],
  ["expiration", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"],
  ["expiration", "", null],
  ["expiration", null, null],
  ["is_active", false, false],
  ["is_active", true, true],
];

onEachDatabase("the values of an account", (open) => {
  let world: World;
  before(async () => {
    world = await open();
  });
  after(() => world.close());

  const refuses = async (path: string, field: string, value: unknown) => {
    const answer = await world.patch(path, { [field]: value });
    const shown = `${field}: ${JSON.stringify(value)?.slice(0, 80)} -> ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`;
    assert.equal(answer.status, 400, shown);
    assertProblem(answer, 400);
    assert.ok(
      Object.keys(answer.body.errors).every((name) => name === field || name.startsWith(`${field}.`)),
      shown,
    );
  };

  for (const [path, own] of [
    ["/user/2/", refusedInUser],
    ["/user_token/2/", refusedInUserToken],
  ] as const) {
    for (const [field, values] of Object.entries({ ...refusedInBoth, ...own })) {
      it(`${path} refuses what is no ${field} and names it`, async () => {
        const untouched = (await world.get(path)).body;
        for (const value of values) await refuses(path, field, value);
        assert.deepEqual((await world.get(path)).body, untouched, "a refused request changes nothing");
      });
    }

    it(`${path} takes every value that fits and shows it again`, async () => {
      for (const [field, sent, shown] of takenInBoth) {
        const answer = await world.patch(path, { [field]: sent });
        assert.equal(answer.status, 200, `${field}: ${JSON.stringify([sent, answer.body])}`);
        assert.deepEqual(answer.body[field], shown, field);
        assert.deepEqual((await world.get(path)).body[field], shown, field);
      }
    });

    it(`${path} takes an organization by id, digits or slug`, async () => {
      for (const organization of [2, "2", "globex"]) {
        const answer = await world.patch(path, { organization });
        assert.equal(answer.status, 200, JSON.stringify(answer.body));
        assert.equal(answer.body.organization, path.startsWith("/user_token") ? 2 : "globex");
        await world.patch(path, { organization: 1 });
      }
    });
  }

  it("all faulty fields are named at once, in arrays by their row", async () => {
    const faulty = { username: "a b", email: "nobody", user_time: "60" };
    const one = await world.post("/user_token/", faulty);
    assert.deepEqual(Object.keys(one.body.errors).sort(), ["email", "user_time", "username"]);
    const rows = await world.post("/user_token/", [{ username: "fine" }, faulty, { email: "a@b.de" }]);
    assert.deepEqual(Object.keys(rows.body.errors).sort(), ["1.email", "1.user_time", "1.username", "2.username"]);
    assert.equal((await world.get("/user_token/?username=fine")).body.count, 0, "all rows or none");
  });

  it("what is left out on create has the contract's defaults", async () => {
    const user = (await world.post("/user/", { username: "bare" })).body;
    const empty = { email: null, first_name: null, last_name: null, external_id: null, klass: null, description: null, avatar_url: null };
    const never = { expiration: null, first_login: null, last_login: null };
    for (const [field, value] of Object.entries({
      ...empty,
      ...never,
      is_active: true,
      groups: [],
      aaa_profile: {},
      organization: "acme_corp",
    }))
      assert.deepEqual(user[field], value, field);
    const token = (await world.get(`/user_token/${user.id}/?balance=true`)).body;
    assert.deepEqual([token.profile, token.user_time, token.organization], [[], null, 1]);
  });

  it("groups lose duplicates and keep their order; 80 characters and 250 groups fit", async () => {
    const groups = ["b", "a", "b", "x".repeat(80), "a"];
    const answer = await world.patch("/user/43/", { groups });
    assert.deepEqual(answer.body.groups, ["b", "a", "x".repeat(80)]);
    const many = Array.from({ length: 250 }, (_, index) => `group ${index}`);
    assert.deepEqual((await world.patch("/user/43/", { groups: many })).body.groups, many);
    assert.equal((await world.get("/user/?group=group%20249")).body.count, 1);
  });

  it("an AAA profile is named as the organization or one above it knows it, in the order given", async () => {
    const profile = ["vpn_access", "internet_access"];
    assert.deepEqual((await world.patch("/user_token/42/", { profile })).body.profile, profile);
  });

  it("an external id is unique within its organization only", async () => {
    const taken = await world.patch("/user_token/2/", { external_id: "EXT-USER-001" });
    assertProblem(taken, 400);
    assert.deepEqual(Object.keys(taken.body.errors), ["external_id"]);
    assert.equal((await world.patch("/user_token/43/", { external_id: "EXT-USER-001" })).status, 200);
    const moved = await world.patch("/user_token/43/", { organization: 1 });
    assertProblem(moved, 400);
    assert.deepEqual(Object.keys(moved.body.errors), ["external_id"]);
    assert.equal((await world.get("/user_token/43/")).body.organization, 456);
  });
});
