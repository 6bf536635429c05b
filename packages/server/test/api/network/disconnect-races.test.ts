import assert from "node:assert/strict";
import { after, before, beforeEach, it } from "node:test";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { createDisconnects } from "../../../src/modules/network/disconnects/index.ts";
import { interrupted } from "../../support/interrupted-work.ts";
import { ask, makeAccount, makeClient, report } from "../../support/network.ts";
import { type Equipment, playEquipment, shortly } from "../../support/order-world.ts";
import { makeTenant, type Tenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

const plannedBy = ["sessions.listLiveOf", "accessFacts.findById"];

onEachDatabase("the end of sessions, worked out while they report", (open) => {
  let world: World;
  let cafe: Tenant;
  let other: Tenant;
  let client: AaaClient;
  let elsewhere: AaaClient;
  let equipment: Equipment;
  let nowMs = 1_800_000_000_000;
  let made = 0;
  const clock = { nowMs: () => nowMs };
  const pass = (seconds: number) => {
    nowMs += seconds * 1000;
  };
  before(async () => {
    world = await open({ clock });
    cafe = await makeTenant(world, "cafe", { own_usernames: true });
    other = await makeTenant(world, "other", { own_usernames: true });
    client = await makeClient(world, cafe.id);
    elsewhere = await makeClient(world, other.id);
    equipment = playEquipment(world, clock);
  });
  after(() => world.close());
  beforeEach(() => {
    pass(100_000);
    equipment.orders.length = 0;
  });

  /** A guest with a live session, and a namesake of another tenant with one of the same id. */
  const guestOf = async (user_time: number) => {
    made += 1;
    const [username, id] = [`guest-${made}`, `session-${made}`];
    const [userId, namesake] = await Promise.all(
      [cafe, other].map((tenant) => makeAccount(world, { username, organization: tenant.id, user_time })),
    );
    for (const where of [client, elsewhere]) {
      await ask(world, where, { userName: username, device: "AA-00-00-00-00-01" });
      await report(world, where, "Start", { id, userName: username, device: "AA-00-00-00-00-01", receivedAtMs: nowMs });
    }
    return { id, username, userId: userId!, namesake: namesake! };
  };
  type Guest = Awaited<ReturnType<typeof guestOf>>;
  const tell = (guest: Guest, status: string, seconds: number, where = client) =>
    report(world, where, status, { id: guest.id, userName: guest.username, seconds, receivedAtMs: nowMs });
  const deadlineOf = (tenant: Tenant, id: number) =>
    world.app.work.acrossTenants("a test looks").sessionDeadlines.find({ id, nameSpaceId: tenant.nameSpaceId });
  const orders = () => equipment.orders.splice(0).map(shortly);

  it("is never later than their time lasts, wherever in between a report burns", async () => {
    for (const moment of [1, 2, 3]) {
      const guest = await guestOf(600);
      const zeroMs = nowMs + 600_000;
      pass(100);
      await equipment.work();
      let reads = 0;
      let told: Promise<unknown> | undefined;
      const work = interrupted(world.app.work, plannedBy, async () => {
        reads += 1;
        if (reads !== moment) return;
        told = tell(guest, "Interim-Update", 100);
        // Where units run one after another the report waits for this one's end.
        if (world.database === "postgres") await told;
      });
      await world.app.work.run(cafe.caller, (tx) => tx.sessionDeadlines.set({ id: guest.userId, nameSpaceId: cafe.nameSpaceId }, nowMs));
      await createDisconnects({ work, clock, table: world.app.network.clientTable, wake: () => undefined }).endDue();
      await told;
      assert.equal(reads, 3);
      const plannedMs = (await deadlineOf(cafe, guest.userId))!;
      assert.ok(plannedMs <= zeroMs, `after read ${moment}: ${(plannedMs - zeroMs) / 1000} s late`);
      pass((plannedMs - nowMs) / 1000);
      await equipment.work();
      assert.equal(await deadlineOf(cafe, guest.userId), plannedMs < zeroMs ? zeroMs : zeroMs + 60_000);
      await tell(guest, "Stop", 600);
      await tell(guest, "Stop", 600, elsewhere);
    }
  });

  it("as a new Session-Timeout is never more than there is", async () => {
    for (const moment of [1, 2]) {
      const guest = await guestOf(600);
      pass(100);
      let reads = 0;
      const work = interrupted(world.app.work, plannedBy, async () => {
        reads += 1;
        if (reads === moment) await tell(guest, "Interim-Update", 100);
      });
      assert.equal((await world.post(`/user_token/${guest.userId}/top_up/`, { seconds: 300 })).status, 200);
      const racing = playEquipment(world, clock, null, work);
      await racing.sender.sendDue();
      await racing.sender.settle();
      const [told] = racing.orders;
      assert.ok(Number(told!.changes[0]!.value) <= 900, `after read ${moment}: ${told!.changes[0]!.value}`);
      await equipment.work();
      orders();
      await tell(guest, "Stop", 100);
      await tell(guest, "Stop", 100, elsewhere);
    }
  });
});
