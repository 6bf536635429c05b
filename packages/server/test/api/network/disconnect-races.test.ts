import assert from "node:assert/strict";
import { after, before, beforeEach, it } from "node:test";
import { pino } from "pino";
import type { App } from "../../../src/composition/app.ts";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { openInstallation } from "../../../src/startup/installation.ts";
import { type Equipment, playEquipment, shortly } from "../../support/dynamic-authorization-world.ts";
import { beforeStatement } from "../../support/interrupted-statement.ts";
import { interrupted } from "../../support/interrupted-work.ts";
import { ask, makeAccount, makeClient, report, sessionsIn } from "../../support/network.ts";
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
  let node: App;
  let nowMs = 1_800_000_000_000;
  let made = 0;
  const clock = { nowMs: () => nowMs };
  const pass = (seconds: number) => {
    nowMs += seconds * 1000;
  };
  before(async () => {
    world = await open({ clock });
    // Writes of one process that concern an account follow each other; what comes in between comes from another one.
    const hasNodes = world.app.database.capabilities.needsRowLocks;
    node = hasNodes ? await openInstallation(world.config, pino({ level: "silent" }), clock) : world.app;
    cafe = await makeTenant(world, "cafe", { own_usernames: true });
    other = await makeTenant(world, "other", { own_usernames: true });
    client = await makeClient(world, cafe.id);
    elsewhere = await makeClient(world, other.id);
    equipment = playEquipment(world, clock);
  });
  after(async () => {
    if (node !== world.app) await node.close();
    await world.close();
  });
  beforeEach(() => {
    pass(100_000);
    equipment.requests.length = 0;
  });

  /** A guest with a live session, and a namesake of another tenant with one of the same id. */
  const guestOf = async (user_time: number) => {
    made += 1;
    const [username, id] = [`guest-${made}`, `session-${made}`];
    const userId = await makeAccount(world, { username, organization: cafe.id, user_time });
    await makeAccount(world, { username, organization: other.id, user_time: 1_000_000 });
    for (const where of [client, elsewhere]) {
      await ask(world, where, { userName: username, device: "AA-00-00-00-00-01" });
      await report(world, where, "Start", { id, userName: username, device: "AA-00-00-00-00-01", receivedAtMs: nowMs });
    }
    return { id, username, userId };
  };
  type Guest = Awaited<ReturnType<typeof guestOf>>;
  const reportOf = (guest: Guest, seconds: number) => ({ id: guest.id, userName: guest.username, seconds, receivedAtMs: nowMs });
  const tell = (guest: Guest, status: string, seconds: number, where = client) => report(world, where, status, reportOf(guest, seconds));
  const deadlineOf = (tenant: Tenant, id: number) =>
    world.app.work.acrossTenants("a test looks").sessionDeadlines.find({ id, namespaceId: tenant.namespaceId });
  const historyOf = async ({ id }: Guest): Promise<string[]> => {
    const { radacctid } = (await sessionsIn(world, `client=${client.id}`)).find((row) => row.session_id === id);
    const { body } = await world.get(`/aaa_accounting/${radacctid}/history/`);
    return body.results.map((row: { event: string; detail: Record<string, unknown> }) =>
      [row.event, row.detail["reason"], row.detail["why"]].filter((part) => part !== undefined).join(" "),
    );
  };
  const requests = () => equipment.requests.splice(0).map(shortly);

  it("is never later than their time lasts, wherever in between a report debits", async () => {
    const moments = [/from "session" where "name_space_id"/, /from "user_account" where "user_account"."id"/];
    for (const moment of world.database === "postgres" ? moments : moments.slice(0, 1)) {
      const guest = await guestOf(600);
      const zeroMs = nowMs + 600_000;
      pass(100);
      await equipment.work();
      const owner = { id: guest.userId, namespaceId: cafe.namespaceId };
      await world.app.work.run(cafe.caller, (tx) => tx.sessionDeadlines.set(owner, nowMs));
      const planning = async () => void (await world.app.services.disconnects.disconnects.endDue());
      const debiting = () => report({ ...world, app: node }, client, "Interim-Update", reportOf(guest, 100));
      if (world.database === "postgres") {
        const interruption = beforeStatement(moment, debiting);
        await planning().finally(interruption.undo);
        assert.ok(interruption.happened());
      } else {
        // Units run one after another.
        await Promise.all([planning(), debiting()]);
      }
      const plannedMs = (await deadlineOf(cafe, guest.userId))!;
      assert.ok(plannedMs <= zeroMs, `before ${moment}: ${(plannedMs - zeroMs) / 1000} s late`);
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
      await racing.dynamicAuthorization.sendDue();
      await racing.dynamicAuthorization.settle();
      const [told] = racing.requests;
      assert.ok(Number(told!.changes![0]!.value) <= 900, `after read ${moment}: ${told!.changes![0]!.value}`);
      await equipment.work();
      requests();
      await tell(guest, "Stop", 100);
      await tell(guest, "Stop", 100, elsewhere);
    }
  });

  /** A guest whose time is over, and whose client has not answered yet. */
  const unanswered = async (user_time: number) => {
    const guest = await guestOf(user_time);
    pass(user_time);
    equipment.answers.push({ kind: "timeout" });
    await equipment.work();
    assert.deepEqual(requests(), [`disconnect ${guest.id}`]);
    return guest;
  };

  it("is not asked for again of a guest who was topped up meanwhile, and comes in time after all", async () => {
    const guest = await unanswered(60);
    assert.equal((await world.post(`/user_token/${guest.userId}/top_up/`, { seconds: 30 })).status, 200);
    await equipment.work();
    assert.deepEqual(requests(), [`coa ${guest.id} 90`]);
    pass(15);
    await equipment.work();
    assert.deepEqual(requests(), []);
    assert.equal((await historyOf(guest)).at(-1), "request_given_up no_time_left nothing_to_end");
    pass(14);
    await equipment.work();
    assert.deepEqual(requests(), []);
    pass(1);
    await equipment.work();
    assert.deepEqual(requests(), [`disconnect ${guest.id}`], "the new end is half a minute after the old one");
    await tell(guest, "Stop", 90);
    await tell(guest, "Stop", 90, elsewhere);
  });

  it("is not asked for again of a guest who was switched on again, or may stay longer", async () => {
    for (const end of ["inactive", "expired"] as const) {
      const guest = await guestOf(600);
      const patch = async (fields: object) => assert.equal((await world.patch(`/user_token/${guest.userId}/`, fields)).status, 200);
      await patch(end === "inactive" ? { is_active: false } : { expiration: new Date(nowMs).toISOString() });
      equipment.answers.push({ kind: "timeout" });
      await equipment.work();
      assert.deepEqual(requests(), [`disconnect ${guest.id}`], end);
      await patch(end === "inactive" ? { is_active: true } : { expiration: null });
      pass(15);
      await equipment.work();
      assert.deepEqual(requests(), [], end);
      await tell(guest, "Stop", 50);
      await tell(guest, "Stop", 50, elsewhere);
    }
  });

  it("is asked for again where an operator wants it too, whatever was topped up", async () => {
    const guest = await unanswered(60);
    const { radacctid } = (await sessionsIn(world, `client=${client.id}`)).find((row) => row.session_id === guest.id);
    assert.equal((await world.post(`/aaa_accounting/${radacctid}/disconnect/`, {})).status, 202);
    assert.equal((await world.post(`/user_token/${guest.userId}/top_up/`, { seconds: 600 })).status, 200);
    await equipment.work();
    assert.deepEqual(requests(), [`coa ${guest.id} 660`]);
    pass(15);
    await equipment.work();
    assert.deepEqual(requests(), [`disconnect ${guest.id}`]);
    assert.deepEqual((await historyOf(guest)).slice(-2), ["request_sent operator", "request_acknowledged operator"]);
    await tell(guest, "Stop", 75);
    await tell(guest, "Stop", 75, elsewhere);
  });

  it("is told anew to a client that was being told of another one", async () => {
    for (const outcome of ["ack", "timeout"] as const) {
      const guest = await guestOf(600);
      const topUp = async (seconds: number) =>
        assert.equal((await world.post(`/user_token/${guest.userId}/top_up/`, { seconds })).status, 200);
      await topUp(300);
      equipment.meanwhile.push(() => topUp(100));
      equipment.answers.push({ kind: outcome });
      await equipment.work();
      assert.deepEqual(requests(), [`coa ${guest.id} 900`, `coa ${guest.id} 1000`], outcome);
      equipment.meanwhile.push(() => topUp(100));
      equipment.answers.push({ kind: "nak", errorCause: 405 });
      await topUp(100);
      await equipment.work();
      assert.deepEqual(requests(), [`coa ${guest.id} 1100`], "a client that refuses is left alone");
      await topUp(100);
      equipment.answers.push({ kind: "timeout" });
      await equipment.work();
      assert.deepEqual(requests(), [`coa ${guest.id} 1300`], "a client that is silent is told once");
      await tell(guest, "Stop", 50);
      await tell(guest, "Stop", 50, elsewhere);
    }
  });

  it("is told where it moved while the change that was asked for turned out to be needless", async () => {
    const guest = await guestOf(600);
    const topUp = async (seconds: number) =>
      assert.equal((await world.post(`/user_token/${guest.userId}/top_up/`, { seconds })).status, 200);
    await topUp(3);
    let reads = 0;
    const racing = playEquipment(
      world,
      clock,
      null,
      interrupted(world.app.work, ["accessFacts.findById"], async () => {
        reads += 1;
        if (reads === 1) await topUp(300);
      }),
    );
    await racing.work();
    assert.deepEqual(racing.requests.map(shortly), [`coa ${guest.id} 903`]);
    await tell(guest, "Stop", 50);
    await tell(guest, "Stop", 50, elsewhere);
  });

  it("is told to be far away of a guest who is not metered any more, once", async () => {
    const guest = await guestOf(600);
    assert.equal((await world.patch(`/user_token/${guest.userId}/`, { user_time: 700 })).status, 200);
    equipment.meanwhile.push(async () => {
      assert.equal((await world.patch(`/user_token/${guest.userId}/`, { user_time: null })).status, 200);
    });
    await equipment.work();
    assert.deepEqual(requests(), [`coa ${guest.id} 700`, `coa ${guest.id} ${2 ** 31 - 1}`]);
    await tell(guest, "Stop", 50);
    await tell(guest, "Stop", 50, elsewhere);
  });
});
