import assert from "node:assert/strict";
import { after, afterEach, before, it } from "node:test";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { eventually } from "../../support/eventually.ts";
import { type FakeNas, openFakeNas, type ReceivedRequest } from "../../support/fake-nas.ts";
import { ask, makeAccount, makeClient, report, sessionsIn } from "../../support/network.ts";
import { createPatience } from "../../support/patience.ts";
import { makeTenant, type Tenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

const secret = "s3cret of the café";
const disconnect = 40;
const coa = 43;

onEachDatabase("equipment that is told to end sessions", (open) => {
  let world: World;
  let cafe: Tenant;
  let client: AaaClient;
  let nas: FakeNas;
  let nowMs = 1_800_000_000_000;
  let made = 0;
  const patience = createPatience();
  const pass = (seconds: number) => {
    nowMs += seconds * 1000;
  };
  before(async () => {
    world = await open({ clock: { nowMs: () => nowMs }, delay: patience.delay });
    cafe = await makeTenant(world, "cafe", { own_usernames: true });
    nas = await openFakeNas(secret);
    client = await makeClient(world, cafe.id, { address: "127.0.0.1", secret, coa_port: nas.port });
  });
  after(async () => {
    await world.close();
    await nas.close();
  });
  afterEach(() => {
    nas.requests.length = 0;
    nas.react = (request) => nas.answer(request, request.code + 1);
    pass(100_000);
  });

  /** What the jobs of `serve` do, until nothing is left to do. */
  const work = async () => {
    const { disconnects, dynamicAuthorization } = world.app.services.disconnects;
    for (let done = 1; done > 0; ) {
      done = (await disconnects.endDue()) + (await dynamicAuthorization.sendDue());
      await dynamicAuthorization.settle();
    }
  };
  const tell = (status: string, id: string, userName: string, seconds?: number) =>
    report(world, client, status, { id, userName, receivedAtMs: nowMs, ...(seconds === undefined ? {} : { seconds }) });
  const connect = async (userName: string) => {
    made += 1;
    const [id, device] = [`${userName}-${made}`, `AA-00-00-00-01-${String(made).padStart(2, "0")}`];
    assert.equal((await ask(world, client, { userName, device })).outcome, "accept");
    await report(world, client, "Start", { id, userName, device, receivedAtMs: nowMs });
    return id;
  };
  const user = async (fields: object = {}) => {
    made += 1;
    const username = `guest-${made}`;
    return { username, id: await makeAccount(world, { username, organization: cafe.id, ...fields }) };
  };
  const carried = (request: ReceivedRequest, number: number) => request.attributes.find(([own]) => own === number)?.[1];
  /** The requests that came, in short: code, session, and the new Session-Timeout. */
  const requests = () =>
    nas.requests.splice(0).map((request) => {
      const timeout = carried(request, 27)?.readUInt32BE(0);
      return [request.code, carried(request, 44)?.toString(), ...(timeout === undefined ? [] : [timeout])];
    });
  const sessionOf = async (id: string) => (await sessionsIn(world, `client=${client.id}`)).find((row) => row.session_id === id);
  const historyOf = async (id: string): Promise<string[]> => {
    const { body } = await world.get(`/aaa_accounting/${(await sessionOf(id)).radacctid}/history/`);
    return body.results.map((row: { event: string; detail: Record<string, unknown> }) =>
      [row.event, row.detail["attempt"], row.detail["why"] ?? row.detail["error_cause"]].filter((part) => part !== undefined).join(" "),
    );
  };

  it("acknowledges, and its Stop ends the session", async () => {
    const guest = await user({ user_time: 60 });
    const id = await connect(guest.username);
    pass(60);
    await work();
    assert.deepEqual(requests(), [[disconnect, id]]);
    assert.partialDeepStrictEqual(await sessionOf(id), { session_status: "active" });
    await tell("Stop", id, guest.username, 60);
    assert.partialDeepStrictEqual(await sessionOf(id), { session_status: "completed", closed_by: "stop", burned_seconds: 60 });
    assert.deepEqual(await historyOf(id), ["request_made", "request_sent 1", "request_acknowledged 1"]);
  });

  it("knows no such session: it is closed here", async () => {
    const guest = await user({ user_time: 60 });
    const id = await connect(guest.username);
    pass(60);
    nas.react = (request) => nas.answer(request, request.code + 2, 503);
    await work();
    assert.deepEqual(requests(), [[disconnect, id]]);
    assert.partialDeepStrictEqual(await sessionOf(id), { session_status: "completed", closed_by: "client" });
    assert.deepEqual((await historyOf(id)).slice(1, 3), ["request_sent 1", "request_refused 1 503"]);
  });

  it("is silent: it is told the same again after 2, 4 and 8 seconds, and all of it is history", async () => {
    const guest = await user({ user_time: 60 });
    const id = await connect(guest.username);
    pass(60);
    nas.react = () => undefined;
    await world.app.services.disconnects.disconnects.endDue();
    await world.app.services.disconnects.dynamicAuthorization.sendDue();
    for (const [count, waitMs] of [2_000, 4_000, 8_000, 4_000].entries()) {
      await eventually("it is told", () => nas.requests.length === count + 1 && patience.waiting().length === 1);
      assert.deepEqual(patience.waiting(), [waitMs]);
      patience.end();
    }
    await world.app.services.disconnects.dynamicAuthorization.settle();
    assert.equal(new Set(nas.requests.map(({ bytes }) => bytes.toString("hex"))).size, 1);
    assert.deepEqual(requests(), Array(4).fill([disconnect, id]));
    assert.deepEqual(await historyOf(id), ["request_made", "request_sent 1", "request_unanswered 1 timeout"]);
    assert.partialDeepStrictEqual(await sessionOf(id), { session_status: "active" });
    pass(15);
    nas.react = (request) => nas.answer(request, request.code + 1);
    await work();
    assert.deepEqual(requests(), [[disconnect, id]], "it is sent anew a quarter of a minute later");
    assert.deepEqual((await historyOf(id)).slice(-2), ["request_sent 2", "request_acknowledged 2"]);
    await tell("Stop", id, guest.username, 75);
    assert.partialDeepStrictEqual(await sessionOf(id), { burned_seconds: 60, unbilled_seconds: 15 });
  });

  it("shortens the first device when a second one comes, and extends both by a top-up", async () => {
    const guest = await user({ user_time: 600 });
    const first = await connect(guest.username);
    const second = await connect(guest.username);
    await work();
    assert.deepEqual(requests(), [[coa, first, 300]]);
    pass(100);
    await tell("Interim-Update", first, guest.username, 100);
    await tell("Interim-Update", second, guest.username, 100);
    assert.equal((await world.post(`/user_token/${guest.id}/top_up/`, { seconds: 600 })).body.user_time, 1_000);
    await work();
    assert.deepEqual(requests().sort(), [
      [coa, first, 600],
      [coa, second, 600],
    ]);
    pass(499);
    await work();
    assert.deepEqual(requests(), []);
    pass(1);
    await work();
    assert.deepEqual(requests().sort(), [
      [disconnect, first],
      [disconnect, second],
    ]);
    await tell("Stop", first, guest.username, 600);
    await work();
    assert.deepEqual(requests(), [], "who was asked is not asked again because another one has ended");
    await tell("Stop", second, guest.username, 600);
  });

  it("that takes no changes is told to end the sessions all the same", async () => {
    const guest = await user({ user_time: 600 });
    const first = await connect(guest.username);
    nas.react = (request) => nas.answer(request, request.code + (request.code === coa ? 2 : 1), request.code === coa ? 405 : undefined);
    const second = await connect(guest.username);
    await work();
    assert.deepEqual(requests(), [[coa, first, 300]]);
    pass(300);
    await work();
    assert.deepEqual(requests().sort(), [
      [disconnect, first],
      [disconnect, second],
    ]);
    for (const id of [first, second]) await tell("Stop", id, guest.username, 300);
  });

  it("ends the sessions of who is switched off, expires or is deleted", async () => {
    for (const end of ["inactive", "expired", "deleted"] as const) {
      const guest = await user(end === "expired" ? { expiration: new Date(nowMs + 60_000).toISOString() } : {});
      const id = await connect(guest.username);
      const path = `/user_token/${guest.id}/`;
      if (end === "inactive") assert.equal((await world.patch(path, { is_active: false })).status, 200);
      if (end === "deleted") assert.equal((await world.delete(path)).status, 204);
      if (end === "expired") pass(60);
      await work();
      assert.deepEqual(requests(), [[disconnect, id]], end);
      await tell("Stop", id, guest.username, 60);
    }
  });

  it("ends the session that an operator names, by what identifies it and nothing else", async () => {
    const guest = await user();
    const id = await connect(guest.username);
    const { radacctid } = await sessionOf(id);
    assert.equal((await world.post(`/aaa_accounting/${radacctid}/disconnect/`, {})).status, 202);
    await work();
    const [request] = nas.requests;
    // Message-Authenticator, User-Name, Calling-Station-Id, Acct-Session-Id, Event-Timestamp.
    assert.deepEqual(
      request!.attributes.map(([number]) => number),
      [80, 1, 31, 44, 55],
    );
    assert.equal(carried(request!, 55)!.readUInt32BE(0), nowMs / 1000);
    await tell("Stop", id, guest.username, 1);
    await work();
    assert.equal((await world.post(`/aaa_accounting/${radacctid}/disconnect/`, {})).status, 409);
  });
});
