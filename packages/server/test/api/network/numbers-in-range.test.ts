import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { sql } from "kysely";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { balanceOf, makeAccount, makeClient, provedLedger, report, sessionsIn } from "../../support/network.ts";
import { makeTenant, type Tenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

onEachDatabase("numbers beyond what their attributes hold", (open) => {
  let world: World;
  let cafe: Tenant;
  let neighbour: Tenant;
  let client: AaaClient;
  let theirs: AaaClient;
  before(async () => {
    world = await open();
    cafe = await makeTenant(world, "cafe", { own_usernames: true });
    neighbour = await makeTenant(world, "neighbour", { own_usernames: true });
    client = await makeClient(world, cafe.id);
    theirs = await makeClient(world, neighbour.id);
    await report(world, theirs, "Start", { id: "theirs", userName: "somebody" });
  });
  after(() => world.close());

  const account = (values: Record<string, string | number>) =>
    world.post(
      "/radius/accounting/",
      Object.fromEntries(
        Object.entries({ "Packet-Src-IP-Address": client.address, ...values }).map(([name, value]) => [
          name,
          { type: "string", value: [value] },
        ]),
      ),
      { token: cafe.token },
    );

  const everybodySees = async (id: string) => {
    for (const token of [cafe.token, undefined]) {
      const found = (await sessionsIn(world, "", token)).find((session) => session.session_id === id);
      assert.ok(found, `${id} for ${token ?? "the root"}`);
      assert.equal((await world.get(`/aaa_accounting/${found.id}/`, token === undefined ? {} : { token })).status, 200);
    }
    assert.deepEqual(
      (await sessionsIn(world, "", neighbour.token)).map((session) => session.session_id),
      ["theirs"],
    );
  };

  for (const [index, wrong] of ["999999999999999", "4294967296", "99999999999999999999", "-1", "1e9", "NaN", 1e15, 2 ** 53].entries()) {
    it(`are not counted: ${wrong}`, async () => {
      const user = await makeAccount(world, { username: `guest-${index}`, organization: cafe.id, user_time: 600 });
      const id = `bad-${index}`;
      const names = ["Session-Time", "Delay-Time", "Input-Octets", "Input-Gigawords", "Output-Octets", "Output-Gigawords"];
      const bad = Object.fromEntries(names.map((name) => [`Acct-${name}`, wrong]));
      const said = { "Acct-Session-Id": id, "User-Name": `guest-${index}`, "Event-Timestamp": wrong, "NAS-Port": wrong };
      for (const status of ["Start", "Interim-Update"]) {
        const answer = await account({ ...said, ...bad, "Acct-Status-Type": status });
        assert.equal(answer.status, 204, JSON.stringify(answer.body));
      }
      const good = await account({
        ...said,
        "Acct-Status-Type": "Stop",
        "Acct-Session-Time": 0,
        "Acct-Input-Octets": 7,
        "Acct-Output-Octets": 4_294_967_295,
      });
      assert.equal(good.status, 204);
      await everybodySees(id);
      const [session] = await sessionsIn(world, `user=${user}`);
      assert.equal(session.acctsessiontime, 0);
      assert.deepEqual([session.acctinputoctets, session.acctoutputoctets], [7, 4_294_967_295]);
      assert.ok(Math.abs(Date.parse(session.start_time) - Date.now()) < 600_000, session.start_time);
      assert.equal(session.nasportid, null);
      assert.equal(session.damaged, undefined);
      assert.equal(await balanceOf(world, user), 600);
      await provedLedger(world, user);
    });
  }

  it("end where their attributes end: 32 bits each, 64 for octets", async () => {
    const most = 4_294_967_295;
    const octets = { "Acct-Input-Octets": most, "Acct-Input-Gigawords": most };
    const answer = await account({ "Acct-Status-Type": "Stop", "Acct-Session-Id": "most", "Acct-Session-Time": most, ...octets });
    assert.equal(answer.status, 204);
    await everybodySees("most");
    const found = (await sessionsIn(world)).find((session) => session.session_id === "most");
    assert.deepEqual([found.acctsessiontime, found.acctinputoctets, found.damaged], [most, Number.MAX_SAFE_INTEGER, undefined]);
  });

  it("a balance of 2^53 - 1 seconds is planned for, topped up no further, and debited", async () => {
    const user = await makeAccount(world, { username: "rich", organization: cafe.id, user_time: Number.MAX_SAFE_INTEGER });
    await report(world, client, "Start", { id: "rich-1", userName: "rich" });
    await report(world, client, "Interim-Update", { id: "rich-1", userName: "rich", seconds: 60 });
    await report(world, client, "Stop", { id: "rich-1", userName: "rich", seconds: 120 });
    assert.equal(await balanceOf(world, user), Number.MAX_SAFE_INTEGER - 120);
    assert.equal((await world.post(`/user_token/${user}/top_up/`, { seconds: 121 })).status, 409);
    assert.equal((await world.post(`/user_token/${user}/top_up/`, { seconds: 120 })).status, 200);
    await provedLedger(world, user);
  });

  it("a row that holds them is shown as damaged, and the others beside it", async () => {
    await report(world, client, "Start", { id: "damaged", userName: "nobody" });
    await world.app.database.write((handle) =>
      sql`update session set start_at = -999999999999999000, reported_seconds = 999999999999999 where acct_session_id = 'damaged'`.execute(
        handle,
      ),
    );
    await everybodySees("damaged");
    const found = (await sessionsIn(world)).find((session) => session.session_id === "damaged");
    assert.deepEqual([found.damaged, found.start_time], [true, "0001-01-01T00:00:00Z"]);
    const later = await account({ "Acct-Status-Type": "Stop", "Acct-Session-Id": "damaged", "Acct-Session-Time": 5 });
    assert.equal(later.status, 204);
    await everybodySees("damaged");
  });
});
