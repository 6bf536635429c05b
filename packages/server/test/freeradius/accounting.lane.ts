import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { eventually } from "../support/eventually.ts";
import { databaseNames } from "../support/world.ts";
import { clientSecret, type FreeradiusWorld, openFreeradiusWorld, serveClient } from "./freeradius-world.ts";

const device = "AA-BB-CC-DD-EE-01";

for (const database of databaseNames) {
  describe(`accounting through FreeRADIUS (${database})`, () => {
    let world: FreeradiusWorld;
    let cafe: number;
    let apId: number;
    before(async () => {
      world = await openFreeradiusWorld(database);
      cafe = (await world.make("/organization/", { slug: "cafe", name: "Café", own_usernames: true })).id;
      const hotel = (await world.make("/organization/", { slug: "hotel", name: "Hotel", own_usernames: true })).id;
      apId = await serveClient(world, { short_name: "ap-1", organization: cafe }, "127.0.0.1");
      await serveClient(world, { short_name: "ap-2", organization: hotel }, "127.0.0.2");
    });
    after(() => world?.close());

    const user = async (username: string): Promise<number> =>
      (await world.make("/user_token/", { username, password: "welcome-1", user_time: 600, organization: cafe })).id;
    const balanceOf = async (id: number): Promise<number> => (await world.api("GET", `/user_token/${id}/?balance=true`)).body.user_time;
    const sessionsOf = async (id: number) => (await world.api("GET", `/aaa_accounting/?user=${id}&limit=100`)).body.results;
    const login = (name: string, password = "welcome-1") =>
      world.authenticate({ "User-Name": name, "User-Password": password, "Calling-Station-Id": device });
    const tell = (name: string, id: string, status: string, more: Record<string, string | number> = {}) =>
      world.account({ "User-Name": name, "Calling-Station-Id": device, "Acct-Session-Id": id, "Acct-Status-Type": status, ...more });
    const report = async (...said: Parameters<typeof tell>): Promise<void> => {
      const answer = await tell(...said);
      assert.equal(answer.code, 5, answer.output);
    };

    it("debits the balance as it is reported, and the next login gets what is left", async () => {
      const id = await user("gäst");
      const admitted = await login("gäst");
      assert.equal(admitted.code, 2, admitted.output);
      const [, ticket] = admitted.attributes.find(([name]) => name === "Class")!;
      // Equipment gives Class back; the name may be another one then.
      const more = { Class: ticket, "User-Name": "anonymous" };
      await report("gäst", "s-1", "Start", more);
      assert.equal(await balanceOf(id), 600);
      await report("gäst", "s-1", "Interim-Update", {
        ...more,
        "Acct-Session-Time": 60,
        "Acct-Input-Octets": 7,
        "Acct-Input-Gigawords": 3,
      });
      assert.equal(await balanceOf(id), 540);
      await report("gäst", "s-1", "Stop", { ...more, "Acct-Session-Time": 100, "Acct-Terminate-Cause": "User-Request" });
      assert.equal(await balanceOf(id), 500);
      const [session, ...others] = await sessionsOf(id);
      assert.deepEqual(others, []);
      assert.partialDeepStrictEqual(session, {
        session_id: "s-1",
        session_status: "completed",
        session_duration: 100,
        bytes_sent: 3 * 2 ** 32 + 7,
        acctterminatecause: "User-Request",
      });
      const again = await login("gäst");
      assert.deepEqual(
        again.attributes.find(([name]) => name === "Session-Timeout"),
        ["Session-Timeout", "500"],
      );
    });

    it("debits nothing twice: duplicates, disorder, and what comes after the end", async () => {
      const id = await user("twice");
      const interim = (seconds: number) => report("twice", "s-2", "Interim-Update", { "Acct-Session-Time": seconds });
      await interim(60);
      await interim(60);
      await interim(30);
      assert.equal(await balanceOf(id), 540);
      for (const _ of [1, 2]) await report("twice", "s-2", "Stop", { "Acct-Session-Time": 90 });
      await interim(90);
      await report("twice", "s-2", "Start", { "Acct-Delay-Time": 200 });
      assert.equal(await balanceOf(id), 510);
      assert.deepEqual(
        (await sessionsOf(id)).map((one: { session_status: string }) => one.session_status),
        ["completed"],
      );
    });

    it("counts for the client that sent the packet, whatever the packet says", async () => {
      const id = await user("victim");
      const forged = { "NAS-IP-Address": "127.0.0.1", "NAS-Identifier": "ap-1", "Acct-Session-Time": 300 };
      await report("victim", "s-3", "Stop", { ...forged, "Packet-Src-IP-Address": "127.0.0.2" });
      assert.equal(await balanceOf(id), 600);
      assert.deepEqual(await sessionsOf(id), []);
      await report("victim", "s-3", "Stop", { "NAS-IP-Address": "127.0.0.2", "Acct-Session-Time": 30 });
      assert.equal(await balanceOf(id), 570);
      const { body } = await world.api("GET", `/aaa_accounting/?user=${id}&client=${apId}`);
      assert.equal(body.count, 1);
    });

    it("is acknowledged to nobody but clients", async () => {
      const id = await user("stranger");
      const answer = await tell("stranger", "s-4", "Stop", { "Acct-Session-Time": 300, "Packet-Src-IP-Address": "127.0.0.8" });
      assert.equal(answer.code, undefined, answer.output);
      assert.equal(await balanceOf(id), 600);
    });

    it("answers nothing while Gatehouse is down, neither yes nor no, and all of it afterwards", async () => {
      const id = await user("patient");
      await world.endGatehouse();
      const [admitted, refused, stop] = await Promise.all([
        login("patient"),
        login("patient", "wrong"),
        tell("patient", "s-5", "Stop", { "Acct-Session-Time": 100 }),
      ]);
      for (const answer of [admitted, refused, stop]) assert.equal(answer.code, undefined, answer.output);
      await world.startGatehouse();
      assert.equal((await login("patient")).code, 2);
      assert.equal(await balanceOf(id), 600);
      await report("patient", "s-5", "Stop", { "Acct-Session-Time": 100 });
      assert.equal(await balanceOf(id), 500);
    });

    it("answers nobody when its token is no longer good, and rejects nobody for it", async () => {
      const { body } = await world.api("GET", "/api_token/?limit=100");
      const { id } = body.results.find((one: { name: string }) => one.name === "FreeRADIUS");
      assert.equal((await world.api("DELETE", `/api_token/${id}/`)).status, 204);
      const answers = [await login("patient"), await tell("patient", "s-6", "Start")];
      for (const answer of answers) assert.equal(answer.code, undefined, answer.output);
    });
  });

  describe(`accounting through a tenant's own FreeRADIUS (${database})`, () => {
    let world: FreeradiusWorld;
    let tenant: number;
    before(async () => {
      world = await openFreeradiusWorld(database, async (api) => {
        tenant = (await api("POST", "/organization/", { slug: "tenant", name: "Tenant", own_usernames: true })).body.id;
        const scopes = ["radius:read", "radius:write", "radius:credentials"];
        return (await api("POST", "/api_token/", { name: "their FreeRADIUS", organization: tenant, scopes })).body.token;
      });
    });
    after(() => world?.close());

    it("is stored while the tenant is suspended, also where FreeRADIUS has to ask whose packets these are", async () => {
      await world.make("/aaa_client/", { short_name: "ap", address: "127.0.0.1", secret: clientSecret, organization: tenant });
      const fields = { username: "metered", password: "welcome-1", user_time: 600, organization: tenant };
      const { id } = await world.make("/user_token/", fields);
      assert.equal((await world.api("PATCH", `/organization/${tenant}/`, { is_active: false })).status, 200);
      const stop = { "User-Name": "metered", "Acct-Session-Id": "s-7", "Acct-Status-Type": "Stop", "Acct-Session-Time": 100 };
      await eventually("the report is acknowledged", async () => (await world.account(stop)).code === 5);
      assert.equal((await world.api("GET", `/user_token/${id}/?balance=true`)).body.user_time, 500);
      const login = await world.authenticate({ "User-Name": "metered", "User-Password": "welcome-1" });
      assert.notEqual(login.code, 2, login.output);
    });
  });
}
