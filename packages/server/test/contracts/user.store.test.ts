import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { TenantScope } from "../../src/kernel/tenant-scope.ts";
import { type User, usernameKey } from "../../src/modules/accounts/users/index.ts";
import { inUnit, newUser, raiseWalls, type Walls } from "../support/store-world.ts";
import { onEachDatabase, type World } from "../support/world.ts";

const page = { limit: 100, start: { offset: 0 }, exactCount: true } as const;

onEachDatabase("the store of accounts", (open) => {
  let world: World;
  let walls: Walls;
  let user: User;
  const stores = (scope: TenantScope) => world.app.work.for(scope).users;

  before(async () => {
    world = await open();
    walls = await raiseWalls(world);
    user = await newUser(world, walls.own, {
      username: "Guest.One",
      email: "one@example.com",
      externalId: "X-1",
      klass: "gold",
      groups: ["staff", "night"],
      aaaProfile: { role: "clerk", nested: { a: [1, null] } },
      passwordHash: "$2b$10$hash",
      expirationMs: 4_000_000_000_000,
      lastLoginMs: 1_600_000_000_000,
      isActive: false,
    });
    await inUnit(world, walls.own, (tx) => tx.users.insert([{ user, profiles: [] }]));
    const [, tenant] = walls.strangers[0]!;
    const namesake = await newUser(world, tenant, { username: "guest.one", externalId: "X-1", klass: "gold", groups: ["staff"] });
    await inUnit(world, tenant, (tx) => tx.users.insert([{ user: namesake, profiles: [] }]));
  });
  after(() => world.close());

  /** What a stranger gets must hold no trace of the account. */
  const seesNothing = async (ask: (scope: TenantScope) => Promise<unknown>) => {
    for (const [reason, scope] of walls.strangers) {
      const found = JSON.stringify((await ask(scope)) ?? null);
      assert.ok(!found.includes(`"id":${user.id}`), `${reason} sees ${found}`);
    }
  };

  it("find gives back what insert was given; another tenant sees nothing", async () => {
    assert.deepEqual(await stores(walls.own).find(user.id), user);
    assert.deepEqual(await stores(walls.root).find(user.id), user);
    assert.equal(await stores(walls.own).find(999_999), undefined);
    for (const [reason, scope] of walls.strangers) assert.equal(await stores(scope).find(user.id), undefined, reason);
  });

  it("findAccount gives the account without its balance; another tenant sees nothing", async () => {
    const { seconds: _, ...account } = user;
    assert.deepEqual(await stores(walls.own).findAccount(user.id), account);
    assert.equal(await stores(walls.own).findAccount(999_999), undefined);
    for (const [reason, scope] of walls.strangers) assert.equal(await stores(scope).findAccount(user.id), undefined, reason);
  });

  it("lock gives the account inside a unit; another tenant sees nothing", async () => {
    assert.deepEqual(await inUnit(world, walls.own, (tx) => tx.users.lock(user.id)), user);
    for (const [reason, scope] of walls.strangers) {
      assert.equal(await inUnit(world, scope, (tx) => tx.users.lock(user.id)), undefined, reason);
    }
  });

  it("findByUsername compares folded names and narrows by organization; another tenant sees its namesake alone", async () => {
    assert.deepEqual(await stores(walls.own).findByUsername("GUEST.ONE"), [user]);
    assert.equal((await stores(walls.root).findByUsername("guest.one")).length, 2);
    assert.deepEqual(await stores(walls.root).findByUsername("guest.one", walls.own.organizationId), [user]);
    assert.deepEqual(await stores(walls.own).findByUsername("guest.one", 1), []);
    assert.deepEqual(await stores(walls.root).findByUsername("guest.one", undefined, walls.own.namespaceId), [user]);
    await seesNothing((scope) => stores(scope).findByUsername("guest.one", undefined, walls.own.namespaceId));
    await seesNothing((scope) => stores(scope).findByUsername("guest.one"));
    await seesNothing((scope) => stores(scope).findByUsername("guest.one", walls.own.organizationId));
  });

  it("findAccountsByUsername does the same without balances; another tenant sees its namesake alone", async () => {
    const { seconds: _, ...account } = user;
    assert.deepEqual(await stores(walls.own).findAccountsByUsername("GUEST.ONE"), [account]);
    assert.equal((await stores(walls.root).findAccountsByUsername("guest.one")).length, 2);
    assert.deepEqual(await stores(walls.root).findAccountsByUsername("guest.one", walls.own.organizationId), [account]);
    assert.deepEqual(await stores(walls.own).findAccountsByUsername("guest.one", 1), []);
    await seesNothing((scope) => stores(scope).findAccountsByUsername("guest.one"));
    await seesNothing((scope) => stores(scope).findAccountsByUsername("guest.one", walls.own.organizationId));
  });

  it("findByExternalId finds all that carry it in sight; another tenant sees its own alone", async () => {
    assert.deepEqual(await stores(walls.own).findByExternalId("X-1"), [user]);
    assert.equal((await stores(walls.root).findByExternalId("X-1")).length, 2);
    assert.deepEqual(await stores(walls.root).findByExternalId("X-1", walls.own.namespaceId), [user]);
    await seesNothing((scope) => stores(scope).findByExternalId("X-1"));
    await seesNothing((scope) => stores(scope).findByExternalId("X-1", walls.own.namespaceId));
  });

  it("list narrows by every filter; another tenant sees nothing with any of them", async () => {
    const organization = { id: walls.own.organizationId, namespaceId: walls.own.namespaceId };
    const filters = [
      {},
      { id: user.id },
      { username: "guest.one" },
      { usernamePart: "est.o" },
      { usernamePart: "g" },
      { organization },
      { role: "clerk" },
      { group: "staff" },
      { klass: "gold" },
      { externalId: "X-1" },
      { isActive: false },
      { changedSinceMs: 1_600_000_000_000 },
    ];
    for (const filter of filters) {
      const found = await stores(walls.own).list(filter, page);
      assert.deepEqual([found.rows, found.lastId], [[user], undefined], JSON.stringify(filter));
      const { seconds: _, ...account } = user;
      assert.deepEqual(await stores(walls.own).listAccounts(filter, page), { ...found, rows: [account] }, JSON.stringify(filter));
      for (const [reason, scope] of walls.strangers) {
        const seen = await stores(scope).list(filter, page);
        assert.ok(!seen.rows.some((row) => row.id === user.id), `${reason} ${JSON.stringify(filter)}`);
        const { rows } = await stores(scope).listAccounts(filter, page);
        assert.ok(!rows.some((row) => row.id === user.id), `${reason} ${JSON.stringify(filter)}: accounts`);
      }
    }
    for (const filter of [{ id: 1 }, { role: "no" }, { group: "no" }, { isActive: true }, { changedSinceMs: 1_800_000_000_000 }]) {
      assert.deepEqual((await stores(walls.own).list(filter, page)).rows, [], JSON.stringify(filter));
    }
  });

  it("takenUsernames and takenExternalIds tell what is taken in the place asked for, and in no other", async () => {
    const key = usernameKey("GUEST.one");
    assert.deepEqual(await stores(walls.own).takenUsernames(user.namespaceId, [key, "free"]), new Map([[key, user.id]]));
    const [, tenant] = walls.strangers[0]!;
    assert.ok(![...(await stores(tenant).takenUsernames(tenant.namespaceId, [key])).values()].includes(user.id));
    const [, sibling] = walls.strangers[1]!;
    const own = { organizationId: user.organizationId, externalId: "X-1" };
    const places = [own, { ...own, externalId: "X-2" }, { ...own, organizationId: sibling.organizationId }];
    for (const asked of [places, places.slice(0, 1)]) {
      assert.deepEqual(await stores(walls.own).takenExternalIds(user.namespaceId, asked), [{ ...own, id: user.id }]);
    }
    assert.deepEqual(await stores(sibling).takenExternalIds(sibling.namespaceId, places.slice(1)), []);
    assert.deepEqual(await stores(tenant).takenExternalIds(tenant.namespaceId, places), []);
    assert.deepEqual(await stores(walls.own).takenExternalIds(user.namespaceId, []), []);
    assert.equal((await stores(walls.own).takenUsernames(user.namespaceId, [])).size, 0);
  });

  it("update writes every field, its groups and its search; another tenant's update changes nothing", async () => {
    const changed: User = {
      ...user,
      username: "Renamed",
      groups: ["day"],
      aaaProfile: { role: "chief" },
      isActive: true,
      klass: null,
      version: 2,
    };
    for (const [reason, scope] of walls.strangers) {
      await inUnit(world, scope, (tx) => tx.users.update([{ before: user, user: changed, profiles: [] }]));
      const groups = await world.app.database.reader.selectFrom("user_group").select("name").where("user_id", "=", user.id).execute();
      assert.deepEqual(groups.map((row) => row.name).sort(), ["night", "staff"], reason);
      assert.equal((await stores(walls.own).list({ usernamePart: "est.o" }, page)).rows.length, 1, reason);
      assert.deepEqual(await stores(walls.own).find(user.id), user, reason);
    }
    await inUnit(world, walls.own, (tx) => tx.users.update([{ before: user, user: changed, profiles: [] }]));
    assert.deepEqual(await stores(walls.own).find(user.id), changed);
    const found = async (filter: object) => (await stores(walls.own).list(filter, page)).rows.length;
    assert.deepEqual([await found({ group: "day" }), await found({ group: "staff" })], [1, 0]);
    assert.deepEqual([await found({ usernamePart: "named" }), await found({ usernamePart: "guest" })], [1, 0]);
    assert.deepEqual([await found({ role: "chief" }), await found({ role: "clerk" })], [1, 0]);
    user = changed;
  });

  it("a unit that fails leaves nothing behind", async () => {
    const lost = await newUser(world, walls.own, { username: "lost" });
    const failing = inUnit(world, walls.own, async (tx) => {
      await tx.users.insert([{ user: lost, profiles: [] }]);
      throw new Error("on purpose");
    });
    await assert.rejects(failing, /on purpose/);
    assert.equal(await stores(walls.own).find(lost.id), undefined);
    assert.equal((await stores(walls.own).list({ usernamePart: "lost" }, page)).count, 0);
  });

  it("countUsing counts accounts with profiles of other organizations; another tenant's are not counted", async () => {
    const organizationId = user.organizationId;
    const profile = { id: await world.app.ids.take("aaa_profile"), namespaceId: user.namespaceId };
    await inUnit(world, walls.own, async (tx) => {
      await tx.aaaProfiles.insert({
        ...profile,
        organizationId,
        shortName: "counted",
        name: "Counted",
        description: null,
        check: [],
        reply: [],
        createdAtMs: 1,
        lastChangeMs: 1,
        version: 1,
      });
      const using = { ...user, profileNames: ["counted"] };
      await tx.users.update([{ before: user, user: using, profiles: [profile] }]);
      user = using;
    });
    const count = (scope: TenantScope) => stores(scope).countUsing([organizationId], [organizationId]);
    assert.equal(await count(walls.own), 1);
    assert.equal(await stores(walls.own).countUsing([organizationId], []), 0);
    for (const [reason, scope] of walls.strangers) assert.equal(await count(scope), 0, reason);
  });

  it("delete takes groups, balance and search along; another tenant's delete changes nothing", async () => {
    for (const [reason, scope] of walls.strangers) {
      await inUnit(world, scope, (tx) => tx.users.delete(user));
      assert.deepEqual(await stores(walls.own).find(user.id), user, reason);
      assert.equal((await stores(walls.own).list({ usernamePart: "renamed" }, page)).rows.length, 1, `${reason}: search`);
    }
    await inUnit(world, walls.own, (tx) => tx.users.delete(user));
    assert.equal(await stores(walls.own).find(user.id), undefined);
    const groups = await world.app.database.reader.selectFrom("user_group").selectAll().where("user_id", "=", user.id).execute();
    assert.deepEqual(groups, []);
    assert.deepEqual((await stores(walls.own).list({ usernamePart: "renamed" }, page)).rows, []);
  });
});
