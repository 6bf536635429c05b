import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { parseNetwork } from "@gatehouse-aaa/contract";
import type { AaaClient, AaaClientStore } from "../../src/modules/network/aaa-clients/index.ts";
import { firstPage, makeTenants, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("the store of AAA clients", (open) => {
  let world: World;
  let mine: Tenant;
  let strangers: Tenant[];
  let client: AaaClient;
  before(async () => {
    world = await open();
    const { mine: own, ...others } = await makeTenants(world);
    mine = own;
    strangers = Object.values(others);
    client = {
      id: await world.app.ids.take("aaa_client"),
      namespaceId: mine.namespaceId,
      organizationId: mine.id,
      shortName: "ap1",
      address: "192.0.2.10",
      moreAddresses: ["198.51.100.0/28", "2001:db8::1"],
      coaAddress: "192.0.2.11",
      secret: "s€cret",
      nasIdentifier: "AP 1",
      description: "above the counter",
      coaPort: null,
      requireMessageAuthenticator: false,
      isActive: true,
      createdAtMs: 1,
      lastChangeMs: 2,
      version: 1,
    };
  });
  after(() => world.close());

  const usesIn = async (address: string) => (await mine.stores.addressUses.listCovering(parseNetwork(address)!)).map((use) => use.address);
  const found = () => mine.stores.aaaClients.find(client.id);

  it("insert, find and lock: whole, with the secret sealed in the row and nowhere else in clear", async () => {
    await mine.write((tx) => tx.aaaClients.insert(client));
    assert.deepEqual(await found(), client);
    assert.deepEqual(await mine.write((tx) => tx.aaaClients.lock(client.id)), client);
    const row = await world.app.database.reader.selectFrom("aaa_client").selectAll().where("id", "=", client.id).executeTakeFirstOrThrow();
    assert.match(row.secret, /^v1:/);
    assert.doesNotMatch(JSON.stringify(row), /s€cret/);
    for (const stranger of strangers) {
      assert.equal(await stranger.stores.aaaClients.find(client.id), undefined);
      assert.equal(await stranger.write((tx) => tx.aaaClients.lock(client.id)), undefined);
    }
  });

  it("list and listActive: by every filter, in sight", async () => {
    const organization = { id: mine.id, namespaceId: mine.namespaceId };
    const filters: Parameters<AaaClientStore["list"]>[0][] = [
      {},
      { organization },
      { shortName: "ap1" },
      { address: "192.0.2.10" },
      { isActive: true },
      { changedSinceMs: 2 },
    ];
    for (const one of filters) {
      assert.deepEqual((await mine.stores.aaaClients.list(one, firstPage)).rows, [client], JSON.stringify(one));
      for (const stranger of strangers) assert.equal((await stranger.stores.aaaClients.list(one, firstPage)).count, 0);
    }
    for (const one of [{ isActive: false }, { changedSinceMs: 3 }, { shortName: "AP1" }, { address: "192.0.2.1" }]) {
      assert.equal((await mine.stores.aaaClients.list(one, firstPage)).count, 0, JSON.stringify(one));
    }
    assert.deepEqual(await mine.stores.aaaClients.listActive(), { clients: [client], damaged: [] });
    for (const stranger of strangers) assert.deepEqual(await stranger.stores.aaaClients.listActive(), { clients: [], damaged: [] });
  });

  it("listActive and secretsOf: what cannot be read damages its client alone", async () => {
    const { secret: _, ...broken } = { ...client, id: await world.app.ids.take("aaa_client"), shortName: "broken", address: "192.0.2.99" };
    const made = { ...broken, moreAddresses: [], coaAddress: null };
    await mine.write((tx) => tx.aaaClients.insert({ ...made, secret: "lost" }));
    await world.app.database.write(async (handle) => {
      await handle.updateTable("aaa_client").set({ secret: "v1:damaged" }).where("id", "=", made.id).execute();
    });
    assert.deepEqual(await mine.stores.aaaClients.listActive(), { clients: [client], damaged: [made] });
    for (const stranger of strangers) {
      assert.deepEqual(await stranger.stores.aaaClients.listActive(), { clients: [], damaged: [] });
      assert.deepEqual(await stranger.stores.aaaClients.secretsOf([client.id, made.id]), new Map([[client.id, "s€cret"]]));
    }
    await world.app.database.write(async (handle) => {
      await handle.updateTable("aaa_client").set({ more_addresses: "[{" }).where("id", "=", made.id).execute();
    });
    assert.deepEqual(await mine.stores.aaaClients.listActive(), { clients: [client], damaged: [made] });
    await mine.write((tx) => tx.aaaClients.delete({ ...made, secret: "" }));
  });

  it("shortNameHolder and secretsOf: a short name within its organization, secrets of whatever tenant", async () => {
    const { aaaClients } = mine.stores;
    assert.equal(await aaaClients.shortNameHolder(mine.namespaceId, mine.id, "ap1"), client.id);
    assert.equal(await aaaClients.shortNameHolder(mine.namespaceId, mine.id, "ap2"), undefined);
    for (const stranger of strangers) {
      assert.equal(await stranger.stores.aaaClients.shortNameHolder(stranger.namespaceId, stranger.id, "ap1"), undefined);
      // At a shared address the clients of all tenants are told apart by their secrets alone.
      assert.deepEqual(await stranger.stores.aaaClients.secretsOf([client.id]), new Map([[client.id, "s€cret"]]));
    }
    assert.deepEqual(await aaaClients.secretsOf([]), new Map());
  });

  it("update: in sight, with its address", async () => {
    const changed = {
      ...client,
      moreAddresses: [],
      coaAddress: null,
      address: "2001:db8::/64",
      secret: "other",
      isActive: false,
      version: 2,
    };
    for (const stranger of strangers) await stranger.write((tx) => tx.aaaClients.update(changed));
    assert.deepEqual(await found(), client);
    await mine.write((tx) => tx.aaaClients.update(changed));
    assert.deepEqual(await found(), changed);
    assert.deepEqual(await usesIn("192.0.2.10"), []);
    assert.deepEqual(await usesIn("198.51.100.0/28"), []);
    assert.deepEqual(await usesIn("2001:db8::5"), ["2001:db8::/64"]);
    assert.deepEqual(await mine.stores.aaaClients.listActive(), { clients: [], damaged: [] });
    client = changed;
  });

  it("delete: in sight, and the address is free again", async () => {
    for (const stranger of strangers) await stranger.write((tx) => tx.aaaClients.delete(client));
    assert.deepEqual(await found(), client);
    await mine.write((tx) => tx.aaaClients.delete(client));
    assert.equal(await found(), undefined);
    assert.deepEqual(await usesIn("2001:db8::/64"), []);
  });
});
