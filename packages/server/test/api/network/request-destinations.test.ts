import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { makeClient, report, sessionsIn } from "../../support/network.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

onEachDatabase("where a client is asked", (open) => {
  let world: World;
  before(async () => {
    world = await open();
  });
  after(() => world.close());

  it("never at an address that a packet alone names, nor where the client has none", async () => {
    const client = await makeClient(world, 1, { address: "10.0.0.0/8" });
    await report(world, client, "Start", { id: "elsewhere", attributes: { "NAS-IP-Address": ["192.0.2.9"] } });
    const [session] = await sessionsIn(world);
    const asked = await world.post(`/aaa_accounting/${session.radacctid ?? session.id}/disconnect/`, {});
    assert.equal(asked.status, 202, JSON.stringify(asked.body));
    await world.app.services.disconnects.dynamicAuthorization.sendDue();
    await world.app.services.disconnects.dynamicAuthorization.settle();
    const requests = await world.app.database.reader.selectFrom("session_request").select("outcome").execute();
    assert.deepEqual(requests, [{ outcome: "client_has_no_address" }]);
  });
});
