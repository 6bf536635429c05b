import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { Stores } from "../../src/composition/app.ts";
import type { TenantScope } from "../../src/kernel/tenant-scope.ts";
import type { Transaction } from "../../src/kernel/unit-of-work.ts";
import type { UserExtra } from "../../src/modules/accounts/user-extras/user-extra.ts";
import { noParticulars } from "../../src/modules/accounts/user-extras/user-extra.ts";
import { commandCaller } from "../../src/startup/first-start.ts";
import { addOrganization, scopeOf } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

const page = { limit: 10, start: { offset: 0 }, exactCount: true } as const;

onEachDatabase("the store of extra records", (open) => {
  let world: World;
  let owner: TenantScope;
  /** A sibling in the owner's namespace, and a tenant with a namespace of its own. */
  let strangers: TenantScope[];
  let extra: UserExtra;
  before(async () => {
    world = await open();
    owner = await scopeOf(world, 12345);
    strangers = [await scopeOf(world, 456), await scopeOf(world, await addOrganization(world, "tenant", true))];
    extra = {
      id: await world.app.ids.take("user_extra"),
      namespaceId: 1,
      organizationId: 12345,
      parentId: 42,
      particulars: {
        ...noParticulars,
        gender: "f",
        birthday: "1992-08-14",
        age: 31,
        event: "E",
        tax_id: "123-45-6789",
        accept_terms: false,
        preferences: { b: 1, a: null },
      },
      createdAtMs: 5,
      updatedAtMs: 5,
      version: 1,
    };
  });
  after(() => world.close());

  const as = <T>(scope: TenantScope, unit: (tx: Transaction<Stores>) => Promise<T>): Promise<T> =>
    world.app.work.run({ ...commandCaller("test"), scope }, unit);
  const stores = (scope: TenantScope) => world.app.work.for(scope).userExtras;
  const eachStranger = async (check: (scope: TenantScope) => Promise<void>) => {
    for (const scope of strangers) await check(scope);
  };

  it("insert and find: every value as it was, in sight alone", async () => {
    await as(owner, (tx) => tx.userExtras.insert([extra]));
    assert.deepEqual(await stores(owner).find(extra.id), extra);
    assert.equal(await stores(owner).find(999_999), undefined);
    await eachStranger(async (scope) => assert.equal(await stores(scope).find(extra.id), undefined));
    await assert.rejects(as(owner, (tx) => tx.userExtras.insert([{ ...extra, id: extra.id + 1_000 }])));
  });

  it("findParents: the users of records", async () => {
    assert.deepEqual(await stores(owner).findParents([extra.id, 999_999]), new Map([[extra.id, 42]]));
    await eachStranger(async (scope) => assert.deepEqual(await stores(scope).findParents([extra.id]), new Map()));
  });

  it("lockMany: by id", async () => {
    assert.deepEqual(await as(owner, (tx) => tx.userExtras.lockMany([extra.id, 999_999])), new Map([[extra.id, extra]]));
    await eachStranger(async (scope) => assert.deepEqual(await as(scope, (tx) => tx.userExtras.lockMany([extra.id])), new Map()));
  });

  it("lockByParents: by user", async () => {
    assert.deepEqual(await as(owner, (tx) => tx.userExtras.lockByParents(1, [42, 43])), [extra]);
    assert.deepEqual(await as(owner, (tx) => tx.userExtras.lockByParents(1, [])), []);
    await eachStranger(async (scope) => assert.deepEqual(await as(scope, (tx) => tx.userExtras.lockByParents(1, [42])), []));
  });

  it("takenParents: who has a record", async () => {
    const parents = [
      { id: 42, namespaceId: 1 },
      { id: 43, namespaceId: 1 },
    ];
    assert.deepEqual(await stores(owner).takenParents(parents), new Set([42]));
    await eachStranger(async (scope) => assert.deepEqual(await stores(scope).takenParents(parents), new Set()));
  });

  it("list: by every filter", async () => {
    const organization = { id: 12345, namespaceId: 1 };
    for (const filters of [{ parentId: 42 }, { event: "E" }, { changedSinceMs: 5 }, { parentId: 42, organization }]) {
      assert.deepEqual((await stores(owner).list(filters, page)).rows, [extra], JSON.stringify(filters));
      await eachStranger(async (scope) => {
        const seen = await stores(scope).list(filters, page);
        assert.deepEqual([seen.rows, seen.count], [[], 0], JSON.stringify(filters));
      });
    }
    for (const filters of [{}, { organization }]) {
      assert.deepEqual((await stores(owner).list(filters, page)).rows, [extra]);
      await eachStranger(async (scope) => assert.deepEqual((await stores(scope).list(filters, page)).rows, []));
    }
    assert.equal((await stores(owner).list({ changedSinceMs: 6 }, page)).count, 0);
    assert.equal((await stores(owner).list({ event: "F" }, page)).count, 0);
  });

  it("update: in sight alone", async () => {
    const changed = {
      ...extra,
      version: 2,
      particulars: { ...extra.particulars, tax_id: null, passport_number: "X1", accept_terms: null },
    };
    await eachStranger(async (scope) => {
      await as(scope, (tx) => tx.userExtras.update([changed]));
      assert.deepEqual(await stores(owner).find(extra.id), extra);
    });
    await as(owner, (tx) => tx.userExtras.update([changed]));
    assert.deepEqual(await stores(owner).find(extra.id), changed);
  });

  it("delete: in sight alone", async () => {
    await eachStranger(async (scope) => {
      await as(scope, (tx) => tx.userExtras.delete(extra));
      assert.ok(await stores(owner).find(extra.id));
    });
    await as(owner, (tx) => tx.userExtras.delete(extra));
    assert.equal(await stores(owner).find(extra.id), undefined);
  });

  it("lockPlaces of users: where they belong", async () => {
    const places = await as(owner, (tx) => tx.users.lockPlaces([42, 43, 999_999]));
    assert.deepEqual(places, new Map([[42, { id: 42, namespaceId: 1, organizationId: 12345 }]]));
    await eachStranger(async (scope) => assert.deepEqual(await as(scope, (tx) => tx.users.lockPlaces([42])), new Map()));
  });
});
