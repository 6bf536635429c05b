import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { eventually } from "../support/eventually.ts";
import { databaseNames } from "../support/world.ts";
import { type EapLogin, runEapol } from "./eapol.ts";
import { clientSecret, type FreeradiusWorld, openFreeradiusWorld, serveClient } from "./freeradius-world.ts";
import { type Avp, loginByTtls } from "./ttls-device.ts";

const station = "aa:bb:cc:00:00:01";
/** RFC 2865 §5. */
const userName = 1;
const filterId = 11;
const classAttribute = 25;
const sessionTimeout = 27;
const acctInterimInterval = 85;
/** EAP-Message, Message-Authenticator, and the keys, which are vendor's. */
const ofEap: ReadonlySet<number> = new Set([26, 79, 80]);

const ways = [
  { method: "PEAP", inner: "MSCHAPV2" },
  { method: "TTLS", inner: "PAP" },
  { method: "TTLS", inner: "CHAP" },
  { method: "TTLS", inner: "MSCHAPV2" },
  { method: "TTLS", inner: "EAP-MSCHAPV2" },
] as const;

for (const database of databaseNames) {
  describe(`EAP through FreeRADIUS (${database})`, () => {
    let world: FreeradiusWorld;
    before(async () => {
      world = await openFreeradiusWorld(database);
      const make = (path: string, body: object) => world.make(path, body);
      const cafe = await make("/organization/", { slug: "cafe", name: "Café", own_usernames: true, reversible_secrets: true });
      await serveClient(world, { short_name: "ap-1", organization: cafe.id }, "127.0.0.1");
      const reply = [{ attribute: "Filter-Id", op: ":=", value: "staff" }];
      await make("/aaa_profile/", { short_name: "staff", organization: cafe.id, reply });
      const account = { organization: cafe.id, password: "pässwörd \\ 1", user_time: 600, profile: ["staff"] };
      for (const [index] of ways.entries()) await make("/user_token/", { ...account, username: `jörg${index}` });
      const guests = await make("/organization/", { slug: "guests", name: "Guests", parent: cafe.id });
      await make("/user_token/", { ...account, username: "hashed", organization: guests.id });
      await make("/user_token/", { organization: cafe.id, username: "aa:bb:cc:00:00:02", password: null });
    });
    after(() => world?.close());

    const login = (way: EapLogin) => runEapol({ port: world.authPort, secret: clientSecret, station }, way);
    const decisionsAbout = async (
      name: string,
    ): Promise<{ outcome: string; reason: string | null; calling_station_id: string | null }[]> => {
      const { body } = await world.api("GET", "/access_decision/?limit=100");
      return body.results.filter((one: { username: string }) => one.username === name);
    };

    for (const [index, way] of ways.entries()) {
      const name = `${way.method} with ${way.inner}`;
      const identity = `jörg${index}`;
      it(`${name} lets in with the profile's attributes, the user's name and one decision`, async () => {
        const report = await login({ ...way, identity, password: "pässwörd \\ 1" });
        assert.equal(report.outcome, "accept", report.output);
        assert.equal(report.hasKeys, true, report.output);
        const plain = report.attributes.filter(([number]) => !ofEap.has(number));
        assert.deepEqual(
          plain.map(([number]) => number).sort((a, b) => a - b),
          [userName, filterId, classAttribute, sessionTimeout, acctInterimInterval],
          report.output,
        );
        assert.equal(new Map(plain).get(sessionTimeout), "600", report.output);
        assert.equal(new Map(plain).get(userName), `'j\\xc3\\xb6rg${index}'`, report.output);
        await eventually("one decision is kept", async () => (await decisionsAbout(identity)).length === 1);
        await eventually("the login is noted", async () => {
          const { body } = await world.api("GET", `/user/?username=${encodeURIComponent(identity)}`);
          return body.results[0].last_login !== null;
        });
      });
      it(`${name} refuses a wrong password, and Gatehouse hears so`, async () => {
        const report = await login({ ...way, identity, password: "another one" });
        assert.equal(report.outcome, "reject", report.output);
        assert.deepEqual(
          report.attributes.filter(([number]) => !ofEap.has(number)),
          [],
          report.output,
        );
        await eventually("the refusal is kept", async () =>
          (await decisionsAbout(identity)).some(({ reason }) => reason === "wrong_credential"),
        );
      });
    }

    it("TTLS with PAP needs no reversible secret, and PEAP does", async () => {
      const account = { identity: "hashed", password: "pässwörd \\ 1" };
      const ttls = await login({ method: "TTLS", inner: "PAP", ...account });
      assert.equal(ttls.outcome, "accept", ttls.output);
      const peap = await login({ method: "PEAP", inner: "MSCHAPV2", ...account });
      assert.equal(peap.outcome, "reject", peap.output);
      await eventually("the trace says why", async () =>
        (await decisionsAbout("hashed")).some(({ reason }) => reason === "no_reversible_secret"),
      );
    });

    it("a device is the one that the equipment names, whatever is said inside of the tunnel", async () => {
      const victim = "aa:bb:cc:00:00:02";
      const inside: Avp[] = [
        [1, victim],
        [2, victim],
      ];
      const from = (calling: string, more: Avp[] = []) =>
        loginByTtls({
          port: world.authPort,
          secret: clientSecret,
          outside: [
            [1, "anonymous"],
            [31, calling],
          ],
          inside: [...inside, ...more],
        });
      assert.equal(await from(victim), 2, "the device itself");
      assert.equal(await from(station), 3, "another device under its name");
      // Calling-Station-Id, Service-Type (Call-Check), and FreeRADIUS' own number for the address that a packet comes from.
      const callCheck = Buffer.from([0, 0, 0, 10]);
      assert.equal(await from(station, [[31, victim]]), 3, "another device that says to call from there");
      assert.equal(await from(station, [[6, callCheck]]), 3, "another device that says to be checked already");
      assert.equal(await from(victim, [[1084, Buffer.from([127, 0, 0, 99])]]), 2, "the device, at a client that is none");
      await eventually("the decisions name the device that called", async () => {
        const seen = (await decisionsAbout(victim)).map((one) => [one.outcome, one.calling_station_id]);
        return seen.length === 5 && seen.every(([outcome, calling]) => calling === (outcome === "accept" ? victim : station));
      });
    });

    it("is silent while Gatehouse is down, and there again with it", async () => {
      await world.endGatehouse();
      const account = { identity: "hashed", password: "pässwörd \\ 1" };
      const down = await login({ method: "TTLS", inner: "PAP", ...account });
      assert.equal(down.outcome, "silence", down.output);
      await world.startGatehouse();
      const up = await login({ method: "TTLS", inner: "PAP", ...account });
      assert.equal(up.outcome, "accept", up.output);
    });
  });
}
