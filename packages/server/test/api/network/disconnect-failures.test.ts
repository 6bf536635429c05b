import assert from "node:assert/strict";
import { after, before, beforeEach, it } from "node:test";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { createDisconnects } from "../../../src/modules/network/disconnects/disconnect.service.ts";
import { createRequestDispatcher } from "../../../src/modules/network/disconnects/request-dispatcher.ts";
import { playEquipment, shortly } from "../../support/dynamic-authorization-world.ts";
import { interrupted } from "../../support/interrupted-work.ts";
import { makeAccount, makeClient, report, sessionsIn } from "../../support/network.ts";
import { makeTenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

onEachDatabase("the end of sessions, where something fails", (open) => {
  let world: World;
  let clients: AaaClient[];
  let nowMs = 1_800_000_000_000;
  const clock = { nowMs: () => nowMs };
  const pass = (seconds: number) => {
    nowMs += seconds * 1000;
  };
  before(async () => {
    world = await open({ clock });
    clients = [];
    for (const slug of ["cafe", "other"]) {
      const { id } = await makeTenant(world, slug, { own_usernames: true });
      await makeAccount(world, { username: "guest", organization: id, user_time: 10 });
      clients.push(await makeClient(world, id));
    }
  });
  after(() => world.close());
  beforeEach(async () => {
    pass(100_000);
    for (const client of clients) {
      const [guest] = (await world.get(`/user_token/?username=guest&organization=${client.organizationId}`)).body.results;
      assert.equal((await world.patch(`/user_token/${guest.id}/`, { user_time: 10 })).status, 200);
      await report(world, client, "Start", { id: `${client.id}`, userName: "guest", receivedAtMs: nowMs });
    }
    pass(10);
  });
  const stop = async () => {
    for (const client of clients) {
      await report(world, client, "Stop", { id: `${client.id}`, userName: "guest", seconds: 10, receivedAtMs: nowMs });
    }
    assert.deepEqual(await sessionsIn(world, "session_status=active"), []);
  };
  const all = () => clients.map(({ id }) => `disconnect ${id}`);

  /** Fails at the n-th of these reads. */
  const failing = (read: string, at: number) => {
    let reads = 0;
    return interrupted(world.app.work, [read], async () => {
      reads += 1;
      if (reads === at) throw new Error("the database is gone");
    });
  };

  it("is worked out again five seconds later of a user for whom it could not be, and at once of all others", async () => {
    const equipment = playEquipment(world, clock);
    const work = failing("sessions.listLiveOf", 1);
    const disconnects = createDisconnects({
      work,
      clock,
      table: world.app.services.aaaClients.table,
      payersOf: async () => String,
      dispatcher: createRequestDispatcher({ node: null, directory: world.app.services.organizations.directory, wake: () => undefined }),
    });
    await assert.rejects(disconnects.endDue(), /the database is gone/);
    await equipment.work();
    assert.equal(equipment.requests.length, 1);
    pass(5);
    await equipment.work();
    assert.deepEqual(equipment.requests.map(shortly).sort(), all());
    await stop();
  });

  it("is asked for again at once where a request could not be read, and it is said", async () => {
    const equipment = playEquipment(world, clock, null, failing("sessions.find", 1));
    await equipment.work();
    assert.deepEqual(equipment.requests.map(shortly).sort(), all());
    assert.match(String(equipment.failures), /^Error: the database is gone$/);
    await stop();
  });

  it("is asked for after growing pauses where it fails again and again", async () => {
    let fails = true;
    const equipment = playEquipment(
      world,
      clock,
      null,
      interrupted(world.app.work, ["sessions.find"], async () => {
        if (fails) throw new Error("the database is gone");
      }),
    );
    await equipment.work();
    assert.equal(equipment.failures.length, 4, "twice for each");
    pass(1);
    await equipment.work();
    assert.equal(equipment.failures.length, 6);
    pass(1);
    await equipment.work();
    assert.equal(equipment.failures.length, 6);
    fails = false;
    pass(1);
    await equipment.work();
    assert.deepEqual(equipment.requests.map(shortly).sort(), all());
    await stop();
  });
});
