import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { DynamicAuthorizationRequest } from "../../../src/aaa/words/dynamic-authorization.ts";
import { systemCaller } from "../../../src/kernel/caller.ts";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { type Equipment, playEquipment, shortly } from "../../support/dynamic-authorization-world.ts";
import { eventually } from "../../support/eventually.ts";
import { shows } from "../../support/expect.ts";
import { makeAccount, makeClient, report, sessionsIn } from "../../support/network.ts";
import { assertProblem } from "../../support/operations.ts";
import { addTenant } from "../../support/planted-tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

onEachDatabase("a session that an operator ends", (open) => {
  let world: World;
  let client: AaaClient;
  let equipment: Equipment;
  let nowMs = 1_800_000_000_000;
  const clock = { nowMs: () => nowMs };
  before(async () => {
    world = await open({ clock });
    client = await makeClient(world);
    equipment = playEquipment(world, clock);
    await makeAccount(world, { username: "guest", organization: 1 });
  });
  after(() => world.close());

  const start = async (id: string, where = client, userName = "guest"): Promise<number> => {
    await report(world, where, "Start", { id, userName, receivedAtMs: nowMs });
    return (await sessionsIn(world, `client=${where.id}`)).find((row) => row.session_id === id)!.radacctid;
  };
  const disconnect = (session: number, options: object = {}) => world.request("POST", `/aaa_accounting/${session}/disconnect/`, options);

  it("is asked to end once, with or without a reason, and its history tells who wanted it", async () => {
    const session = await start("by-hand");
    shows(await disconnect(session, { body: { reason: "front desk" } }), 202, { session, kind: "disconnect", state: "waiting" });
    nowMs += 1_000;
    const again = await disconnect(session);
    shows(again, 202, { created_at: "2027-01-15T08:00:00Z" });
    await equipment.work();
    assert.deepEqual(equipment.requests.splice(0).map(shortly), ["disconnect by-hand"]);
    const { body } = await world.get(`/aaa_accounting/${session}/history/`);
    assert.deepEqual(
      body.results.map((row: { event: string; actor: string }) => [row.event, row.actor]),
      [
        ["request_made", "api_token:1"],
        ["request_sent", "system:disconnects"],
        ["request_acknowledged", "system:disconnects"],
      ],
    );
    assert.equal(body.results[0].detail.reason, "front desk");
    const trail = await world.app.database.reader
      .selectFrom("audit_entry")
      .select("after")
      .where("operation", "=", "aaa_accounting_disconnect")
      .execute();
    assert.ok(trail.length > 0 && trail.every((row) => JSON.parse(row.after!).disconnect === "requested"));
  });

  it("is not asked for where it is over, or its client takes no requests", async () => {
    const session = await start("over");
    await report(world, client, "Stop", { id: "over", userName: "guest", receivedAtMs: nowMs, seconds: 0 });
    const over = await disconnect(session);
    assertProblem(over, 409);
    assert.equal(over.body.code, "session.not_active");
    const deaf = await makeClient(world, 1, { coa_port: null });
    const refused = await disconnect(await start("deaf", deaf));
    assertProblem(refused, 409);
    assert.equal(refused.body.code, "session.client_takes_no_requests");
    const { token } = await addTenant(world, "stranger");
    assertProblem(await disconnect(await start("unseen"), { token }), 404);
  });

  it("is asked for by the node that heard the client last, or by anyone once that lets it lie", async () => {
    const session = await start("near");
    const caller = playEquipment(world, clock, "here");
    const far = playEquipment(world, clock, "far");
    await world.app.work.run(systemCaller("test"), (tx) =>
      tx.clientContacts.note([{ namespaceId: client.namespaceId, clientId: client.id, node: "here", heardAtMs: nowMs }]),
    );
    await disconnect(session);
    await far.work();
    assert.deepEqual(far.requests.splice(0), []);
    await caller.work();
    assert.deepEqual(caller.requests.splice(0).map(shortly), ["disconnect near"]);
    await disconnect(session);
    nowMs += 5_000;
    await far.work();
    assert.deepEqual(far.requests.splice(0).map(shortly), ["disconnect near"]);
    await disconnect(session);
    nowMs += 10 * 60_000;
    await disconnect(await start("unheard"));
    await playEquipment(world, clock, null).work();
  });

  it("is sent once, however many nodes look for work at the same time", async () => {
    const session = await start("contended");
    await disconnect(session);
    const nodes = ["a", "b", "c"].map(() => playEquipment(world, clock, null));
    await Promise.all(nodes.map((node) => node.work()));
    assert.equal(
      nodes.reduce((sum, node) => sum + node.requests.length, 0),
      1,
    );
  });

  it("does not wait for those of a client that is silent", async () => {
    const silent = await makeClient(world);
    const heard = await makeClient(world, (await addTenant(world, "elsewhere")).organization.id);
    const user = await makeAccount(world, { username: "crowd", organization: 1 });
    const ids = Array.from({ length: 70 }, (_, index) => `silent-${index}`);
    for (const id of ids) await start(id, silent, "crowd");
    assert.equal((await world.patch(`/user_token/${user}/`, { is_active: false })).status, 200);
    await world.app.services.disconnects.disconnects.endDue();
    nowMs += 1;
    await disconnect(await start("heard", heard));
    const answered = Promise.withResolvers<void>();
    const deaf = playEquipment(world, clock);
    deaf.meanwhile.push(
      ...Array(100).fill((request: DynamicAuthorizationRequest) => (request.address === silent.address ? answered.promise : undefined)),
    );
    assert.equal(await deaf.dynamicAuthorization.sendDue(), 17);
    await eventually("all are sent", () => deaf.requests.length === 17);
    assert.ok(deaf.requests.some(({ address }) => address === heard.address));
    assert.equal(await deaf.dynamicAuthorization.sendDue(), 0, "nothing more of the silent one");
    assert.equal(deaf.wakes.length, 0);
    answered.resolve();
    await deaf.dynamicAuthorization.settle();
    assert.ok(deaf.wakes.length > 0, "there is room again");
    await deaf.work();
    assert.equal(new Set(deaf.requests.map(shortly)).size, 71);
    for (const id of ids) await report(world, silent, "Stop", { id, userName: "crowd", receivedAtMs: nowMs, seconds: 0 });
  });

  it("of a client with a range is asked for where the session's packets come from", async () => {
    const range = await makeClient(world, 1, { address: "198.51.100.0/24" });
    await disconnect(await start("ranged", range));
    await equipment.work();
    assert.equal(equipment.requests.splice(0)[0]!.address, "198.51.100.1");
  });

  it("is closed by hand of a client that is deleted", async () => {
    const gone = await makeClient(world);
    const session = await start("gone", gone);
    assert.equal((await world.delete(`/aaa_client/${gone.id}/`)).status, 204);
    shows(await world.get(`/aaa_accounting/${session}/`), 200, { session_status: "completed", closed_by: "operator" });
  });
});
