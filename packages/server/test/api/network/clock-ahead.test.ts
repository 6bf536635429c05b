import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { clockAheadJob } from "../../../src/modules/network/disconnects/clock-ahead.job.ts";
import { type Equipment, playEquipment } from "../../support/dynamic-authorization-world.ts";
import { makeAccount, makeClient, report } from "../../support/network.ts";
import { makeTenant, type Tenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

const day = 86_400_000;

// A machine's clock runs a day ahead for a while, and is put right: nothing that it wrote then holds for a day.
onEachDatabase("what a clock that ran a day ahead has written", (open) => {
  let world: World;
  let tenants: { tenant: Tenant; client: AaaClient; guest: number }[];
  let equipment: Equipment;
  let nowMs = 1_800_000_000_000;
  let steadyMs = 0;
  const clock = { nowMs: () => nowMs };
  const pass = (seconds: number) => {
    nowMs += seconds * 1000;
    steadyMs += seconds * 1000;
  };
  before(async () => {
    world = await open({ clock });
    tenants = [];
    for (const slug of ["cafe", "other"]) {
      const tenant = await makeTenant(world, slug, { own_usernames: true });
      const guest = await makeAccount(world, { username: "guest", organization: tenant.id, user_time: 60 });
      tenants.push({ tenant, client: await makeClient(world, tenant.id), guest });
    }
    equipment = playEquipment(world, clock);
  });
  after(() => world.close());

  const database = () => world.app.database;
  const newJob = () => clockAheadJob({ work: world.app.work, clock, steadyMs: () => steadyMs });
  let session = 0;
  /** Both guests begin a session with a minute left, and it is over before. */
  const begin = async () => {
    pass(1_000);
    session += 1;
    for (const { client, guest } of tenants) {
      assert.equal((await world.patch(`/user_token/${guest}/`, { user_time: 60 })).status, 200);
      await report(world, client, "Start", { id: `${session}`, userName: "guest", receivedAtMs: nowMs });
    }
  };
  const end = async () => {
    for (const { client } of tenants) await report(world, client, "Stop", { id: `${session}`, userName: "guest", receivedAtMs: nowMs });
  };
  const ended = async () => {
    const before = equipment.requests.length;
    await equipment.work();
    return equipment.requests.slice(before).map(({ kind, address }) => `${kind} ${address}`);
  };
  /** Writes into the requests that wait. */
  const writeWaiting = (columns: { readonly claimed_until?: number; readonly due_at?: number }) =>
    database().write((handle) => handle.updateTable("session_request").set(columns).where("finished_at", "is", null).execute());
  const both = () => tenants.map(({ client }) => `disconnect ${client.address}`);

  it("keeps no disconnect from being sent by a claim that it made", async () => {
    await begin();
    pass(60);
    await world.app.services.disconnects.disconnects.endDue();
    await writeWaiting({ claimed_until: Date.now() + day });
    assert.deepEqual((await ended()).toSorted(), both().toSorted());
    await end();
  });

  it("keeps no disconnect from being sent by the time that it put it off to", async () => {
    await begin();
    pass(60);
    await world.app.services.disconnects.disconnects.endDue();
    await writeWaiting({ due_at: nowMs + day });
    assert.deepEqual(await ended(), []);
    await newJob().run(() => true);
    assert.deepEqual((await ended()).toSorted(), both().toSorted());
    await end();
  });

  it("keeps no disconnect from being asked for because one was answered tomorrow", async () => {
    await begin();
    pass(60);
    await ended();
    await database().write((handle) =>
      handle
        .updateTable("session_request")
        .set({ finished_at: nowMs + day })
        .where("finished_at", ">", nowMs - 10_000)
        .execute(),
    );
    await newJob().run(() => true);
    pass(61);
    assert.deepEqual((await ended()).toSorted(), both().toSorted());
    await end();
  });

  it("leaves no session without its end: its mark, when it was heard, and its deadline", async () => {
    nowMs += day;
    await begin();
    nowMs -= day;
    const [{ tenant, guest }] = tenants as [(typeof tenants)[0]];
    const deadline = () => tenant.stores.sessionDeadlines.find({ id: guest, namespaceId: tenant.namespaceId });
    assert.ok((await deadline())! > nowMs + day / 2);
    await newJob().run(() => true);
    await world.app.services.disconnects.disconnects.endDue();
    assert.equal(await deadline(), nowMs + 60_000, "a minute is left from now on");
    const live = await database()
      .reader.selectFrom("session")
      .select(["reported_at", "last_seen_at"])
      .where("stop_at", "is", null)
      .execute();
    assert.deepEqual(live, Array(2).fill({ reported_at: nowMs, last_seen_at: nowMs }));
    pass(60);
    assert.deepEqual((await ended()).toSorted(), both().toSorted());
    await end();
  });

  it("plans a deadline that was moved away anew, and leaves alone what lies where it should", async () => {
    await begin();
    const [mine, other] = tenants as [(typeof tenants)[0], (typeof tenants)[0]];
    const owner = ({ tenant, guest }: (typeof tenants)[0]) => ({ id: guest, namespaceId: tenant.namespaceId });
    await mine.tenant.write((tx) => tx.sessionDeadlines.set(owner(mine), nowMs + day));
    await newJob().run(() => true);
    assert.equal(await mine.tenant.stores.sessionDeadlines.find(owner(mine)), nowMs);
    assert.ok((await other.tenant.stores.sessionDeadlines.find(owner(other)))! > nowMs);
    await world.app.services.disconnects.disconnects.endDue();
    assert.equal(await mine.tenant.stores.sessionDeadlines.find(owner(mine)), nowMs + 60_000);
    await end();
  });

  it("is looked for at a process' first turn, when its clock is put back, and now and then", async () => {
    const job = newJob();
    const putOff = async () => {
      const { client, tenant } = tenants[0]!;
      const contact = { namespaceId: tenant.namespaceId, clientId: client.id, node: "near", heardAtMs: nowMs + day };
      await tenant.write((tx) => tx.clientContacts.note([contact]));
    };
    const isRight = async () => {
      await job.run(() => true);
      return (await tenants[0]!.tenant.stores.clientContacts.listLast()).get(tenants[0]!.client.id)! <= nowMs;
    };
    await putOff();
    assert.equal(await isRight(), true);
    await putOff();
    assert.equal(await isRight(), false, "nothing says that the clock was wrong");
    nowMs += day;
    await isRight();
    nowMs -= day;
    assert.equal(await isRight(), true);
    await putOff();
    pass(10 * 60);
    assert.equal(await isRight(), true);
  });

  it("takes no place of a user's devices by a reservation that it gave", async () => {
    const { tenant, client, guest } = tenants[0]!;
    const reservation = { namespaceId: tenant.namespaceId, userId: guest, clientId: client.id, decisionId: 1, interimSeconds: null };
    const take = (station: string, expiresAtMs: number) =>
      tenant.write((tx) => tx.reservations.make({ ...reservation, station, expiresAtMs, timeoutSeconds: null }));
    const question = { namespaceId: tenant.namespaceId, userId: guest, clientId: client.id, station: "this one", nowMs };
    const reserved = async () => (await tenant.stores.accessFacts.countSessions(question))!.reserved;
    await take("of now", nowMs + 60_000);
    await take("of a node that is a little ahead", nowMs + 90_000);
    assert.equal(await reserved(), 2);
    await take("of tomorrow", nowMs + day);
    assert.equal(await reserved(), 2);
    assert.equal(await tenants[1]!.tenant.stores.accessFacts.countSessions(question), undefined);
  });
});
