import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { balanceOf, makeAccount, makeClient, sessionsIn } from "../../support/network.ts";
import { assertProblem } from "../../support/operations.ts";
import { makeTenant, type Tenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

/** What rlm_rest of FreeRADIUS 3.2 makes of a text: each byte of UTF-8 is a character of its own. */
const escaped = (text: string): string => Buffer.from(text).toString("latin1");

onEachDatabase("the door for FreeRADIUS", (open) => {
  let world: World;
  let cafe: Tenant;
  let client: AaaClient;
  let nowMs = 1_800_000_000_000;
  before(async () => {
    world = await open({ clock: { nowMs: () => nowMs } });
    cafe = await makeTenant(world, "cafe", { own_usernames: true, reversible_secrets: true });
    client = await makeClient(world, cafe.id);
    await makeAccount(world, { username: "jörg", organization: cafe.id, password: "pässwörd", user_time: 600 });
  });
  after(() => world.close());

  const list = (values: Record<string, string | number | (string | number)[]>, address = client.address) =>
    Object.fromEntries(
      Object.entries({ "Packet-Src-IP-Address": address, ...values }).map(([name, value]) => [
        name,
        { type: "string", value: [value].flat() },
      ]),
    );
  const send = (section: string, values: Parameters<typeof list>[0], options: { token?: string; address?: string } = {}) =>
    world.post(`/radius/${section}/`, list(values, options.address), { token: options.token ?? cafe.token });
  const authorize = async (values: Parameters<typeof list>[0]) => {
    const answer = await send("authorize", { "User-Name": escaped("jörg"), ...values });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  };
  const device = "AA-BB-CC-DD-EE-01";

  it("accepts by Auth-Type, with reply attributes that nothing expands", async () => {
    const answer = await authorize({ "User-Password": escaped("pässwörd"), "Calling-Station-Id": device });
    assert.deepEqual(answer["control:Auth-Type"], { op: ":=", value: ["Accept"], do_xlat: false });
    assert.deepEqual(answer["reply:Session-Timeout"], { op: ":=", value: ["600"], do_xlat: false });
    assert.match(answer["reply:Class"].value[0], /^0x6768312e/);
    for (const attribute of Object.values(answer) as { do_xlat: boolean }[]) assert.equal(attribute.do_xlat, false);
    assert.doesNotMatch(JSON.stringify(answer), /p.+ssw/);
  });

  it("adds what a reply has several of", async () => {
    const reply = ["one", "two %{User-Password}"].map((value) => ({ attribute: "Reply-Message", op: "+=", value }));
    await world.post("/aaa_profile/", { short_name: "chatty", organization: cafe.id, reply });
    await makeAccount(world, { username: "chatty", organization: cafe.id, profile: ["chatty"] });
    const { body } = await send("authorize", { "User-Name": "chatty", "User-Password": "secret" });
    assert.deepEqual(body["reply:Reply-Message"], { op: "+=", value: ["one", "two %{User-Password}"], do_xlat: false });
  });

  it("rejects by Auth-Type with a message, and echoes nothing", async () => {
    const answer = await authorize({ "User-Password": "%{wrong}" });
    assert.deepEqual(Object.keys(answer).sort(), ["control:Auth-Type", "reply:Reply-Message"]);
    assert.deepEqual(answer["control:Auth-Type"].value, ["Reject"]);
    assert.doesNotMatch(JSON.stringify(answer), /%|wrong\}/);
  });

  it("compares what FreeRADIUS wrote in its own way: times, names of values, numbers", async () => {
    const ask = async (name: string, attribute: string, op: string, value: string, written: string | number) => {
      const check = [{ attribute, op, value }];
      await world.post("/aaa_profile/", { short_name: name, organization: cafe.id, check });
      await makeAccount(world, { username: name, organization: cafe.id, profile: [name] });
      const { body } = await send("authorize", { "User-Name": name, "User-Password": "secret", [attribute]: written });
      return body["control:Auth-Type"].value[0];
    };
    const [january, may] = ["Jan  5 2026 10:00:00 UTC", "May  5 2026 10:00:00 UTC"];
    assert.equal(await ask("until-1", "Event-Timestamp", "<", "2026-03-01T00:00:00Z", january), "Accept");
    assert.equal(await ask("until-2", "Event-Timestamp", "<", "2026-03-01T00:00:00Z", may), "Reject");
    assert.equal(await ask("from-1", "Event-Timestamp", ">=", "Mar  1 2026 00:00:00 UTC", may), "Accept");
    assert.equal(await ask("from-2", "Event-Timestamp", ">=", "Mar  1 2026 00:00:00 UTC", january), "Reject");
    assert.equal(await ask("cable-1", "NAS-Port-Type", "!=", "Wireless-802.11", 19), "Reject");
    assert.equal(await ask("cable-2", "NAS-Port-Type", "!=", "19", "Wireless-802.11"), "Reject");
    assert.equal(await ask("cable-3", "NAS-Port-Type", "!=", "19", "Ethernet"), "Accept");
  });

  it("gives the reversible secret where FreeRADIUS checks the credential, and takes its word afterwards", async () => {
    const mschap = { "MS-CHAP-Challenge": "0x00", "MS-CHAP2-Response": "0x00", "Calling-Station-Id": device };
    const answer = await authorize(mschap);
    assert.deepEqual(answer["control:Cleartext-Password"], { op: ":=", value: ["pässwörd"], do_xlat: false });
    assert.equal(answer["control:Auth-Type"], undefined);
    const reservations = async () => (await world.app.database.reader.selectFrom("reservation").select("station").execute()).length;
    assert.equal(await reservations(), 1);
    const told = { "User-Name": escaped("jörg"), ...mschap };
    assert.equal((await world.post("/radius/post_auth/?outcome=reject", list(told), { token: cafe.token })).status, 204);
    assert.equal(await reservations(), 0);
    await world.app.flush();
    const { body } = await world.get("/access_decision/?outcome=reject&limit=100", { token: cafe.token });
    assert.partialDeepStrictEqual(body.results.at(-1), { source: "freeradius", username: "jörg", reason: "wrong_credential" });
    const loginOf = async () => (await world.get("/user/?username=jörg", { token: cafe.token })).body.results[0].last_login;
    const before = await loginOf();
    nowMs += 1_000;
    assert.equal((await send("post_auth", told)).status, 204);
    await world.app.flush();
    assert.notEqual(await loginOf(), before);
    for (const name of ["CHAP-Password", "EAP-Message"])
      assert.ok((await authorize({ [name]: "0x00" }))["control:Cleartext-Password"], name);
  });

  it("gives back the reservation of a device that does not say which it is, by the ticket of the answer", async () => {
    const mschap = { "MS-CHAP-Challenge": "0x00", "MS-CHAP2-Response": "0x00" };
    for (const username of ["nameless", "namesake"]) await makeAccount(world, { username, organization: cafe.id, user_time: 600 });
    const ask = async (username: string): Promise<string> =>
      (await send("authorize", { "User-Name": username, ...mschap })).body["reply:Class"].value[0];
    const [first, second, others] = [await ask("nameless"), await ask("nameless"), await ask("namesake")];
    const users = async () => {
      const rows = await world.app.database.reader
        .selectFrom("reservation")
        .innerJoin("user_account", "user_account.id", "reservation.user_id")
        .select("username")
        .where("username", "like", "name%")
        .execute();
      return rows.map(({ username }) => username).sort();
    };
    assert.deepEqual(await users(), ["nameless", "nameless", "namesake"]);
    const reject = async (...classes: string[]) => {
      const told = list({ "User-Name": "nameless", ...mschap, Class: classes });
      assert.equal((await world.post("/radius/post_auth/?outcome=reject", told, { token: cafe.token })).status, 204);
    };
    await reject("0x00", others, `${first.slice(0, -2)}00`);
    assert.deepEqual(
      await users(),
      ["nameless", "nameless", "namesake"],
      "neither another's ticket nor a forged one gives a reservation back",
    );
    await reject("0x6f776e", first);
    assert.deepEqual(await users(), ["nameless", "namesake"]);
    await reject(second);
    assert.deepEqual(await users(), ["namesake"]);
  });

  it("stores accounting before it says so", async () => {
    const said = { "User-Name": escaped("jörg"), "Acct-Session-Id": "fr-1", "Calling-Station-Id": device, "NAS-Port": 7 };
    const events = [
      { "Acct-Status-Type": "Start" },
      { "Acct-Status-Type": "Interim-Update", "Acct-Session-Time": 60, "Acct-Input-Octets": 5, "Acct-Input-Gigawords": 1 },
      { "Acct-Status-Type": "Interim-Update", "Acct-Session-Time": 60, "Acct-Input-Octets": 5, "Acct-Input-Gigawords": 1 },
      {
        "Acct-Status-Type": "Stop",
        "Acct-Session-Time": 100,
        "Event-Timestamp": "Jan  5 2000 10:00:00 UTC",
        "Acct-Terminate-Cause": "User-Request",
      },
    ];
    for (const event of events) {
      const answer = await send("accounting", { ...said, ...event });
      assert.deepEqual([answer.status, answer.body], [204, ""]);
    }
    const [session] = await sessionsIn(world, "", cafe.token);
    assert.partialDeepStrictEqual(session, {
      username: "jörg",
      nasipaddress: client.address,
      nasportid: "7",
      session_duration: 100,
      bytes_sent: 2 ** 32 + 5,
      acctterminatecause: "User-Request",
      burned_seconds: 100,
    });
    assert.equal(await balanceOf(world, session.user), 500);
    assert.equal((await send("accounting", { "Acct-Status-Type": "Accounting-On" })).status, 204);
    const odd = await world.post(
      "/radius/accounting/",
      list({ "Acct-Status-Type": "Start", "Acct-Session-Id": "a\u0000b", "User-Name": "\ud800" }),
      { token: cafe.token },
    );
    assert.equal(odd.status, 204, "what cannot be stored is made storable");
  });

  it("gives the secret of the client that serves an address, and of no other", async () => {
    const { id } = await makeClient(world, cafe.id, {
      address: "2001:db8:7::/64",
      secret: "sécret\\ %{x}",
      require_message_authenticator: false,
    });
    const reading = await world.post("/api_token/", { name: "FreeRADIUS", organization: cafe.id, scopes: ["radius:read", "radius:write"] });
    const read = (address: string, token = reading.body.token) => world.get(`/radius/client/${encodeURIComponent(address)}/`, { token });
    const answer = await read("2001:db8:7::1");
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const set = (value: string) => ({ op: ":=", value: [value], do_xlat: false });
    assert.deepEqual(answer.body, {
      "control:FreeRADIUS-Client-IPv6-Address": set("2001:db8:7::1"),
      "control:FreeRADIUS-Client-Secret": set("sécret\\\\ %{x}"),
      "control:FreeRADIUS-Client-Shortname": set(world.app.services.aaaClients.table.get(id)!.shortName),
      "control:FreeRADIUS-Client-Require-MA": set("no"),
    });
    const { body } = await read(client.address);
    assert.deepEqual(body["control:FreeRADIUS-Client-IP-Address"], set(client.address));
    assert.deepEqual(body["control:FreeRADIUS-Client-Require-MA"], set("yes"));
    const stranger = await makeTenant(world, "stranger", { own_usernames: true });
    assertProblem(await read(client.address, stranger.token), 404);
    for (const nobody of ["203.0.113.77", "2001:db8:8::1", "no address", "192.0.2.0/24"]) assertProblem(await read(nobody), 404);
    const writing = await world.post("/api_token/", {
      name: "no secrets",
      organization: cafe.id,
      scopes: ["radius:write", "aaa_client:read"],
    });
    assertProblem(await read(client.address, writing.body.token), 403);
    await world.patch(`/aaa_client/${id}/`, { is_active: false });
    assertProblem(await read("2001:db8:7::1"), 404);
  });

  it("knows nobody but the clients that the token sees, by the source of their packets", async () => {
    const other = await makeTenant(world, "other", { own_usernames: true });
    const elsewhere = await makeClient(world, other.id);
    const ask = { "User-Name": "x", "User-Password": "x" };
    for (const section of ["authorize", "post_auth", "accounting"]) {
      assertProblem(await send(section, ask, { address: elsewhere.address }), 404);
      assertProblem(await send(section, ask, { address: "203.0.113.77" }), 404);
      assertProblem(await send(section, ask, { address: "" }), 404);
      assertProblem(await send(section, ask, { token: other.token }), 404);
    }
    await world.patch(`/aaa_client/${client.id}/`, { is_active: false });
    assertProblem(await send("authorize", ask), 404);
    await world.patch(`/aaa_client/${client.id}/`, { is_active: true });
  });
});
