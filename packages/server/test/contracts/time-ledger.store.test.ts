import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { TenantScope } from "../../src/kernel/tenant-scope.ts";
import type { NewLedgerEntry } from "../../src/modules/accounts/time-ledger/index.ts";
import type { User } from "../../src/modules/accounts/users/index.ts";
import { inUnit, newUser, raiseWalls, type Walls } from "../support/store-world.ts";
import { onEachDatabase, type World } from "../support/world.ts";

const page = { limit: 100, start: { offset: 0 }, exactCount: true } as const;

onEachDatabase("the store of the time ledger", (open) => {
  let world: World;
  let walls: Walls;
  let user: User;
  const stores = (scope: TenantScope) => world.app.work.for(scope).timeLedger;

  const entry = (delta: number, balanceAfter: number | null): NewLedgerEntry => ({
    namespaceId: user.namespaceId,
    organizationId: user.organizationId,
    userId: user.id,
    delta,
    balanceAfter,
    reason: "test",
    actor: "command:test",
    createdAtMs: 1_700_000_000_000,
  });

  before(async () => {
    world = await open();
    walls = await raiseWalls(world);
    user = await newUser(world, walls.own, { username: "metered" });
    await inUnit(world, walls.own, (tx) => tx.users.insert([{ user, profiles: [] }]));
  });
  after(() => world.close());

  it("append leaves the balance that its last row says; another tenant sees no balance", async () => {
    const entries = [entry(100, 100), entry(-40, 60)];
    await inUnit(world, walls.own, (tx) => tx.timeLedger.append(entries));
    assert.equal(await stores(walls.own).findBalance(user.namespaceId, user.id), 60);
    assert.equal(await stores(walls.root).findBalance(user.namespaceId, user.id), 60);
    assert.equal(await stores(walls.own).findBalance(user.namespaceId, 999_999), null);
    for (const [reason, scope] of walls.strangers) {
      assert.equal(await stores(scope).findBalance(user.namespaceId, user.id), null, reason);
    }
  });

  it("list gives the rows in order; another tenant sees none", async () => {
    const { rows, count } = await stores(walls.own).list(user.namespaceId, user.id, page);
    assert.deepEqual(
      rows.map((row) => [row.delta, row.balanceAfter, row.reason, row.actor, row.createdAtMs]),
      [
        [100, 100, "test", "command:test", 1_700_000_000_000],
        [-40, 60, "test", "command:test", 1_700_000_000_000],
      ],
    );
    assert.equal(count, 2);
    const second = await stores(walls.own).list(user.namespaceId, user.id, { ...page, limit: 1, start: { afterId: rows[0]!.id } });
    assert.deepEqual([second.rows.map((row) => row.id), second.lastId], [[rows[1]!.id], undefined]);
    for (const [reason, scope] of walls.strangers) {
      const seen = await stores(scope).list(user.namespaceId, user.id, page);
      assert.deepEqual([seen.rows, seen.count], [[], 0], reason);
    }
  });

  it("a balance below 0 is refused by the database itself", async () => {
    const broken = entry(-100, -40);
    await assert.rejects(inUnit(world, walls.own, (tx) => tx.timeLedger.append([broken])));
    assert.equal(await stores(walls.own).findBalance(user.namespaceId, user.id), 60);
    assert.equal((await stores(walls.own).list(user.namespaceId, user.id, page)).count, 2);
  });

  it("null ends the metering and keeps the rows", async () => {
    const last = entry(-60, null);
    await inUnit(world, walls.own, (tx) => tx.timeLedger.append([last]));
    assert.equal(await stores(walls.own).findBalance(user.namespaceId, user.id), null);
    assert.equal((await stores(walls.own).list(user.namespaceId, user.id, page)).count, 3);
  });

  it("pseudonymize hides who it was and keeps the sums; another tenant's changes nothing", async () => {
    for (const [reason, scope] of walls.strangers) {
      await inUnit(world, scope, (tx) => tx.timeLedger.pseudonymize(user.namespaceId, user.id, "nobody"));
      assert.equal((await stores(walls.own).list(user.namespaceId, user.id, page)).count, 3, reason);
    }
    await inUnit(world, walls.own, (tx) => tx.timeLedger.pseudonymize(user.namespaceId, user.id, "p-1"));
    assert.equal((await stores(walls.own).list(user.namespaceId, user.id, page)).count, 0);
    const rows = await world.app.database.reader.selectFrom("time_ledger").selectAll().where("pseudonym", "=", "p-1").execute();
    assert.deepEqual(
      rows.map((row) => [row.user_id, row.reason, row.delta]),
      [
        [null, null, 100],
        [null, null, -40],
        [null, null, -60],
      ],
    );
  });
});
