import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { Stores } from "../../src/composition/app.ts";
import type { TenantScope } from "../../src/kernel/tenant-scope.ts";
import type { Transaction } from "../../src/kernel/unit-of-work.ts";
import type { Device, Holder } from "../../src/modules/accounts/devices/index.ts";
import { commandCaller } from "../../src/startup/first-start.ts";
import { addOrganization, scopeOf } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

const page = { limit: 10, start: { offset: 0 }, exactCount: true } as const;
const everyKind = ["inventory", "number", "generic_id", "imei", "imsi", "iccid"] as const;
const name = { kind: "imei", identifier: "490154203237518" } as const;

onEachDatabase("the stores of devices", (open) => {
  let world: World;
  /** The owner's organization, a sibling in the same namespace, and a tenant with a namespace of its own. */
  let owner: TenantScope;
  let strangers: { sibling: TenantScope; tenant: TenantScope };
  let holder: Holder;
  let other: Holder;
  let device: Device;
  before(async () => {
    world = await open();
    owner = await scopeOf(world, 12345);
    const tenant = await addOrganization(world, "tenant", true);
    strangers = { sibling: await scopeOf(world, 456), tenant: await scopeOf(world, tenant) };
    holder = { id: 42, namespaceId: 1, organizationId: 12345 };
    const { body } = await world.post("/user/", { username: "second", organization: "engineering" });
    other = { ...holder, id: body.id };
  });
  after(() => world.close());

  const as = <T>(scope: TenantScope, unit: (tx: Transaction<Stores>) => Promise<T>): Promise<T> =>
    world.app.work.run({ ...commandCaller("test"), scope }, unit);
  const eachStranger = async (check: (scope: TenantScope) => Promise<void>) => {
    for (const scope of Object.values(strangers)) await check(scope);
  };
  const found = () => world.app.work.for(owner).devices.find(device.id);
  const blank = { deviceType: null, serialNumber: null, model: null, assignedDateMs: null, status: null };

  it("insertNew: makes what is new and leaves alone what is there", async () => {
    const [id, second] = await world.app.ids.takeMany("device", 2);
    device = { ...blank, ...name, ...holder, id: id!, userId: 42, createdAtMs: 1, lastChangeMs: 1, version: 1 };
    assert.deepEqual(await as(owner, (tx) => tx.devices.insertNew([device])), new Set([id]));
    assert.deepEqual(await as(owner, (tx) => tx.devices.insertNew([{ ...device, id: second!, model: "twin" }])), new Set());
    assert.deepEqual(await found(), device);
    await eachStranger(async (scope) => assert.equal(await world.app.work.for(scope).devices.find(device.id), undefined));
  });

  it("find: only in sight", async () => {
    assert.deepEqual(await found(), device);
    assert.equal(await world.app.work.for(owner).devices.find(999_999), undefined);
    await eachStranger(async (scope) => assert.equal(await world.app.work.for(scope).devices.find(device.id), undefined));
  });

  it("findHeld: the held device of a name", async () => {
    assert.deepEqual(await world.app.work.for(owner).devices.findHeld(name), [device]);
    assert.deepEqual(await world.app.work.for(owner).devices.findHeld({ ...name, kind: "imsi" }), []);
    assert.deepEqual(await world.app.work.for(owner).devices.findHeld(name, owner.namespaceId), [device]);
    assert.deepEqual(await world.app.work.for(owner).devices.findHeld(name, strangers.tenant.namespaceId), []);
    await eachStranger(async (scope) => assert.deepEqual(await world.app.work.for(scope).devices.findHeld(name), []));
  });

  it("listHolders: the users who have devices of these names", async () => {
    const holders = (scope: TenantScope, kind: Device["kind"] = "imei") =>
      world.app.work.for(scope).devices.listHolders(kind, [name.identifier, "none"]);
    assert.deepEqual([await holders(owner), await holders(owner, "imsi")], [[holder.id], []]);
    await eachStranger(async (scope) => assert.deepEqual(await holders(scope), []));
  });

  it("listHeldBy: the devices of users", async () => {
    assert.deepEqual(await world.app.work.for(owner).devices.listHeldBy([holder, other], everyKind), [device]);
    assert.deepEqual(await world.app.work.for(owner).devices.listHeldBy([holder], ["imsi"]), []);
    assert.deepEqual(await world.app.work.for(owner).devices.listHeldBy([], everyKind), []);
    await eachStranger(async (scope) => assert.deepEqual(await world.app.work.for(scope).devices.listHeldBy([holder], everyKind), []));
  });

  it("lockHeldBy: the devices of one user", async () => {
    assert.deepEqual(await as(owner, (tx) => tx.devices.lockHeldBy([holder], everyKind)), [device]);
    assert.deepEqual(await as(owner, (tx) => tx.devices.lockHeldBy([other], everyKind)), []);
    await eachStranger(async (scope) => assert.deepEqual(await as(scope, (tx) => tx.devices.lockHeldBy([holder], everyKind)), []));
  });

  it("lockByNames: of a device held out of sight nothing but that it is held", async () => {
    assert.deepEqual(await as(owner, (tx) => tx.devices.lockByNames(1, [name, { ...name, identifier: "none" }])), [device]);
    assert.deepEqual(await as(owner, (tx) => tx.devices.lockByNames(1, [])), []);
    assert.deepEqual(await as(strangers.sibling, (tx) => tx.devices.lockByNames(1, [name])), [{ heldElsewhere: name }]);
    assert.deepEqual(await as(strangers.tenant, (tx) => tx.devices.lockByNames(1, [name])), []);
    assert.deepEqual(await as(strangers.tenant, (tx) => tx.devices.lockByNames(strangers.tenant.namespaceId, [name])), []);
  });

  it("list: by every filter", async () => {
    const list = (scope: TenantScope, filters: Parameters<Stores["devices"]["list"]>[0]) =>
      world.app.work.for(scope).devices.list(filters, page);
    const organization = { id: 12345, namespaceId: 1 };
    for (const filters of [
      {},
      { userId: 42 },
      { organization },
      { kind: "imei" },
      { identifier: name.identifier },
      { changedSinceMs: 1 },
    ] as const) {
      assert.deepEqual((await list(owner, filters)).rows, [device], JSON.stringify(filters));
      await eachStranger(async (scope) => {
        const seen = await list(scope, filters);
        assert.deepEqual([seen.rows, seen.count], [[], 0], JSON.stringify(filters));
      });
    }
    assert.equal((await list(owner, { changedSinceMs: 2 })).count, 0);
  });

  it("update: in sight, or a free one of the namespace", async () => {
    const named = { ...device, model: "Pixel" };
    await eachStranger(async (scope) => {
      await as(scope, (tx) => tx.devices.update([{ ...named, model: "stolen" }]));
      assert.deepEqual(await found(), device);
    });
    await as(owner, (tx) => tx.devices.update([named]));
    assert.deepEqual(await found(), named);
    const free = { ...named, userId: null };
    await as(owner, (tx) => tx.devices.update([free]));
    await as(strangers.tenant, (tx) => tx.devices.update([{ ...free, model: "stolen" }]));
    assert.deepEqual(await found(), free);
    assert.deepEqual(await as(strangers.sibling, (tx) => tx.devices.lockByNames(1, [name])), [free]);
    await as(strangers.sibling, (tx) => tx.devices.update([{ ...free, organizationId: 456, userId: 43 }]));
    assert.equal(await found(), undefined);
    assert.equal((await world.app.work.for(strangers.sibling).devices.find(device.id))?.userId, 43);
  });

  it("open, close, follow, pseudonymize and list: the history of moves", async () => {
    const moves = (scope: TenantScope) => world.app.work.for(scope).deviceMoves.list(1, device.id, page);
    const move = {
      ...holder,
      id: await world.app.ids.take("device_move"),
      deviceId: device.id,
      userId: 42,
      pseudonym: null,
      assignedAtMs: 10,
      unassignedAtMs: null,
      operation: "test",
      actor: "command:test",
    };
    await as(owner, (tx) => tx.deviceMoves.open([move]));
    assert.deepEqual((await moves(owner)).rows, [move]);
    await eachStranger(async (scope) => assert.equal((await moves(scope)).count, 0));

    await eachStranger((scope) => as(scope, (tx) => tx.deviceMoves.close([device], 15)));
    assert.deepEqual((await moves(owner)).rows, [move]);
    await as(owner, (tx) => tx.deviceMoves.close([device], 20));
    await as(owner, (tx) => tx.deviceMoves.close([device], 30));
    assert.deepEqual((await moves(owner)).rows, [{ ...move, unassignedAtMs: 20 }]);

    await eachStranger((scope) => as(scope, (tx) => tx.deviceMoves.pseudonymize(1, 42, "stolen")));
    await eachStranger((scope) => as(scope, (tx) => tx.deviceMoves.follow([{ ...holder, organizationId: 456 }])));
    assert.deepEqual((await moves(owner)).rows, [{ ...move, unassignedAtMs: 20 }]);
    const root = await scopeOf(world, 1);
    await as(root, (tx) => tx.deviceMoves.follow([{ ...holder, organizationId: 456 }]));
    assert.equal((await moves(owner)).count, 0);
    assert.equal((await moves(strangers.sibling)).count, 1);
    await as(strangers.sibling, (tx) => tx.deviceMoves.pseudonymize(1, 42, "p"));
    assert.partialDeepStrictEqual((await moves(strangers.sibling)).rows[0]!, { userId: null, pseudonym: "p" });
    assert.equal((await moves(strangers.tenant)).count, 0);
  });
});
