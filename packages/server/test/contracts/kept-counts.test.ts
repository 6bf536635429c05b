import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { TenantScope } from "../../src/kernel/tenant-scope.ts";
import { keptCount } from "../../src/modules/foundation/kept-counts/index.ts";
import { inUnit, raiseWalls, type Walls } from "../support/store-world.ts";
import { onEachDatabase, type World } from "../support/world.ts";

const both: readonly string[] = ["user.active", "user.inactive"];

onEachDatabase("kept counts", (open) => {
  let world: World;
  let walls: Walls;
  before(async () => {
    world = await open();
    walls = await raiseWalls(world);
  });
  after(() => world.close());

  const count = async (scope: TenantScope | null, counted = both, organizationId?: number) => {
    const organization =
      organizationId === undefined ? undefined : (await world.app.services.organizations.directory.current()).get(organizationId);
    const { reader } = world.app.database;
    return (await reader.selectNoFrom(keptCount(reader, scope, counted, organization).as("total")).executeTakeFirstOrThrow()).total;
  };

  const image = (organization: number, is_active: boolean) => ({ organization, is_active });
  const note = (scope: TenantScope, id: number, from: ReturnType<typeof image> | null, to: ReturnType<typeof image> | null) =>
    inUnit(world, scope, async (tx) => {
      tx.record({
        operation: "test",
        resource: "user",
        resourceId: id,
        namespaceId: scope.namespaceId,
        organizationId: (to ?? from)!.organization,
        before: from,
        after: to,
      });
    });

  it("follow creations, deactivations, moves and deletions; another tenant's count stays", async () => {
    const own = walls.own.organizationId;
    const root = await count(walls.root);
    const states: [before: ReturnType<typeof image> | null, after: ReturnType<typeof image> | null, active: number, inactive: number][] = [
      [null, image(own, true), 1, 0],
      [image(own, true), image(own, true), 1, 0],
      [image(own, true), image(own, false), 0, 1],
      [image(own, false), image(1, false), 0, 0],
      [image(1, false), image(own, true), 1, 0],
      [image(own, true), null, 0, 0],
    ];
    for (const [from, to, active, inactive] of states) {
      await note(walls.own, 77, from, to);
      assert.deepEqual([await count(walls.own, ["user.active"]), await count(walls.own, ["user.inactive"])], [active, inactive]);
      for (const [reason, scope] of walls.strangers) {
        assert.equal(await count(scope), 0, reason);
        assert.equal(await count(scope, both, own), 0, `${reason} asking for the organization`);
      }
    }
    assert.equal(await count(walls.root), root);
  });

  it("of one organization leave out those below and beside it", async () => {
    await note(walls.own, 78, null, image(walls.own.organizationId, true));
    assert.equal(await count(walls.root, both, 1), 2, "the two demo accounts of the root itself");
    assert.equal(await count(walls.root, both, walls.own.organizationId), 1);
    assert.equal(await count(null, both, walls.own.organizationId), 1);
  });

  it("survive a unit that fails unchanged", async () => {
    const was = await count(walls.own);
    const failing = inUnit(world, walls.own, async (tx) => {
      const to = image(walls.own.organizationId, true);
      tx.record({
        operation: "test",
        resource: "user",
        resourceId: 79,
        namespaceId: walls.own.namespaceId,
        organizationId: walls.own.organizationId,
        before: null,
        after: to,
      });
      throw new Error("on purpose");
    });
    await assert.rejects(failing, /on purpose/);
    assert.equal(await count(walls.own), was);
  });

  it("lose nothing when many units count at once", async () => {
    const was = await count(walls.own);
    await Promise.all(
      Array.from({ length: 50 }, (_, index) => note(walls.own, 1_000 + index, null, image(walls.own.organizationId, index % 2 === 0))),
    );
    assert.equal(await count(walls.own), was + 50);
  });
});
