import assert from "node:assert/strict";
import { after, afterEach, before, it } from "node:test";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { eventually } from "../../support/eventually.ts";
import { type FakeNas, openFakeNas } from "../../support/fake-nas.ts";
import { balanceOf, makeAccount, makeClient, report, sessionsIn } from "../../support/network.ts";
import { recordStatements } from "../../support/recorded-statements.ts";
import { makeTenant, type Tenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

const secret = "s3cret of the café";

onEachDatabase("what a top-up costs", (open, database) => {
  let world: World;
  let cafe: Tenant;
  let client: AaaClient;
  let nas: FakeNas;
  let made = 0;
  before(async () => {
    world = await open();
    cafe = await makeTenant(world, "cafe", { own_usernames: true });
    nas = await openFakeNas(secret);
    client = await makeClient(world, cafe.id, { address: "127.0.0.1", secret, coa_port: nas.port });
    // This process sends what it stores, as `serve` does; no job runs beside it.
    world.app.services.disconnects.dynamicAuthorization.open();
  });
  after(async () => {
    await world.close();
    await nas.close();
  });
  afterEach(() => {
    nas.requests.length = 0;
    nas.react = (request) => nas.answer(request, request.code + 1);
  });

  const guestWith = async (sessions: number) => {
    made += 1;
    const username = `guest-${made}`;
    const id = await makeAccount(world, { username, organization: cafe.id, user_time: 1_000 });
    for (let index = 0; index < sessions; index += 1)
      await report(world, client, "Start", { id: `${username}-${index}`, userName: username });
    await sendAll();
    nas.requests.length = 0;
    return { id, username };
  };
  const settled = () => world.app.services.disconnects.dynamicAuthorization.settle();
  /** Sends what this process had no place for, as the jobs do. */
  const sendAll = async () => {
    for (let sent = 1; sent > 0; sent = await world.app.services.disconnects.dynamicAuthorization.sendDue()) await settled();
  };
  const units = () => world.app.database.figures().units;
  /** What some work and all that follows it has asked the database for. */
  const costOf = async (work: () => Promise<{ status: number }>) => {
    const before = units();
    const recorded = recordStatements();
    try {
      const answer = await work();
      assert.equal(answer.status, 200);
      await settled();
      // Whatever else were woken would have begun by now.
      await new Promise((resolve) => setTimeout(resolve, 20));
      await settled();
    } finally {
      recorded.stop();
    }
    return { units: units() - before, texts: [...recorded.texts], reads: recorded.ran("read"), sent: recorded.sent() };
  };
  const topUp = (id: number, seconds: number) => world.post(`/user_token/${id}/top_up/`, { seconds });
  const timeouts = () => nas.requests.map(({ attributes }) => attributes.find(([number]) => number === 27)![1].readUInt32BE(0));

  it("is two units where it extends one live session: its own, and the one that notes the CoA-ACK", async () => {
    const guest = await guestWith(1);
    assert.equal((await topUp(guest.id, 60)).status, 200);
    await settled();
    const cost = await costOf(() => topUp(guest.id, 600));
    assert.equal(cost.units, 2);
    assert.equal(nas.requests.length, 2);
    assert.ok(Math.abs(timeouts()[1]! - 1_660) <= 2, String(timeouts()));
    const [session] = await sessionsIn(world, `user=${guest.id}`);
    const { body } = await world.get(`/aaa_accounting/${session.radacctid}/history/`);
    assert.deepEqual(
      body.results
        .slice(-2)
        .map((row: { event: string; detail: { kind: string; attempt: number; session_timeout: number } }) => [
          row.event,
          row.detail.kind,
          row.detail.attempt,
          row.detail.session_timeout,
        ]),
      ["request_sent", "request_acknowledged"].map((event) => [event, "coa", 1, timeouts()[1]]),
    );
  });

  it("is one unit and nothing read after it where the user has no live session", async () => {
    const guest = await guestWith(0);
    await topUp(guest.id, 60);
    const cost = await costOf(() => topUp(guest.id, 60));
    assert.equal(cost.units, 1);
    const after = cost.texts.filter((text) => /session_request|session_deadline"? where "?due_at/.test(text));
    assert.deepEqual(after, [], "nobody looks for requests or deadlines");
    const patched = await costOf(() => world.patch(`/user_token/${guest.id}/`, { user_time: 500 }));
    assert.equal(patched.units, 1);
    assert.deepEqual(
      patched.texts.filter((text) => /session_request|session_deadline"? where "?due_at/.test(text)),
      [],
    );
    assert.equal(await balanceOf(world, guest.id), 500);
  });

  it("is sent once more where another top-up came while the NAS was thinking", async () => {
    const guest = await guestWith(1);
    let second: Promise<{ status: number }> | undefined;
    nas.react = (request, count) => {
      if (count > 0) return nas.answer(request, request.code + 1);
      second = topUp(guest.id, 600).then((answer) => {
        nas.answer(request, request.code + 1);
        return answer;
      });
    };
    assert.equal((await topUp(guest.id, 600)).status, 200);
    await eventually("both were sent", () => nas.requests.length === 2);
    await settled();
    assert.equal((await second!).status, 200);
    assert.deepEqual(
      timeouts().map((seconds) => Math.round(seconds / 10) * 10),
      [1_600, 2_200],
    );
  });

  it("is sent to no more sessions of a client at once than it may have outstanding, and to all of them in the end", async () => {
    const guest = await guestWith(20);
    // What is not answered in time is sent again, with the same bytes.
    const sent = () => new Set(nas.requests.map(({ bytes }) => bytes.toString("hex"))).size;
    const held: (() => void)[] = [];
    nas.react = (request) => held.push(() => nas.answer(request, request.code + 1));
    assert.equal((await topUp(guest.id, 6_000)).status, 200);
    await eventually("the first are sent", () => sent() >= 16);
    assert.equal(sent(), 16);
    nas.react = (request) => nas.answer(request, request.code + 1);
    for (const answer of held) answer();
    await sendAll();
    assert.equal(sent(), 20);
  });

  it("of many users with live sessions is planned by as many statements for 100 as for 10", async () => {
    const costs: { sent: number; reads: number }[] = [];
    for (const size of [10, 100]) {
      const guests = [];
      for (let index = 0; index < size; index += 1) guests.push(await guestWith(1));
      nas.react = () => undefined;
      const rows = guests.map(({ id }) => ({ id, user_time: 7_200 }));
      const recorded = recordStatements();
      try {
        const answer = await world.patch("/user_token/", rows);
        assert.equal(answer.status, 200, JSON.stringify(answer.body).slice(0, 300));
      } finally {
        recorded.stop();
      }
      costs.push({ sent: recorded.sent(), reads: recorded.ran("read") });
      const { rows: waiting } = await world.app.database.reader
        .selectFrom("session_request")
        .select((eb) => eb.fn.countAll<number>().as("rows"))
        .where("finished_at", "is", null)
        .executeTakeFirstOrThrow();
      assert.equal(Number(waiting), size);
      nas.react = (request) => nas.answer(request, request.code + 1);
      for (const request of nas.requests) nas.answer(request, request.code + 1);
      await sendAll();
    }
    const [ten, hundred] = costs as [(typeof costs)[0], (typeof costs)[0]];
    // SQLite writes rows one by one, in this process; what it reads is counted.
    const of = ({ sent, reads }: typeof ten) => (database === "sqlite" ? reads : sent);
    assert.ok(of(hundred) - of(ten) < 20, `${of(ten)} statements for 10 users, ${of(hundred)} for 100`);
  });
});
