import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { systemCaller } from "../../../src/kernel/caller.ts";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { playEquipment } from "../../support/dynamic-authorization-world.ts";
import { makeClient, report, sessionsIn } from "../../support/network.ts";
import { makeTenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

const silentClients = 20;
const sessionsOfClient = 15;

onEachDatabase("requests to equipment beside a neighbour's that is silent", (open) => {
  let world: World;
  const nowMs = 1_800_000_000_000;
  const clock = { nowMs: () => nowMs };
  before(async () => {
    world = await open({ clock });
  });
  after(() => world.close());

  it("are sent at once, however many of the neighbour's wait for their answers", async () => {
    const flood = await makeTenant(world, "flood", { own_usernames: true });
    const below = await makeTenant(world, "below_flood", { own_usernames: true, parent: flood.id });
    const quiet = await makeTenant(world, "quiet");
    const equipment = playEquipment(world, clock);
    const start = async (organization: number, count: number) => {
      const client = await makeClient(world, organization);
      const ids = Array.from({ length: count }, (_, index) => `${client.id}-${index}`);
      await Promise.all(ids.map((id) => report(world, client, "Start", { id, receivedAtMs: nowMs })));
      return client;
    };
    const askToEnd = async (client: AaaClient) => {
      const rows = await sessionsIn(world, `client=${client.id}`);
      const sessions = await Promise.all(rows.map((row) => world.app.work.acrossTenants("test").sessions.find(row.radacctid)));
      await world.app.work.run(systemCaller("test"), (tx) =>
        tx.sessionRequests.add(
          sessions.map((session) => ({
            namespaceId: session!.namespaceId,
            organizationId: session!.organizationId,
            sessionId: session!.id,
            clientId: client.id,
            kind: "disconnect" as const,
            reason: "operator",
            actor: "test",
            createdAtMs: nowMs,
            dueAtMs: nowMs,
          })),
        ),
      );
    };
    const { promise: silence, resolve: endSilence } = Promise.withResolvers<void>();
    equipment.meanwhile.push(...Array.from({ length: silentClients * sessionsOfClient }, () => () => silence));
    for (let made = 0; made < silentClients; made += 1) {
      await askToEnd(await start(made % 2 === 0 ? flood.id : below.id, sessionsOfClient));
    }
    let taken = 0;
    for (let more = 1; more > 0; taken += more) more = await equipment.dynamicAuthorization.sendDue();
    assert.ok(taken > 100 && taken < 256, `of the 256 places a tenant and those below it took ${taken}`);
    const client = await start(quiet.id, 3);
    await askToEnd(client);
    assert.equal(await equipment.dynamicAuthorization.sendDue(), 3);
    while (equipment.requests.filter(({ address }) => address === client.address).length < 3) await new Promise((go) => setTimeout(go, 5));
    endSilence();
    equipment.meanwhile.length = 0;
    await equipment.dynamicAuthorization.settle();
    await equipment.work();
    assert.equal(equipment.requests.length, silentClients * sessionsOfClient + 3);
    assert.deepEqual(equipment.failures, []);
  });
});
