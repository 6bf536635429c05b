import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { names, shows } from "../../support/expect.ts";
import { ask, balanceOf, makeAccount, makeClient, replied, report, sessionsIn } from "../../support/network.ts";
import { reportedSessions } from "../../support/reported-sessions.ts";
import { makeTenant, type Tenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

onEachDatabase("sessions that equipment reports", (open) => {
  let world: World;
  let cafe: Tenant;
  let other: Tenant;
  let client: AaaClient;
  const { begin, at, user, newId, tell, oneOf } = reportedSessions();
  before(async () => {
    world = await open();
    ({ cafe, client } = await begin(world));
    other = await makeTenant(world, "other", { own_usernames: true });
  });
  after(() => world.close());

  it("shows a session in FreeRADIUS' words and in plainer ones", async () => {
    const guest = await user(600);
    const attributes = {
      "NAS-IP-Address": ["10.0.0.1"],
      "NAS-Identifier": ["cafe-ap1"],
      "NAS-Port-Type": ["Wireless-802.11"],
      "NAS-Port": ["7"],
      "Called-Station-Id": ["00-11-22-33-44-55:Cafe"],
      "Acct-Authentic": ["RADIUS"],
      "Connect-Info": ["54 Mbit/s"],
    };
    const said = { id: "abc", userName: guest.username, device: "AA-BB-CC-DD-EE-01", attributes };
    await report(world, client, "Start", { ...said, eventMs: at(0) });
    const counters = {
      "Acct-Input-Octets": ["100"],
      "Acct-Input-Gigawords": ["2"],
      "Acct-Output-Octets": ["5"],
      "Framed-IP-Address": ["10.0.0.17"],
    };
    await report(world, client, "Interim-Update", { ...said, eventMs: at(60), seconds: 60, attributes: { ...attributes, ...counters } });
    const live = await oneOf("abc");
    assert.partialDeepStrictEqual(live, {
      acctsessionid: "abc",
      username: guest.username,
      nasipaddress: "10.0.0.1",
      nas_ip_address: "10.0.0.1",
      nasidentifier: "cafe-ap1",
      nasportid: "7",
      nasporttype: "Wireless-802.11",
      acctstarttime: new Date(at(0)).toISOString().replace(".000", ""),
      acctupdatetime: new Date(at(60)).toISOString().replace(".000", ""),
      acctstoptime: null,
      acctinterval: 60,
      acctsessiontime: 60,
      acctinputoctets: 2 * 2 ** 32 + 100,
      acctoutputoctets: 5,
      calledstationid: "00-11-22-33-44-55:Cafe",
      callingstationid: "AA-BB-CC-DD-EE-01",
      framedipaddress: "10.0.0.17",
      connectinfo_start: "54 Mbit/s",
      user: guest.id,
      organization: cafe.id,
      client: client.id,
      session_id: "abc",
      end_time: null,
      session_duration: 60,
      bytes_sent: 2 * 2 ** 32 + 100,
      bytes_received: 5,
      session_status: "active",
      closed_by: null,
      burned_seconds: 60,
      unbilled_seconds: 0,
    });
    assert.equal(live.id, live.radacctid);
    assert.match(live.acctuniqueid, /^[\da-f]{32}$/);
    const one = await world.get(`/aaa_accounting/${live.radacctid}/`, { token: cafe.token });
    assert.deepEqual(one.body, live);
    await report(world, client, "Stop", {
      ...said,
      eventMs: at(90),
      seconds: 90,
      attributes: { "Acct-Terminate-Cause": ["User-Request"], "Connect-Info": ["11 Mbit/s"] },
    });
    const over = await world.get(`/aaa_accounting/${live.radacctid}/`);
    shows(over, 200, {
      session_status: "completed",
      acctterminatecause: "User-Request",
      closed_by: "stop",
      burned_seconds: 90,
      acctinputoctets: 2 * 2 ** 32 + 100,
      connectinfo_stop: "11 Mbit/s",
    });
    assert.notEqual(over.headers["etag"], one.headers["etag"]);
    assert.equal(await balanceOf(world, guest.id), 510);
  });

  it("closes a client's own sessions when that restarts, at their last update, and nobody else's", async () => {
    const [guest, neighbour] = [await user(1_000), await user(1_000, other)];
    const [own, elsewhere] = [await makeClient(world, cafe.id), await makeClient(world, other.id)];
    const said = { id: "same-id", eventMs: at(0) };
    for (const [where, { username }] of [
      [own, guest],
      [elsewhere, neighbour],
    ] as const) {
      await report(world, where, "Start", { ...said, userName: username });
      await report(world, where, "Interim-Update", { ...said, userName: username, seconds: 60, eventMs: at(60) });
    }
    assert.equal(await report(world, own, "Accounting-On", { id: "", eventMs: at(600) }), "stored");
    assert.equal(await report(world, own, "Accounting-Off", { id: "", eventMs: at(600) }), "stored");
    const [closed] = await sessionsIn(world, `client=${own.id}`);
    assert.partialDeepStrictEqual(closed, {
      session_status: "completed",
      closed_by: "reboot",
      acctterminatecause: "NAS-Reboot",
      session_duration: 60,
    });
    assert.equal(closed.acctstoptime, closed.acctupdatetime);
    assert.equal((await sessionsIn(world, `client=${elsewhere.id}`))[0].session_status, "active");
    assert.deepEqual([await balanceOf(world, guest.id), await balanceOf(world, neighbour.id)], [940, 940]);
    const { body } = await world.get(`/aaa_accounting/${closed.radacctid}/history/`);
    assert.deepEqual(
      body.results.map((row: { event: string; detail: object }) => [row.event, row.detail]),
      [["closed", { closed_by: "reboot", terminate_cause: "NAS-Reboot" }]],
    );
    await report(world, own, "Start", { ...said, userName: guest.username, eventMs: at(700) });
    await report(world, own, "Accounting-On", { id: "", eventMs: at(650) });
    assert.equal((await sessionsIn(world, `client=${own.id}&session_status=active`)).length, 1, "what began later goes on");
  });

  it("is bound to its client: tenants with the same user, session and client names never meet", async () => {
    const twins: { id: number; tenant: Tenant }[] = [];
    for (const [index, tenant] of [cafe, other].entries()) {
      const where = await makeClient(world, tenant.id, { short_name: "twin-ap" });
      const id = await makeAccount(world, { username: "twin", organization: tenant.id, user_time: 1_000 });
      await report(world, where, "Start", { id: "twin-1", userName: "twin", eventMs: at(0) });
      await report(world, where, "Interim-Update", { id: "twin-1", userName: "twin", eventMs: at(100), seconds: 100 + index });
      twins.push({ id, tenant });
    }
    for (const [index, { id, tenant }] of twins.entries()) {
      assert.equal(await balanceOf(world, id), 900 - index);
      const seen = (await sessionsIn(world, "", tenant.token)).filter((row) => row.session_id === "twin-1");
      assert.deepEqual(
        seen.map((row) => [row.user, row.organization]),
        [[id, tenant.id]],
      );
      const stranger: string = twins[1 - index]!.tenant.token;
      assert.equal((await world.get(`/aaa_accounting/${seen[0].radacctid}/`, { token: stranger })).status, 404);
    }
  });

  it("knows whose session it is by Class, whatever User-Name says, and takes the reservation of the device", async () => {
    const guest = await user(600);
    const answer = await ask(world, client, { userName: guest.username, device: "AA-00-00-00-00-01" });
    const id = newId();
    const said = { id, userName: "anonymous@outer", device: "AA-00-00-00-00-01", eventMs: at(0) };
    const attributes = { Class: ["0xdead", `0x${Buffer.from(replied(answer, "Class")!).toString("hex")}`] };
    const reservations = () =>
      world.app.database.reader.selectFrom("reservation").select("station").where("user_id", "=", guest.id).execute();
    assert.equal((await reservations()).length, 1);
    await report(world, client, "Start", { ...said, attributes });
    assert.equal((await reservations()).length, 0);
    assert.partialDeepStrictEqual(await oneOf(id), { user: guest.id, username: "anonymous@outer", access_decision: answer.decisionId });
    const forged = newId();
    await report(world, client, "Start", {
      ...said,
      id: forged,
      attributes: { Class: [replied(answer, "Class")!.replace(/.$/, (end) => (end === "A" ? "B" : "A"))] },
    });
    assert.equal((await oneOf(forged)).user, null, "a ticket that is not whole is nobody's");
    await report(world, client, "Interim-Update", { ...said, eventMs: at(60), seconds: 60 });
    assert.equal(await balanceOf(world, guest.id), 540, "Class may be lost in between");
  });

  it("is listed by user, client, status and time, with counts and cursors", async () => {
    const guest = await user(null);
    const ids = [newId(), newId(), newId()];
    for (const [index, id] of ids.entries()) await tell(id, guest.username, ["Start", -86_400 * (index + 1)]);
    await tell(ids[0]!, guest.username, ["Stop", -86_000, 400]);
    const count = async (query: string) => (await world.get(`/aaa_accounting/?user=${guest.id}&${query}`)).body.count;
    assert.deepEqual([await count(""), await count("session_status=active"), await count("session_status=completed")], [3, 2, 1]);
    const day = (second: number) => new Date(at(second)).toISOString();
    assert.deepEqual(
      [
        await count(`start_date=${day(-86_400)}`),
        await count(
          `start_date=${day(-86_400 * 2)
            .slice(0, 19)
            .replace("T", " ")}`,
        ),
        await count(
          `end_date=${encodeURIComponent(
            `${day(-86_400 * 2)
              .slice(0, 19)
              .replace("T", " ")}+00:00`,
          )}`,
        ),
        await count("end_date=2000-01-01"),
        await count("client=0"),
      ],
      [1, 2, 1, 0, 0],
    );
    const first = (await world.get(`/aaa_accounting/?user=${guest.id}&limit=2&cursor=`)).body;
    assert.equal(first.results.length, 2);
    const second = (await world.get(first.next.replace(/^.*\/api\/v1/, ""))).body;
    assert.deepEqual([second.results.length, second.next], [1, null]);
    names(await world.get("/aaa_accounting/?session_status=open&start_date=soon"), "session_status", "start_date");
    const all = (await world.get("/aaa_accounting/")).body.count;
    const [active, completed] = [
      (await world.get("/aaa_accounting/?session_status=active")).body.count,
      (await world.get("/aaa_accounting/?session_status=completed")).body.count,
    ];
    const { total } = await world.app.database.reader
      .selectFrom("session")
      .select((eb) => eb.fn.countAll<number>().as("total"))
      .executeTakeFirstOrThrow();
    assert.deepEqual([all, active + completed], [Number(total), Number(total)], "kept counts");
  });

  it("acknowledges what needs no storing, and never chokes on what equipment says", async () => {
    for (const [status, attributes] of [
      ["Tunnel-Start", {}],
      ["Failed", {}],
      ["", {}],
    ] as const) {
      assert.equal(await report(world, client, status, { id: newId(), attributes }), "ignored", status);
    }
    assert.equal(await report(world, client, "Start", { id: "" }), "ignored");
    const odd = newId();
    const attributes = {
      "Acct-Session-Time": ["-5"],
      "Acct-Input-Octets": [""],
      "Acct-Output-Octets": ["99999999999999999999"],
      "Acct-Output-Gigawords": ["4294967295"],
      "Event-Timestamp": ["never"],
      "Acct-Delay-Time": ["4294967295"],
      "Calling-Station-Id": ["\u0000\ud800".repeat(200)],
      "User-Name": ["nobody\u0000"],
      Class: ["0x", "gh1.0.0.0.0.AAAAAAAAAAAAAAAA"],
    };
    assert.equal(await report(world, client, "Interim-Update", { id: odd, attributes }), "stored");
    assert.partialDeepStrictEqual(await oneOf(odd), { user: null, session_duration: 0, acctinputoctets: 0 });
  });

  it("keeps a deleted user's sessions for the books, without name, device or address", async () => {
    const guest = await user(600);
    const id = newId();
    const said = { id, userName: guest.username, device: "AA-BB-CC-DD-EE-77" };
    await report(world, client, "Start", { ...said, eventMs: at(0), attributes: { "Framed-IP-Address": ["10.0.0.77"] } });
    await report(world, client, "Interim-Update", { ...said, eventMs: at(60), seconds: 60 });
    assert.equal((await world.delete(`/user/${guest.id}/`)).status, 204);
    await report(world, client, "Stop", { ...said, eventMs: at(100), seconds: 100, attributes: { "Framed-IP-Address": ["10.0.0.77"] } });
    const kept = await oneOf(id);
    assert.partialDeepStrictEqual(kept, {
      user: null,
      username: null,
      callingstationid: null,
      framedipaddress: null,
      session_duration: 100,
      burned_seconds: 60,
    });
    assert.match(kept.pseudonym, /^[\da-f-]{36}$/);
    assert.doesNotMatch(JSON.stringify(kept), new RegExp(`${guest.username}|EE-77|10\\.0\\.0\\.77`));
    const trail = await world.app.database.reader
      .selectFrom("audit_entry")
      .select(["before", "after"])
      .where("resource", "=", "session")
      .execute();
    assert.doesNotMatch(JSON.stringify(trail), /EE-77|10\.0\.0\.77/);
  });
});
