import assert from "node:assert/strict";
import { after, before, beforeEach, it } from "node:test";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { balanceOf, makeAccount, makeClient, provedLedger, report, sessionsIn } from "../../support/network.ts";
import { makeTenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

onEachDatabase("the job that closes stale sessions", (open) => {
  let world: World;
  let clients: AaaClient[];
  let users: number[];
  let beganMs = 1_800_000_000_000;
  let nowMs = beganMs;
  before(async () => {
    world = await open({ clock: { nowMs: () => nowMs } });
    clients = [];
    users = [];
    for (const slug of ["cafe", "other"]) {
      const { id } = await makeTenant(world, slug, { own_usernames: true });
      users.push(await makeAccount(world, { username: "guest", organization: id, user_time: 100_000 }));
      clients.push(await makeClient(world, id));
    }
  });
  after(() => world.close());
  beforeEach(() => {
    beganMs += 100_000_000;
    nowMs = beganMs;
  });

  const at = (second: number) => {
    nowMs = beganMs + second * 1000;
  };
  const tell = (client: AaaClient, status: string, id: string, seconds?: number) =>
    report(world, client, status, { id, userName: "guest", receivedAtMs: nowMs, ...(seconds === undefined ? {} : { seconds }) });
  const closeStale = (mayGoOn: () => boolean = () => true) =>
    world.app.jobs.find(({ name }) => name === "close stale sessions")!.run(mayGoOn);
  const sessionsOf = (client: AaaClient, id: string) =>
    sessionsIn(world, `client=${client.id}`).then((rows) => rows.filter((row) => row.session_id === id));
  const statusOf = async (client: AaaClient, id: string) => (await sessionsOf(client, id)).map((row) => row.session_status).join();
  const instant = (second: number) => new Date(beganMs + second * 1000).toISOString().replace(".000", "");

  it("closes a session of which three reports are missing, at its last update, by what each client does", async () => {
    const [often, seldom] = clients as [AaaClient, AaaClient];
    const balances = await Promise.all(users.map((id) => balanceOf(world, id)));
    for (const client of clients) await tell(client, "Start", "same-id");
    for (const second of [60, 120]) {
      at(second);
      await tell(often, "Interim-Update", "same-id", second);
    }
    at(120 + 3 * 60 + 60);
    await closeStale();
    assert.equal(await statusOf(often, "same-id"), "active");
    nowMs += 1;
    await closeStale(() => false);
    assert.equal(await statusOf(often, "same-id"), "active", "who has lost the lease closes nothing");
    await closeStale();
    const [closed] = await sessionsOf(often, "same-id");
    assert.partialDeepStrictEqual(closed, {
      session_status: "completed",
      closed_by: "stale",
      acctterminatecause: "Lost-Carrier",
      end_time: instant(120),
      burned_seconds: 120,
    });
    assert.equal(await statusOf(seldom, "same-id"), "active", "a client that shows nothing is given ten minutes for each");
    assert.equal(await balanceOf(world, users[0]!), balances[0]! - 120, "what was not reported is nobody's time");
    assert.equal((await provedLedger(world, users[0]!)).at(-1)!.is_growing, false);
    at(3 * 600 + 60);
    nowMs += 1;
    await closeStale();
    assert.partialDeepStrictEqual((await sessionsOf(seldom, "same-id"))[0], { closed_by: "stale", end_time: instant(0) });
    assert.equal(await balanceOf(world, users[1]!), balances[1]!);
    at(2_000);
    await tell(often, "Interim-Update", "same-id", 2_000);
    assert.deepEqual([await statusOf(often, "same-id"), await statusOf(seldom, "same-id")], ["active", "completed"]);
    assert.equal(await balanceOf(world, users[0]!), balances[0]! - 2_000, "the difference is billed");
    await tell(often, "Stop", "same-id", 2_000);
  });

  it("learns how seldom a client reports, when that takes a session up again", async () => {
    const [client] = clients as [AaaClient];
    const events = async () => {
      const [session] = await sessionsOf(client, "seldom");
      return (await world.get(`/aaa_accounting/${session.radacctid}/history/`)).body.results.map((row: { event: string }) => row.event);
    };
    await tell(client, "Start", "seldom");
    for (const second of [2_400, 4_800, 7_200]) {
      at(second - 1);
      await closeStale();
      at(second);
      await tell(client, "Interim-Update", "seldom", second);
      assert.equal(await statusOf(client, "seldom"), "active");
    }
    assert.deepEqual(await events(), ["closed", "reopened"], "once, and never again");
    await tell(client, "Stop", "seldom", 7_200);
  });

  it("goes through all sessions, however many are stale", async () => {
    const [client] = clients as [AaaClient];
    const ids = Array.from({ length: 230 }, (_, index) => `many-${index}`);
    await Promise.all(ids.map((id) => tell(client, "Start", id)));
    const active = async () => (await world.get(`/aaa_accounting/?client=${client.id}&session_status=active`)).body.count;
    assert.equal(await active(), 230);
    at(3 * 600 + 61);
    await closeStale();
    assert.equal(await active(), 0);
  });
});
