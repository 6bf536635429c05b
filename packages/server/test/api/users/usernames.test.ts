import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { assertProblem } from "../../support/operations.ts";
import { addTenant } from "../../support/planted-tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

/** Spellings of one name: the first is created, the others are found by it and taken by it. */
const equalNames: readonly (readonly string[])[] = [
  ["Straße", "STRASSE", "strasse", "straße"],
  ["café", "cafe\u0301", "CAFÉ"],
  ["ΟΔΥΣΣΕΥΣ", "οδυσσευς", "οδυσσευσ"],
  ["ﬁsh", "FISH", "fish"],
  ["A.B+C-D_E:F/G|H@I", "a.b+c-d_e:f/g|h@i"],
  ["Ǆungla", "ǆungla", "ǅungla"],
];

const allowed = [
  "a",
  "...",
  ".a",
  "1",
  "x".repeat(150),
  "ü".repeat(150),
  "user@realm.example",
  "aa:bb:cc:dd:ee:ff",
  "host/name",
  "a|b",
  "用户",
  "пользователь",
  "हिन्दी",
];

const byName = (name: string) => `/user/username/${encodeURIComponent(name)}/`;

onEachDatabase("usernames", (open) => {
  let world: World;
  before(async () => {
    world = await open();
  });
  after(() => world.close());

  for (const [name, ...others] of equalNames) {
    it(`${name} is ${others.join(", ")} in every lookup, path and check`, async () => {
      const made = await world.post("/user/", { username: name });
      assert.equal(made.status, 201, JSON.stringify(made.body));
      assert.equal(made.body.username, name, "the spelling is kept");
      for (const other of [name!, ...others]) {
        assert.equal((await world.get(byName(other))).body.id, made.body.id, other);
        assert.equal((await world.get(`/user_token/?username=${encodeURIComponent(other)}`)).body.count, 1, other);
        assert.equal((await world.get(`/user/?username=${encodeURIComponent(other)}`)).body.count, 1, other);
        const again = await world.post("/user_token/", { username: other });
        assertProblem(again, 400);
        assert.deepEqual(again.body.errors, { username: ["This username is taken."] });
      }
      const respelled = await world.patch(byName(others[0]!), { username: others[0] });
      assert.equal(respelled.status, 200, "an account may take another spelling of its own name");
    });
  }

  for (const name of allowed) {
    it(`${name.slice(0, 40)} is a username and a path leads to it`, async () => {
      const made = await world.post("/user/", { username: name });
      assert.equal(made.status, 201, JSON.stringify(made.body));
      assert.equal((await world.get(byName(name))).body.id, made.body.id);
      assert.equal((await world.delete(byName(name))).status, 204);
      assertProblem(await world.get(byName(name)), 404);
    });
  }

  it("two rows of one array cannot take the same name", async () => {
    const answer = await world.post("/user/", [{ username: "twin" }, { username: "TWIN" }]);
    assertProblem(answer, 400);
    assert.deepEqual(Object.keys(answer.body.errors), ["1.username"]);
  });

  it("a hardware address is one name in every spelling, so that no other spelling is asked for in its place", async () => {
    const made = await world.post("/user/", { username: "AA-BB-CC-0D-0E-0F" });
    assert.equal(made.status, 201);
    const other = await world.post("/user/", { username: "phone" });
    for (const username of ["aa:bb:cc:0d:0e:0f", "aabb.cc0d.0e0f", "AABBCC-0D0E0F", "aabbcc0d0e0f"]) {
      for (const answer of [await world.post("/user/", { username }), await world.patch(`/user/${other.body.id}/`, { username })]) {
        assertProblem(answer, 400);
        assert.deepEqual(Object.keys(answer.body.errors), ["username"]);
      }
    }
    const twins = await world.post("/user/", [{ username: "02:00:00:00:00:aa" }, { username: "0200000000AA" }]);
    assert.deepEqual(Object.keys(twins.body.errors), ["1.username"]);
    assert.equal((await world.patch(`/user/${made.body.id}/`, { username: "aabbcc0d0e0f" })).status, 200, "its own is free to spell");
    const { token } = await addTenant(world, "another-space");
    assert.equal((await world.post("/user/", { username: "AA-BB-CC-0D-0E-0F" }, { token })).status, 201);
  });

  it("renaming to a name that is taken is refused, and a free name is given up at once", async () => {
    assertProblem(await world.patch("/user/43/", { username: "john_doe" }), 400);
    assert.equal((await world.patch("/user/43/", { username: "someone.else" })).status, 200);
    assertProblem(await world.get(byName("austin.guest")), 404);
    assert.equal((await world.post("/user/", { username: "austin.guest" })).status, 201);
  });

  it("each namespace has its own; a path that fits two asks for the organization", async () => {
    const { organization, token } = await addTenant(world, "hotel");
    const theirs = await world.post("/user/", { username: "guest1" }, { token });
    assert.equal(theirs.status, 201, JSON.stringify(theirs.body));
    assert.equal(theirs.body.organization, "hotel");
    const ours = await world.post("/user/", { username: "GUEST1" });
    assert.equal(ours.status, 201, JSON.stringify(ours.body));
    const ambiguous = await world.get(byName("guest1"));
    assertProblem(ambiguous, 409);
    assert.match(ambiguous.body.detail, /\?organization=/);
    assert.equal((await world.get(`${byName("guest1")}?organization=hotel`)).body.id, theirs.body.id);
    assert.equal((await world.get(`${byName("guest1")}?organization=1`)).body.id, ours.body.id);
    assert.equal((await world.get(byName("guest1"), { token })).body.id, theirs.body.id);
    const moved = await world.patch(`/user/${ours.body.id}/`, { organization: organization.id });
    assertProblem(moved, 400);
    assert.deepEqual(Object.keys(moved.body.errors), ["organization"]);
  });
});
