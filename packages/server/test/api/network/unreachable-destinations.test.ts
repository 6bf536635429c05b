import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { playEquipment } from "../../support/dynamic-authorization-world.ts";
import { makeAccount, makeClient, report, sessionsIn } from "../../support/network.ts";
import { makeTenants, type Tenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

const refused = { kind: "unreachable", code: "ECONNREFUSED" } as const;

onEachDatabase("a NAS whose port is closed", (open) => {
  let world: World;
  let mine: Tenant;
  let neighbour: Tenant;
  let nowMs = 1_800_000_000_000;
  let made = 0;
  const clock = { nowMs: () => nowMs };
  before(async () => {
    world = await open({ clock });
    ({ mine, neighbour } = await makeTenants(world));
  });
  after(() => world.close());

  const guestOf = async (tenant: Tenant, client: AaaClient) => {
    made += 1;
    const username = `guest-${made}`;
    const id = await makeAccount(world, { username, organization: tenant.id, user_time: 100_000 });
    await report(world, client, "Start", { id: username, userName: username, receivedAtMs: nowMs });
    return { id, username };
  };
  const topUp = async (id: number) => assert.equal((await world.post(`/user_token/${id}/top_up/`, { seconds: 60 })).status, 200);

  it("is sent a CoA-Request after growing pauses, however often the session's end moves, and others at once", async () => {
    const [closed, other] = [await makeClient(world, mine.id), await makeClient(world, neighbour.id)];
    const [guest, guestBeside] = [await guestOf(mine, closed), await guestOf(neighbour, other)];
    const equipment = playEquipment(world, clock);
    equipment.answers.push(...Array.from({ length: 100 }, () => refused));
    await equipment.work();
    equipment.requests.length = 0;
    const sentAtMs: number[] = [];
    const beganMs = nowMs;
    for (let second = 0; second < 80; second += 1) {
      await topUp(guest.id);
      const before = equipment.requests.length;
      await equipment.work();
      assert.ok(equipment.requests.length - before <= 1);
      if (equipment.requests.length > before) sentAtMs.push(nowMs - beganMs);
      nowMs += 100;
    }
    assert.deepEqual(sentAtMs, [0, 1_000, 3_000, 7_000], "instead of 80 in eight seconds");
    equipment.answers.length = 0;
    await topUp(guestBeside.id);
    await equipment.work();
    assert.equal(equipment.requests.at(-1)!.address, other.address, "another destination does not wait");
    nowMs += 15_000;
    await equipment.work();
    assert.equal(equipment.requests.at(-1)!.address, closed.address);
    const seconds = Number(equipment.requests.at(-1)!.changes![0]!.value);
    assert.equal(seconds, 100_000 + 80 * 60, "with the end as it is now");
    await topUp(guest.id);
    const before = equipment.requests.length;
    await equipment.work();
    assert.equal(equipment.requests.length, before + 1, "it answers again, and is sent to at once");
  });

  it("is sent a Disconnect-Request three times, as one that is silent", async () => {
    const client = await makeClient(world, mine.id);
    const guest = await guestOf(mine, client);
    const equipment = playEquipment(world, clock);
    equipment.answers.push(...Array.from({ length: 3 }, () => refused));
    assert.equal((await world.patch(`/user_token/${guest.id}/`, { is_active: false })).status, 200);
    for (let second = 0; second < 50; second += 1) {
      await equipment.work();
      nowMs += 1_000;
    }
    const [session] = await sessionsIn(world, `user=${guest.id}`);
    const { body } = await world.get(`/aaa_accounting/${session.radacctid}/history/`);
    const events = body.results.map(({ event, detail }: { event: string; detail: { attempt?: number } }) =>
      `${event} ${detail.attempt ?? ""}`.trim(),
    );
    assert.deepEqual(events, [
      "request_made",
      ...[1, 2, 3].flatMap((attempt) => [`request_sent ${attempt}`, `request_unanswered ${attempt}`]),
      "request_given_up 3",
    ]);
  });
});
