import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { DomainError } from "../../src/kernel/errors.ts";
import type { Organization } from "../../src/modules/foundation/organizations/index.ts";
import { firstPage, makeTenants, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("organization store", (open) => {
  let world: World;
  let mine: Tenant;
  let others: Tenant[];
  let child: Organization;
  before(async () => {
    world = await open();
    const tenants = await makeTenants(world);
    mine = tenants.mine;
    others = [tenants.neighbour, tenants.foreign];
    const id = (await world.post("/organization/", { slug: "child", name: "Straße 50%", parent: mine.id })).body.id;
    child = (await everyone().find(id))!;
    const tree = await world.app.services.organizations.directory.current();
    for (const tenant of [mine, ...others]) Object.assign(tenant, { stores: world.app.work.for(tree.scopeOf(tenant.id)) });
  });
  after(() => world.close());
  const everyone = () => world.app.work.acrossTenants("the test looks at what is stored").organizations;

  it("finds an organization of the scope; another tenant sees nothing", async () => {
    assert.equal((await mine.stores.organizations.find(child.id))?.slug, "child");
    assert.equal((await mine.stores.organizations.find(mine.id))?.slug, "mine");
    for (const other of others) assert.equal(await other.stores.organizations.find(child.id), undefined);
    assert.equal(await mine.stores.organizations.find(1), undefined, "nor is what stands above in sight");
  });

  it("lists the scope by every filter; another tenant sees nothing", async () => {
    const all = await mine.stores.organizations.list({}, firstPage);
    assert.deepEqual(
      all.rows.map((row) => row.id),
      [mine.id, child.id],
    );
    assert.equal(all.count, 2);
    const fitting = [
      { id: child.id },
      { parentId: mine.id },
      { namePart: "STRASSE 50%" },
      { namePart: "50%" },
      { isActive: true, id: child.id },
      { changedSinceMs: child.lastChangeMs, id: child.id },
    ];
    for (const filters of fitting) {
      const found = await mine.stores.organizations.list(filters, firstPage);
      assert.deepEqual(
        found.rows.map((row) => row.id),
        [child.id],
        JSON.stringify(filters),
      );
      for (const other of others) assert.equal((await other.stores.organizations.list(filters, firstPage)).count, 0);
    }
    for (const filters of [{ namePart: "s_r" }, { isActive: false }, { changedSinceMs: child.lastChangeMs + 60_000 }]) {
      assert.equal((await mine.stores.organizations.list(filters, firstPage)).count, 0, JSON.stringify(filters));
    }
  });

  it("tells who below an organization has a slug, in sight or not, and nobody elsewhere", async () => {
    const holder = (parentId: number, slug: string) => others[0]!.stores.organizations.slugHolder(parentId, slug);
    assert.equal(await holder(mine.id, "child"), child.id);
    assert.equal(await holder(1, "mine"), mine.id);
    for (const [parentId, slug] of [
      [mine.id, "nobody"],
      [1, "child"],
      [others[1]!.id, "child"],
    ] as const)
      assert.equal(await holder(parentId, slug), undefined);
  });

  it("moves the revision with every write and every lock, so that each process renews its tree", async () => {
    const revision = async () =>
      (
        await world.app.database.reader
          .selectFrom("installation")
          .select("value")
          .where("name", "=", "organization_revision")
          .executeTakeFirst()
      )?.value;
    const seen = [await revision()];
    await mine.write((tx) => tx.organizations.lockTree());
    seen.push(await revision());
    await mine.write((tx) => tx.organizations.update(child));
    seen.push(await revision());
    assert.equal(new Set(seen).size, 3);
  });

  it("inserts an organization; another tenant sees nothing", async () => {
    const id = await world.app.ids.take("organization");
    await mine.write((tx) => tx.organizations.insert({ ...child, id, slug: "second-child" }));
    assert.equal((await everyone().find(id))?.slug, "second-child");
    for (const other of others) assert.equal(await other.stores.organizations.find(id), undefined);
    await world.app.database.write((handle) => handle.deleteFrom("organization").where("id", "=", id).execute());
  });

  it("updates an organization; another tenant changes nothing", async () => {
    for (const other of others) await other.write((tx) => tx.organizations.update({ ...child, name: "Stolen" }));
    assert.equal((await everyone().find(child.id))?.name, "Straße 50%");
    const scope = (await world.app.services.organizations.directory.current()).scopeOf(mine.id);
    await world.app.work.run({ ...mine.caller, scope }, (tx) => tx.organizations.update({ ...child, name: "Renamed" }));
    assert.equal((await everyone().find(child.id))?.name, "Renamed");
  });

  it("deletes an organization; another tenant deletes nothing", async () => {
    for (const other of others) await other.write((tx) => tx.organizations.delete(child));
    assert.ok(await everyone().find(child.id));
    const scope = (await world.app.services.organizations.directory.current()).scopeOf(mine.id);
    await world.app.work.run({ ...mine.caller, scope }, (tx) => tx.organizations.delete(child));
    assert.equal(await everyone().find(child.id), undefined);
  });

  it("never deletes an organization that a record still belongs to, whatever was counted before", async () => {
    const [neighbour] = others;
    const organization = (await everyone().find(neighbour!.id))!;
    await assert.rejects(
      neighbour!.write((tx) => tx.organizations.delete(organization)),
      (error: unknown) => error instanceof DomainError && error.code === "organization.in_use",
    );
    assert.ok(await everyone().find(neighbour!.id));
  });
});
