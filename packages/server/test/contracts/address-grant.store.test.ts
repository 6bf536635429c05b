import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { parseNetwork } from "@gatehouse-aaa/contract";
import { type AddressGrant, type AddressGrantStore, listDisputedGrants } from "../../src/modules/network/address-grants/index.ts";
import { makeClient } from "../support/network.ts";
import { firstPage, makeTenants, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("the stores of address grants and of who uses addresses", (open) => {
  let world: World;
  let mine: Tenant;
  let strangers: Tenant[];
  let grant: AddressGrant;
  before(async () => {
    world = await open();
    const { mine: own, ...others } = await makeTenants(world);
    mine = own;
    strangers = Object.values(others);
    grant = {
      id: await world.app.ids.take("address_grant"),
      namespaceId: mine.namespaceId,
      organizationId: mine.id,
      network: "192.0.2.128/25",
      isShared: true,
      isDisputed: true,
      description: "uplink",
      createdAtMs: 1,
      lastChangeMs: 2,
      version: 1,
    };
  });
  after(() => world.close());

  const found = () => mine.stores.addressGrants.find(grant.id);

  it("insert, find, list and listAll: by every filter, in sight", async () => {
    await mine.write((tx) => tx.addressGrants.insert(grant));
    assert.deepEqual(await found(), grant);
    const organization = { id: mine.id, namespaceId: mine.namespaceId };
    const filters: Parameters<AddressGrantStore["list"]>[0][] = [
      {},
      { organization },
      { network: "192.0.2.128/25" },
      { isShared: true },
      { isDisputed: true },
      { changedSinceMs: 2 },
    ];
    for (const one of filters) {
      assert.deepEqual((await mine.stores.addressGrants.list(one, firstPage)).rows, [grant], JSON.stringify(one));
      for (const stranger of strangers) assert.equal((await stranger.stores.addressGrants.list(one, firstPage)).count, 0);
    }
    for (const one of [{ network: "192.0.2.0/24" }, { isShared: false }, { isDisputed: false }, { changedSinceMs: 3 }]) {
      assert.equal((await mine.stores.addressGrants.list(one, firstPage)).count, 0, JSON.stringify(one));
    }
    assert.deepEqual(await mine.stores.addressGrants.listAll(), [grant]);
    for (const stranger of strangers) {
      assert.equal(await stranger.stores.addressGrants.find(grant.id), undefined);
      assert.deepEqual(await stranger.stores.addressGrants.listAll(), []);
    }
  });

  it("listOf and listDisputedGrants: of the organizations named, in sight or not; of all, for the machine's own person", async () => {
    for (const { stores } of [mine, ...strangers]) {
      assert.deepEqual(await stores.addressGrants.listOf([mine.id]), [grant]);
      assert.deepEqual(await stores.addressGrants.listOf(strangers.map(({ id }) => id)), []);
      assert.deepEqual(await stores.addressGrants.listOf([]), []);
    }
    const disputed = { id: grant.id, network: grant.network, organizationId: mine.id, slug: "mine" };
    assert.deepEqual(await listDisputedGrants(world.app.database.reader), [disputed]);
  });

  it("listCovering and listInside: of whatever organization, for they say who holds an address", async () => {
    for (const { stores } of [mine, ...strangers]) {
      const covering = async (network: string) => (await stores.addressGrants.listCovering(parseNetwork(network)!)).length;
      const inside = async (network: string) => (await stores.addressGrants.listInside(parseNetwork(network)!)).length;
      for (const [network, held, holds] of [
        ["192.0.2.128/25", 1, 1],
        ["192.0.2.255", 1, 0],
        ["192.0.2.192/26", 1, 0],
        ["192.0.2.0/24", 0, 1],
        ["0.0.0.0/0", 0, 1],
        ["192.0.2.127", 0, 0],
        ["192.0.3.0/24", 0, 0],
        ["::/0", 0, 0],
      ] as const) {
        assert.deepEqual([await covering(network), await inside(network)], [held, holds], network);
      }
    }
  });

  it("uses: the addresses of clients of whatever organization, wide and narrow", async () => {
    const client = await makeClient(world, strangers[1]!.id, { address: "2001:db8::/48", more_addresses: ["203.0.113.7"] });
    const use = { clientId: client.id, organizationId: strangers[1]!.id, shortName: client.shortName };
    await mine.write((tx) => tx.addressUses.lock());
    const { addressUses } = mine.stores;
    assert.deepEqual(await addressUses.listCovering(parseNetwork("2001:db8:0:5::1")!), [{ ...use, address: "2001:db8::/48" }]);
    assert.deepEqual(await addressUses.listInside(parseNetwork("203.0.113.0/24")!, 5), [{ ...use, address: "203.0.113.7" }]);
    assert.deepEqual(await addressUses.listInside(parseNetwork("::/0")!, 5), [{ ...use, address: "2001:db8::/48" }]);
    assert.deepEqual(await addressUses.listCovering(parseNetwork("2001:db8::/32")!), []);
  });

  it("listAskedInside: the places where clients of whatever organization are asked", async () => {
    const client = await makeClient(world, strangers[0]!.id, { address: "203.0.113.20", coa_address: "198.51.100.20" });
    const use = { clientId: client.id, organizationId: strangers[0]!.id, shortName: client.shortName, address: "198.51.100.20" };
    for (const { stores } of [mine, ...strangers]) {
      assert.deepEqual(await stores.addressUses.listAskedInside(parseNetwork("198.51.100.0/24")!), [use]);
      for (const network of ["198.51.100.21", "203.0.113.0/24", "::/0"]) {
        assert.deepEqual(await stores.addressUses.listAskedInside(parseNetwork(network)!), [], network);
      }
    }
  });

  it("update, settle and delete: in sight, a settled dispute aside", async () => {
    const changed = { ...grant, isShared: false, description: null, version: 2 };
    for (const stranger of strangers) {
      await stranger.write((tx) => tx.addressGrants.update(changed));
      await stranger.write((tx) => tx.addressGrants.delete(grant));
    }
    assert.deepEqual(await found(), grant);
    await mine.write((tx) => tx.addressGrants.update(changed));
    assert.deepEqual(await found(), changed);
    await strangers[0]!.write((tx) => tx.addressGrants.settle([grant.id]));
    assert.deepEqual(await found(), { ...changed, isDisputed: false });
    await mine.write((tx) => tx.addressGrants.delete(changed));
    assert.equal(await found(), undefined);
  });
});
