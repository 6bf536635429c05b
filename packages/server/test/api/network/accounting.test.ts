import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { ask, balanceOf, makeAccount, makeClient, provedLedger, replied, report, sessionsIn } from "../../support/network.ts";
import { reportedSessions } from "../../support/reported-sessions.ts";
import { makeTenant, type Tenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

onEachDatabase("accounting", (open) => {
  let world: World;
  let cafe: Tenant;
  let client: AaaClient;
  const { begin, at, user, newId, tell, oneOf } = reportedSessions();
  before(async () => {
    world = await open();
    ({ cafe, client } = await begin(world));
  });
  after(() => world.close());

  it("debits one row of the ledger for each session, which grows until the session closes and is sealed then", async () => {
    const guest = await user(600);
    const id = newId();
    await tell(id, guest.username, ["Start", 0], ["Interim-Update", 60, 60], ["Interim-Update", 120, 120]);
    let rows = await provedLedger(world, guest.id);
    assert.deepEqual(
      rows.map((row) => [row.delta, row.is_growing]),
      [
        [600, false],
        [-120, true],
      ],
    );
    assert.equal(rows[1]!.session, (await oneOf(id)).radacctid);
    await world.post(`/user_token/${guest.id}/top_up/`, { seconds: 100 });
    await tell(id, guest.username, ["Interim-Update", 180, 180], ["Stop", 200, 200]);
    rows = await provedLedger(world, guest.id);
    assert.deepEqual(
      rows.map((row) => [row.delta, row.balance_after, row.is_growing]),
      [
        [600, 600, false],
        [-200, 500, false],
        [100, 580, false],
      ],
    );
    const etag = (await world.get(`/user_token/${guest.id}/`)).headers["etag"];
    await tell(newId(), guest.username, ["Start", 300], ["Interim-Update", 360, 60]);
    assert.equal((await world.get(`/user_token/${guest.id}/`)).headers["etag"], etag, "a debit is no change of the account");
  });

  it("never debits below 0, and keeps the rest as unbilled", async () => {
    const guest = await user(100);
    const id = newId();
    await tell(id, guest.username, ["Start", 0], ["Interim-Update", 60, 60], ["Interim-Update", 180, 180], ["Stop", 200, 200]);
    assert.partialDeepStrictEqual(await oneOf(id), { burned_seconds: 100, unbilled_seconds: 100 });
    assert.equal(await balanceOf(world, guest.id), 0);
    assert.equal((await provedLedger(world, guest.id)).length, 2);
  });

  it("debits nothing of who is not metered", async () => {
    const guest = await user(null);
    const id = newId();
    await tell(id, guest.username, ["Start", 0], ["Interim-Update", 60, 60]);
    await world.patch(`/user_token/${guest.id}/`, { user_time: 50 });
    await tell(id, guest.username, ["Interim-Update", 90, 90], ["Stop", 100, 100]);
    assert.partialDeepStrictEqual(await oneOf(id), { burned_seconds: 40, unbilled_seconds: 0, session_duration: 100 });
    assert.equal(await balanceOf(world, guest.id), 10);
  });

  it("takes time of all of a user's sessions from one balance", async () => {
    const guest = await user(600);
    const [a, b] = [newId(), newId()];
    await tell(a, guest.username, ["Start", 0], ["Interim-Update", 100, 100]);
    await tell(b, guest.username, ["Start", 50], ["Interim-Update", 100, 50], ["Stop", 150, 100]);
    await tell(a, guest.username, ["Stop", 200, 200]);
    assert.equal(await balanceOf(world, guest.id), 300);
    assert.equal((await provedLedger(world, guest.id)).length, 3);
  });

  it("charges packets that arrive several times at once but once", async () => {
    const guest = await user(10_000);
    const id = newId();
    await Promise.all([1, 2, 3].map(() => tell(id, guest.username, ["Start", 0])));
    await Promise.all([1, 2, 3, 4, 5].map(() => tell(id, guest.username, ["Interim-Update", 60, 60])));
    await Promise.all([60, 120, 180, 120, 60].map((second) => tell(id, guest.username, ["Interim-Update", second, second])));
    assert.equal(await balanceOf(world, guest.id), 10_000 - 180);
    await Promise.all([1, 2, 3].map(() => tell(id, guest.username, ["Stop", 200, 200])));
    assert.equal((await oneOf(id)).burned_seconds, 200);
    const unheard = newId();
    await Promise.all([1, 2, 3, 4].map(() => tell(unheard, guest.username, ["Stop", 300, 100])));
    assert.equal((await oneOf(unheard)).burned_seconds, 100);
    assert.equal(await balanceOf(world, guest.id), 10_000 - 300);
    await provedLedger(world, guest.id);
  });

  it("is not confused by a stop before the start, nor by what comes late", async () => {
    const guest = await user(600);
    const id = newId();
    await tell(id, guest.username, ["Stop", 100, 100], ["Start", 0], ["Interim-Update", 60, 60]);
    assert.partialDeepStrictEqual(await oneOf(id), { session_status: "completed", burned_seconds: 100, closed_by: "stop" });
    assert.equal(await balanceOf(world, guest.id), 500);
  });

  it("tells sessions apart whose Acct-Session-Id came again after a reboot", async () => {
    const guest = await user(10_000);
    const id = newId();
    await tell(
      id,
      guest.username,
      ["Start", 0],
      ["Interim-Update", 600, 600],
      ["Start", 1_000],
      ["Interim-Update", 1_060, 60],
      ["Stop", 1_100, 100],
    );
    const both = (await sessionsIn(world, `user=${guest.id}`)).map((row) => [row.session_duration, row.closed_by, row.acctterminatecause]);
    assert.deepEqual(both, [
      [600, "restart", "Lost-Service"],
      [100, "stop", null],
    ]);
    assert.equal(await balanceOf(world, guest.id), 10_000 - 700);
  });

  it("goes on with the session whose Start is told again as if it had just begun, and with nobody else's", async () => {
    const other = await makeTenant(world, "neighbour", { own_usernames: true });
    const elsewhere = await makeClient(world, other.id);
    const [guest, id] = [await user(600), newId()];
    const namesake = await makeAccount(world, { username: guest.username, organization: other.id, user_time: 600 });
    await report(world, elsewhere, "Start", { id, userName: guest.username, eventMs: at(0) });
    await tell(id, guest.username, ["Start", 0], ["Start", 20], ["Interim-Update", 60, 60]);
    const rows = await sessionsIn(world, `user=${guest.id}`);
    assert.deepEqual(
      rows.map((row) => [row.session_status, row.closed_by, row.burned_seconds]),
      [
        ["completed", "restart", 0],
        ["active", null, 60],
      ],
    );
    await tell(id, guest.username, ["Stop", 100, 100], ["Stop", 115, 100]);
    assert.deepEqual(await sessionsIn(world, `user=${guest.id}&session_status=active`), []);
    assert.deepEqual([await balanceOf(world, guest.id), await balanceOf(world, namesake)], [500, 600]);
    assert.equal((await sessionsIn(world, `user=${namesake}&session_status=active`)).length, 1);
  });

  it("closes the session that another one replaces, whatever became of its user", async () => {
    const [here, sibling] = [await makeTenant(world, "here", { parent: cafe.id }), await makeTenant(world, "sibling", { parent: cafe.id })];
    const where = await makeClient(world, here.id);
    const guest = await user(600, here);
    const said = { id: newId(), userName: guest.username };
    await report(world, where, "Start", { ...said, eventMs: at(0) });
    await report(world, where, "Interim-Update", { ...said, eventMs: at(60), seconds: 60 });
    assert.equal((await world.patch(`/user_token/${guest.id}/`, { organization: sibling.id })).status, 200);
    assert.equal(await report(world, where, "Start", { ...said, eventMs: at(1_000) }), "stored");
    const both = await sessionsIn(world, `client=${where.id}`);
    assert.deepEqual(
      both.map((row) => [row.user, row.organization, row.session_status, row.closed_by]),
      [
        [guest.id, sibling.id, "completed", "restart"],
        [null, here.id, "active", null],
      ],
    );
    assert.equal((await provedLedger(world, guest.id)).at(-1)!.is_growing, false);
    assert.deepEqual(
      (await sessionsIn(world, "", sibling.token)).map((row) => row.id),
      [both[0].id],
    );
  });

  it("counts live sessions against a limit, and not those of the device that asks again", async () => {
    await world.post("/aaa_profile/", {
      short_name: "one",
      organization: cafe.id,
      check: [{ attribute: "Simultaneous-Use", op: ":=", value: "1" }],
    });
    const id = await makeAccount(world, { username: "limited", organization: cafe.id, profile: ["one"] });
    const outcome = async (device: string) => (await ask(world, client, { userName: "limited", device })).outcome;
    assert.equal(await outcome("AA-00-00-00-01-01"), "accept");
    const session = newId();
    await report(world, client, "Start", { id: session, userName: "limited", device: "aa:00:00:00:01:01", eventMs: at(0) });
    assert.equal(await outcome("AA-00-00-00-01-02"), "reject");
    assert.equal(await outcome("AA-00-00-00-01-01"), "accept");
    await report(world, client, "Stop", { id: session, userName: "limited", eventMs: at(60), seconds: 60 });
    const reserved = await world.app.database.reader.selectFrom("reservation").select("station").where("user_id", "=", id).execute();
    assert.equal(reserved.length, 1, "the device's own reservation from asking again");
  });

  it("shares what is left: time that has passed in live sessions is not given away again", async () => {
    const guest = await user(600);
    const nowMs = Date.now();
    const said = { userName: guest.username, device: "AA-00-00-00-02-01" };
    await report(world, client, "Start", { ...said, id: newId(), receivedAtMs: nowMs - 100_000 });
    const timeout = Number(replied(await ask(world, client, { userName: guest.username, device: "AA-00-00-00-02-02" }), "Session-Timeout"));
    assert.ok(timeout >= 248 && timeout <= 250, `${timeout}`);
  });
});
