import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { createDisconnects } from "../../../src/modules/network/disconnects/disconnect.service.ts";
import { createRequestDispatcher } from "../../../src/modules/network/disconnects/request-dispatcher.ts";
import { playEquipment } from "../../support/dynamic-authorization-world.ts";
import { makeClient, report } from "../../support/network.ts";
import { makeTenant, type Tenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

const usersOfFlood = 120;

onEachDatabase("sessions that are due beside a neighbour's many", (open) => {
  let world: World;
  let nowMs = 1_800_000_000_000;
  const clock = { nowMs: () => nowMs };
  before(async () => {
    world = await open({ clock });
  });
  after(() => world.close());

  /** Accounts whose sessions end after some seconds, all at one client. */
  const begin = async (tenant: Tenant, count: number, seconds: number): Promise<AaaClient> => {
    const names = Array.from({ length: count }, (_, index) => `${tenant.id}-${index}`);
    const made = await world.post(
      "/user_token/",
      names.map((username) => ({ username, organization: tenant.id, user_time: seconds })),
    );
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const client = await makeClient(world, tenant.id);
    await Promise.all(names.map((name) => report(world, client, "Start", { id: name, userName: name, receivedAtMs: nowMs })));
    return client;
  };

  it("are looked at again at once where more of them are due than one pass takes", async () => {
    const many = await makeTenant(world, "many", { own_usernames: true });
    const client = await begin(many, 130, 100);
    nowMs += 150_000;
    const wakes: number[] = [];
    const table = world.app.services.aaaClients.table;
    const disconnects = createDisconnects({
      work: world.app.work,
      clock,
      table,
      payersOf: async () => String,
      dispatcher: createRequestDispatcher({
        node: null,
        directory: world.app.services.organizations.directory,
        wake: () => void wakes.push(nowMs),
      }),
    });
    const taken = [await disconnects.endDue(), await disconnects.endDue(), await disconnects.endDue(), await disconnects.endDue()];
    assert.deepEqual(taken, [50, 50, 30, 0]);
    const woken = wakes.length;
    assert.ok(woken >= 2, "it asks to be called again");
    await disconnects.endDue();
    assert.equal(wakes.length, woken, "and not where nothing is left");
    const served = client;
    const stop = (id: string) => report(world, served, "Stop", { id, userName: id, seconds: 150, receivedAtMs: nowMs });
    await Promise.all(Array.from({ length: 130 }, (_, index) => stop(`${many.id}-${index}`)));
  });

  it("are ended in the next pass, whatever is due of others and since when; child organizations multiply nothing", async () => {
    const flood = await makeTenant(world, "flood", { own_usernames: true });
    const children = [];
    for (let child = 0; child < 60; child += 1) children.push(await makeTenant(world, `below_${child}`, { parent: flood.id }));
    await begin(flood, usersOfFlood, 100);
    for (const child of children) await begin(child, 1, 100);
    const quiet = await makeTenant(world, "quiet", { own_usernames: true });
    const other = await makeTenant(world, "other");
    const client = await begin(quiet, 15, 200);
    const otherClient = await begin(other, 2, 200);
    nowMs += 250_000;
    const equipment = playEquipment(world, clock);
    assert.equal(await world.app.services.disconnects.disconnects.endDue(), 50, "as many as before are looked at");
    await equipment.dynamicAuthorization.sendDue();
    await equipment.dynamicAuthorization.settle();
    const askedOf = (address: string) => equipment.requests.filter((request) => request.address === address).length;
    assert.deepEqual([askedOf(client.address), askedOf(otherClient.address)], [15, 2]);
    await equipment.work();
    assert.equal(equipment.requests.length, usersOfFlood + children.length + 17);
    assert.equal(await world.app.services.disconnects.disconnects.endDue(), 0);
  });
});
