import assert from "node:assert/strict";
import { after, before, beforeEach, it } from "node:test";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { type Equipment, playEquipment, shortly } from "../../support/dynamic-authorization-world.ts";
import { ask, balanceOf, makeAccount, makeClient, pap, report, sessionsIn } from "../../support/network.ts";
import { makeTenant, type Tenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

onEachDatabase("the end of sessions", (open) => {
  let world: World;
  let cafe: Tenant;
  let client: AaaClient;
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
    client = await makeClient(world, cafe.id);
    equipment = playEquipment(world, clock);
  });
  after(() => world.close());
  beforeEach(() => {
    pass(100_000);
    equipment.requests.length = 0;
  });

  const user = async (fields: object = {}) => {
    made += 1;
    const username = `guest-${made}`;
    return { username, id: await makeAccount(world, { username, organization: cafe.id, ...fields }) };
  };
  const tell = (status: string, id: string, userName: string, seconds?: number) =>
    report(world, client, status, { id, userName, receivedAtMs: nowMs, ...(seconds === undefined ? {} : { seconds }) });
  /** Lets a device in and starts its session. */
  const connect = async (userName: string, device: string) => {
    const answer = await ask(world, client, { userName, device, credential: pap("secret") });
    assert.equal(answer.outcome, "accept", JSON.stringify(answer));
    made += 1;
    const id = `${userName}-${made}`;
    await report(world, client, "Start", { id, userName, device, receivedAtMs: nowMs });
    return id;
  };
  const requests = () => equipment.requests.splice(0).map(shortly);
  const sessionOf = async (id: string) => (await sessionsIn(world, `client=${client.id}`)).find((row) => row.session_id === id);
  const historyOf = async (id: string) => {
    const { body } = await world.get(`/aaa_accounting/${(await sessionOf(id)).radacctid}/history/`);
    return body.results as { event: string; actor: string; detail: Record<string, unknown> }[];
  };

  it("comes at the predicted zero over all sessions together, and not before", async () => {
    const guest = await user({ user_time: 600 });
    const [a, b] = [await connect(guest.username, "AA-00-00-00-00-01"), await connect(guest.username, "AA-00-00-00-00-02")];
    await equipment.work();
    assert.deepEqual(requests(), [`coa ${a} 300`], "the first device is shortened");
    pass(100);
    await tell("Interim-Update", a, guest.username, 100);
    pass(199);
    await tell("Interim-Update", b, guest.username, 299);
    await equipment.work();
    assert.deepEqual(requests(), []);
    pass(1);
    await equipment.work();
    assert.deepEqual(requests().sort(), [`disconnect ${a}`, `disconnect ${b}`]);
    await tell("Stop", a, guest.username, 300);
    await tell("Stop", b, guest.username, 300);
    assert.equal(await balanceOf(world, guest.id), 0);
    await equipment.work();
    pass(120);
    await equipment.work();
    assert.deepEqual(requests(), []);
    const again = await ask(world, client, { userName: guest.username, device: "AA-00-00-00-00-01" });
    assert.equal(again.outcome, "reject");
  });

  it("is asked for with what identifies the session, and nothing else", async () => {
    const guest = await user({ user_time: 60 });
    const attributes = {
      "NAS-IP-Address": ["10.0.0.1"],
      "NAS-Identifier": ["ap"],
      "Framed-IP-Address": ["10.0.0.9"],
      "NAS-Port-Type": ["Virtual"],
    };
    const device = "AA-00-00-00-00-03";
    await report(world, client, "Start", { id: "whole", userName: guest.username, device, receivedAtMs: nowMs, attributes });
    pass(60);
    await equipment.work();
    const [request] = equipment.requests.splice(0);
    assert.deepEqual(request!.session, [
      { name: "User-Name", value: guest.username },
      { name: "NAS-IP-Address", value: "10.0.0.1" },
      { name: "NAS-Identifier", value: "ap" },
      { name: "Calling-Station-Id", value: device },
      { name: "Framed-IP-Address", value: "10.0.0.9" },
      { name: "Acct-Session-Id", value: "whole" },
    ]);
    assert.deepEqual([request!.address, request!.changes ?? [], request!.port], [client.address, [], client.coaPort]);
    assert.deepEqual(
      (await historyOf("whole")).map(({ event, actor, detail }) => [event, actor, detail["reason"], detail["attempt"]]),
      [
        ["request_made", "system:planner", "no_time_left", undefined],
        ["request_sent", "system:disconnects", "no_time_left", 1],
        ["request_acknowledged", "system:disconnects", "no_time_left", 1],
      ],
    );
    await tell("Stop", "whole", guest.username, 60);
  });

  it("moves with every top-up, which extends live sessions, and with every session that ends", async () => {
    const guest = await user({ user_time: 600 });
    const a = await connect(guest.username, "AA-00-00-00-00-04");
    pass(500);
    await tell("Interim-Update", a, guest.username, 500);
    assert.equal((await world.post(`/user_token/${guest.id}/top_up/`, { seconds: 900 })).status, 200);
    await equipment.work();
    assert.deepEqual(requests(), [`coa ${a} 1500`], "500 s have passed, and 1,000 s are left");
    pass(100);
    await equipment.work();
    assert.deepEqual(requests(), []);
    const b = await connect(guest.username, "AA-00-00-00-00-05");
    await equipment.work();
    assert.deepEqual(requests(), [`coa ${a} 1050`], "two share the 900 s");
    await tell("Stop", b, guest.username, 0);
    await equipment.work();
    assert.deepEqual(requests(), [`coa ${a} 1500`], "one has them for itself again");
    pass(900);
    await equipment.work();
    assert.deepEqual(requests(), [`disconnect ${a}`]);
    await tell("Stop", a, guest.username, 1500);
    assert.equal(await balanceOf(world, guest.id), 0);
  });

  it("moves with what is told late of sessions that are over", async () => {
    for (const status of ["Interim-Update", "Stop"]) {
      const guest = await user({ user_time: 600 });
      const late = { userName: guest.username, id: `late-${status}`, device: "AA-00-00-00-00-05" };
      const beganMs = nowMs;
      const at = (second: number) => ({ eventMs: beganMs + second * 1000, receivedAtMs: nowMs });
      await report(world, client, "Start", { ...late, ...at(0) });
      pass(150);
      await report(world, client, "Interim-Update", { ...late, ...at(60), seconds: 60 });
      await report(world, client, "Accounting-On", { id: "", ...at(150) });
      const id = await connect(guest.username, "AA-00-00-00-00-05");
      pass(10);
      await equipment.work();
      pass(40);
      await report(world, client, status, { ...late, ...at(120), seconds: 120 });
      await equipment.work();
      assert.deepEqual(requests(), []);
      pass(429);
      await equipment.work();
      assert.deepEqual(requests(), []);
      pass(1);
      await equipment.work();
      assert.deepEqual(requests(), [`disconnect ${id}`], status);
      await tell("Stop", id, guest.username, 480);
      assert.equal(await balanceOf(world, guest.id), 0);
    }
  });

  it("comes at once for a user who is switched off, expires, moves or is deleted", async () => {
    for (const end of ["inactive", "expired", "moved", "deleted"] as const) {
      const guest = await user();
      const id = await connect(guest.username, "AA-00-00-00-00-06");
      await equipment.work();
      assert.deepEqual(requests(), []);
      const below = await makeTenant(world, `branch-${end}`, { parent: cafe.id });
      const path = `/user_token/${guest.id}/`;
      const expiration = new Date(nowMs + 60_000).toISOString();
      const answer = {
        inactive: () => world.patch(path, { is_active: false }),
        expired: () => world.patch(path, { expiration }),
        moved: () => world.patch(path, { organization: below.id }),
        deleted: () => world.delete(path),
      }[end];
      assert.ok((await answer()).status < 300);
      if (end === "expired") {
        await equipment.work();
        assert.deepEqual(requests(), [`coa ${id} 60`]);
        pass(60);
      }
      await equipment.work();
      assert.deepEqual(requests(), [`disconnect ${id}`], end);
      assert.equal((await historyOf(id)).find(({ event }) => event === "request_made")!.detail["reason"], end);
      await tell("Stop", id, guest.username, 60);
    }
  });

  it("is the client's word alone: what lives on after an acknowledgement is asked for again", async () => {
    const guest = await user({ user_time: 10 });
    const id = await connect(guest.username, "AA-00-00-00-00-07");
    pass(10);
    await equipment.work();
    assert.deepEqual(requests(), [`disconnect ${id}`]);
    pass(59);
    await equipment.work();
    assert.deepEqual(requests(), []);
    pass(1);
    equipment.answers.push({ kind: "nak", errorCause: 503 });
    await equipment.work();
    assert.deepEqual(requests(), [`disconnect ${id}`]);
    assert.partialDeepStrictEqual(await sessionOf(id), { session_status: "completed", closed_by: "client" });
    assert.deepEqual(
      (await historyOf(id)).slice(-2).map(({ event, detail }) => [event, detail["error_cause"] ?? detail["closed_by"]]),
      [
        ["request_refused", 503],
        ["closed", "client"],
      ],
    );
    await tell("Interim-Update", id, guest.username, 75);
    assert.partialDeepStrictEqual(await sessionOf(id), { session_status: "active", burned_seconds: 10, unbilled_seconds: 65 });
    await tell("Stop", id, guest.username, 76);
  });

  it("is tried three times where nobody answers, then given up, and again as long as the session lives", async () => {
    const guest = await user({ user_time: 10 });
    const id = await connect(guest.username, "AA-00-00-00-00-08");
    pass(10);
    for (const outcome of [{ kind: "timeout" }, { kind: "unreachable", code: "ECONNREFUSED" }, { kind: "timeout" }] as const) {
      equipment.answers.push(outcome);
      await equipment.work();
      assert.deepEqual(requests(), [`disconnect ${id}`]);
      pass(30);
    }
    const history = (await historyOf(id)).map(({ event, detail }) => `${event} ${detail["attempt"] ?? ""} ${detail["why"] ?? ""}`.trim());
    assert.deepEqual(history, [
      "request_made",
      "request_sent 1",
      "request_unanswered 1 timeout",
      "request_sent 2",
      "request_unanswered 2 ECONNREFUSED",
      "request_sent 3",
      "request_unanswered 3 timeout",
      "request_given_up 3 timeout",
    ]);
    pass(60);
    await equipment.work();
    assert.deepEqual(requests(), [`disconnect ${id}`], "the session lives, so a new request is made");
    await tell("Stop", id, guest.username, 10);
  });

  it("changes nothing of a session whose Session-Timeout is right, or whose profile says less", async () => {
    await world.post("/aaa_profile/", {
      short_name: "short",
      organization: cafe.id,
      reply: [{ attribute: "Session-Timeout", op: ":=", value: "120" }],
    });
    const guest = await user({ user_time: 600, profile: ["short"] });
    const id = await connect(guest.username, "AA-00-00-00-00-09");
    await world.post(`/user_token/${guest.id}/top_up/`, { seconds: 3_600 });
    await equipment.work();
    assert.deepEqual(requests(), []);
    await world.patch(`/user_token/${guest.id}/`, { user_time: 60 });
    await equipment.work();
    assert.deepEqual(requests(), [`coa ${id} 60`]);
    equipment.answers.push({ kind: "nak", errorCause: 405 });
    await world.patch(`/user_token/${guest.id}/`, { user_time: 100 });
    await equipment.work();
    assert.deepEqual(requests(), [`coa ${id} 100`]);
    await tell("Stop", id, guest.username, 30);
  });
});
