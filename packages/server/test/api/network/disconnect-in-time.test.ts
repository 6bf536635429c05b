import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { type FakeNas, openFakeNas } from "../../support/fake-nas.ts";
import { makeAccount, makeClient, report, sessionsIn } from "../../support/network.ts";
import { makeTenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

const secret = "s3cret of the café";

onEachDatabase("a disconnect", (open) => {
  let world: World;
  let nowMs = 1_800_000_000_000;
  const equipment: { client: AaaClient; nas: FakeNas }[] = [];
  before(async () => {
    world = await open({ clock: { nowMs: () => nowMs } });
    for (const [index, slug] of ["cafe", "other"].entries()) {
      const { id } = await makeTenant(world, slug, { own_usernames: true });
      const address = `127.0.2.${index + 1}`;
      const nas = await openFakeNas(secret, address);
      equipment.push({ nas, client: await makeClient(world, id, { address, secret, coa_port: nas.port }) });
    }
  });
  after(async () => {
    await world.close();
    for (const { nas } of equipment) await nas.close();
  });

  const job = (name: string) => world.app.jobs.find((one) => one.name === name)!;
  /** The jobs that end sessions, at the worst of times: what one finds is left to the other's next turn. */
  const passOnce = async (everyMs: number) => {
    nowMs += everyMs;
    await job("send requests to clients").run(() => true);
    await world.app.services.disconnects.dynamicAuthorization.settle();
    await job("end sessions that are due").run(() => true);
  };

  it("reaches the equipment within two seconds of the predicted zero, and not before, by the jobs alone", async () => {
    const [{ client, nas }, neighbour] = equipment as [(typeof equipment)[0], (typeof equipment)[0]];
    const { everyMs } = job("end sessions that are due");
    assert.equal(job("send requests to clients").everyMs, everyMs);
    for (const lagMs of [0, 1, everyMs / 2, everyMs - 1]) {
      const [username, id] = [`guest-${lagMs}`, `session-${lagMs}`];
      const beganMs = nowMs;
      for (const [where, seconds] of [
        [client, 10],
        [neighbour.client, 1_000],
      ] as const) {
        await makeAccount(world, { username, organization: where.organizationId, user_time: seconds });
        await report(world, where, "Start", { id, userName: username, receivedAtMs: beganMs });
      }
      const zeroMs = beganMs + 10_000;
      nowMs += lagMs;
      while (nas.requests.length === 0 && nowMs < zeroMs + 10_000) await passOnce(everyMs);
      assert.deepEqual(
        nas.requests.splice(0).map(({ code, attributes }) => [code, attributes.find(([number]) => number === 44)![1].toString()]),
        [[40, id]],
      );
      assert.ok(nowMs >= zeroMs && nowMs <= zeroMs + 2_000, `${nowMs - zeroMs} ms after the predicted zero`);
      assert.deepEqual(neighbour.nas.requests, []);
      await report(world, client, "Stop", { id, userName: username, receivedAtMs: nowMs, seconds: 10 });
      assert.deepEqual(await sessionsIn(world, `client=${client.id}&session_status=active`), []);
      nowMs += 100_000 - lagMs;
    }
  });
});
