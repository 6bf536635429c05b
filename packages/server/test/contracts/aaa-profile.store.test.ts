import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { DomainError } from "../../src/kernel/errors.ts";
import type { AaaProfile } from "../../src/modules/accounts/aaa-profiles/index.ts";
import { firstPage, makeTenant, makeTenants, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("AAA profile store", (open) => {
  let world: World;
  let mine: Tenant;
  let others: Tenant[];
  let profile: AaaProfile;
  before(async () => {
    world = await open();
    const tenants = await makeTenants(world);
    mine = tenants.mine;
    others = [tenants.neighbour, tenants.foreign];
    const body = { short_name: "gold", check: [{ attribute: "NAS-Port-Type", op: "==", value: "Virtual" }] };
    const made = await world.post("/aaa_profile/", body, { token: mine.token });
    profile = (await mine.stores.aaaProfiles.find(made.body.id))!;
  });
  after(() => world.close());
  const everyone = () => world.app.work.acrossTenants("the test looks at what is stored").aaaProfiles;

  it("finds a profile with its attributes; another tenant sees nothing", async () => {
    assert.deepEqual((await mine.stores.aaaProfiles.find(profile.id))?.check, [{ attribute: "NAS-Port-Type", op: "==", value: "Virtual" }]);
    for (const other of others) assert.equal(await other.stores.aaaProfiles.find(profile.id), undefined);
  });

  it("locks a profile; another tenant sees nothing", async () => {
    assert.equal((await mine.write((tx) => tx.aaaProfiles.lock(profile.id)))?.id, profile.id);
    for (const other of others) assert.equal(await other.write((tx) => tx.aaaProfiles.lock(profile.id)), undefined);
  });

  it("lists the scope by every filter; another tenant sees nothing", async () => {
    const organization = { id: mine.id, namespaceId: mine.namespaceId };
    for (const filters of [{}, { organization }, { shortName: "gold" }, { changedSinceMs: profile.lastChangeMs }]) {
      const page = await mine.stores.aaaProfiles.list(filters, firstPage);
      assert.deepEqual(
        page.rows.map((row) => row.id),
        [profile.id],
        JSON.stringify(filters),
      );
      for (const other of others) assert.equal((await other.stores.aaaProfiles.list(filters, firstPage)).count, 0);
    }
    for (const filters of [{ shortName: "GOLD" }, { changedSinceMs: profile.lastChangeMs + 60_000 }]) {
      assert.equal((await mine.stores.aaaProfiles.list(filters, firstPage)).count, 0);
    }
  });

  it("resolves a short name to the organization's own profile, then the nearest above; a neighbour's is never found", async () => {
    const tree = await world.app.services.organizations.directory.current();
    const ofRoot = (await everyone().list({ shortName: "internet_access" }, firstPage)).rows[0]!;
    const names = new Set(["gold", "internet_access", "unknown"]);
    const both = new Map([
      [mine.id, names],
      [1, names],
    ]);
    const resolved = await mine.stores.aaaProfiles.resolveNames(tree, both);
    assert.deepEqual([...resolved.get(1)!.keys()], ["internet_access"], "each organization by itself");
    const found = resolved.get(mine.id)!;
    assert.deepEqual([found.get("gold")?.id, found.get("internet_access")?.id, found.size], [profile.id, ofRoot.id, 2]);
    for (const other of others) {
      const theirs = await other.stores.aaaProfiles.resolveNames(tree, new Map([[other.id, names]]));
      assert.deepEqual([...theirs.get(other.id)!.keys()], ["internet_access"]);
    }
  });

  it("tells who has a short name in one organization, and in no other", async () => {
    const { aaaProfiles } = mine.stores;
    assert.equal(await aaaProfiles.shortNameHolder(mine.namespaceId, mine.id, "gold"), profile.id);
    assert.equal(await aaaProfiles.shortNameHolder(mine.namespaceId, mine.id, "silver"), undefined);
    for (const other of others) {
      assert.equal(await other.stores.aaaProfiles.shortNameHolder(other.namespaceId, other.id, "gold"), undefined);
    }
  });

  it("counts the accounts of every namespace that carry a profile; another tenant counts nothing", async () => {
    const below = await makeTenant(world, "below", { parent: mine.id, own_usernames: true });
    for (const token of [mine.token, below.token]) {
      const made = await world.post("/user_token/", { username: "guest1", profile: ["gold"] }, { token });
      assert.equal(made.status, 201, JSON.stringify(made.body));
    }
    assert.deepEqual(await mine.stores.aaaProfiles.countUsers(profile), { count: 2, countIsBound: false });
    for (const other of others) assert.equal((await other.stores.aaaProfiles.countUsers(profile)).count, 0);
  });

  it("inserts a profile; another tenant sees nothing", async () => {
    const id = await world.app.ids.take("aaa_profile");
    await mine.write((tx) => tx.aaaProfiles.insert({ ...profile, id, shortName: "silver" }));
    assert.equal((await mine.stores.aaaProfiles.find(id))?.shortName, "silver");
    for (const other of others) assert.equal(await other.stores.aaaProfiles.find(id), undefined);
  });

  it("updates a profile; another tenant changes nothing", async () => {
    for (const other of others) await other.write((tx) => tx.aaaProfiles.update({ ...profile, name: "Stolen" }));
    assert.equal((await everyone().find(profile.id))?.name, "gold");
    await mine.write((tx) => tx.aaaProfiles.update({ ...profile, name: "Gold" }));
    assert.equal((await everyone().find(profile.id))?.name, "Gold");
  });

  it("never deletes a profile that an account carries, deletes any other; another tenant deletes nothing", async () => {
    await assert.rejects(
      mine.write((tx) => tx.aaaProfiles.delete(profile)),
      (error: unknown) => error instanceof DomainError && error.code === "aaa_profile.in_use",
    );
    const silver = (await mine.stores.aaaProfiles.list({ shortName: "silver" }, firstPage)).rows[0]!;
    for (const other of others) await other.write((tx) => tx.aaaProfiles.delete(silver));
    assert.ok(await everyone().find(silver.id));
    await mine.write((tx) => tx.aaaProfiles.delete(silver));
    assert.equal(await everyone().find(silver.id), undefined);
  });
});
