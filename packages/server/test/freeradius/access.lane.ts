import assert from "node:assert/strict";
import { hash, randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { eventually } from "../support/eventually.ts";
import { databaseNames } from "../support/world.ts";
import { type FreeradiusWorld, openFreeradiusWorld, serveClient } from "./freeradius-world.ts";
import { type RadclientReport, radclientSignsItself } from "./radclient.ts";

const unsigned = radclientSignsItself() && "this radclient signs every request by itself";
const device = "AA-BB-CC-DD-EE-01";
const signed = "Message-Authenticator";

/** What the answer says under a name. */
const said = (report: RadclientReport, name: string): string[] => report.attributes.filter(([own]) => own === name).map(([, text]) => text);

/** RFC 1994 §4.1. radclient can do that, too, but escapes the password before. */
const chapOf = (password: string): Record<string, string> => {
  const challenge = randomBytes(16);
  const response = hash("md5", Buffer.concat([Buffer.from([7]), Buffer.from(password), challenge]));
  return { "CHAP-Challenge": `0x${challenge.toString("hex")}`, "CHAP-Password": `0x07${response}` };
};

const assertRejected = (report: RadclientReport, message: string): void => {
  assert.equal(report.code, 3, report.output);
  assert.equal(report.attributes[0]?.[0], signed, report.output);
  const names = report.attributes.map(([name]) => name);
  assert.deepEqual(
    names.filter((name) => name !== signed),
    ["Reply-Message"],
    report.output,
  );
  assert.deepEqual(said(report, "Reply-Message"), [message]);
};

for (const database of databaseNames) {
  describe(`FreeRADIUS asks Gatehouse (${database})`, () => {
    let world: FreeradiusWorld;
    let organization: number;
    let other: number;
    before(async () => {
      world = await openFreeradiusWorld(database);
      organization = (await world.make("/organization/", { slug: "cafe", name: "Café", own_usernames: true, reversible_secrets: true })).id;
      other = (await world.make("/organization/", { slug: "hotel", name: "Hotel", own_usernames: true })).id;
      await serveClient(world, { short_name: "ap-1", organization }, "127.0.0.1");
      await serveClient(world, { short_name: "ap-2", organization: other }, "127.0.0.2");
      const reply = [
        { attribute: "Tunnel-Type:1", op: ":=", value: "VLAN" },
        { attribute: "Tunnel-Private-Group-Id:1", op: ":=", value: "42" },
        { attribute: "Filter-Id", op: ":=", value: "gäste %{User-Password}" },
        { attribute: "Mikrotik-Rate-Limit", op: ":=", value: "2M/10M" },
        { attribute: "Reply-Message", op: "+=", value: "Willkommen \\n\\" },
        { attribute: "Reply-Message", op: "+=", value: '`id` "quoted"' },
      ];
      await world.make("/aaa_profile/", { short_name: "guests", organization, reply });
      await user({ username: "guest1", password: "welcome-1", user_time: 600, profile: ["guests"] });
    });
    after(() => world?.close());

    const user = async (fields: object): Promise<number> => (await world.make("/user_token/", { organization, ...fields })).id;
    const login = (name: string, more: Record<string, string>) =>
      world.authenticate({ "User-Name": name, "Calling-Station-Id": device, ...more });

    it("lets a password in, with the profile's attributes as they are and the time that is left", async () => {
      const report = await login("guest1", { "User-Password": "welcome-1" });
      assert.equal(report.code, 2, report.output);
      const plain = report.attributes.filter(([name]) => name !== "Class" && name !== signed);
      assert.deepEqual(plain.sort(), [
        ["Acct-Interim-Interval", "150"],
        ["Filter-Id", "gäste %{User-Password}"],
        ["Mikrotik-Rate-Limit", "2M/10M"],
        ["Reply-Message", "Willkommen \\n\\"],
        ["Reply-Message", '`id` "quoted"'],
        ["Session-Timeout", "600"],
        ["Tunnel-Private-Group-Id:1", "42"],
        ["Tunnel-Type:1", "VLAN"],
      ]);
      assert.equal(said(report, "Class").length, 1);
      assert.deepEqual(report.attributes.map(([name]) => name).lastIndexOf(signed), 0, "the answer begins with its one signature");
    });

    it("sends no Session-Timeout where nothing limits", async () => {
      await user({ username: "regular", password: "welcome-1" });
      const report = await login("regular", { "User-Password": "welcome-1" });
      assert.equal(report.code, 2, report.output);
      assert.deepEqual(said(report, "Session-Timeout"), []);
    });

    it("refuses with a message and nothing else", async () => {
      await user({ username: "late", password: "welcome-1", user_time: 0, profile: ["guests"] });
      const wrong = "Wrong username or password.";
      assertRejected(await login("guest1", { "User-Password": "%{wrong}" }), wrong);
      assertRejected(await login("nobody %{User-Password}", { "User-Password": "welcome-1" }), wrong);
      assertRejected(await login("late", { "User-Password": "welcome-1" }), "Your time is used up.");
      assertRejected(await login("guest1", {}), wrong);
    });

    /** How often guest1 was wrong about the password: once above. */
    let refused = 1;
    for (const [attribute, method] of [
      ["CHAP-Password", "CHAP"],
      ["MS-CHAP-Password", "MS-CHAP"],
    ] as const) {
      it(`checks ${method} with the reversible secret, and Gatehouse hears what came of it`, async () => {
        const refusals = async () => {
          const { body } = await world.api("GET", "/access_decision/?outcome=reject&limit=100");
          return body.results.filter(
            (one: { username: string; reason: string }) => one.username === "guest1" && one.reason === "wrong_credential",
          );
        };
        await eventually("all refusals so far are kept", async () => (await refusals()).length === refused);
        const right = await login("guest1", { [attribute]: "welcome-1" });
        assert.equal(right.code, 2, right.output);
        assert.deepEqual(said(right, "Session-Timeout"), ["600"]);
        const wrong = await login("guest1", { [attribute]: "welcome-2" });
        assert.equal(wrong.code, 3, wrong.output);
        const leaked = wrong.attributes.map(([name]) => name).filter((name) => ![signed, "Reply-Message", "MS-CHAP-Error"].includes(name));
        assert.deepEqual(leaked, [], "what an Accept would have carried");
        refused += 1;
        await eventually("the refusal is kept", async () => (await refusals()).length === refused);
      });
    }

    it("slows down who guesses by MS-CHAP, though FreeRADIUS alone knows that the password is wrong", async () => {
      await user({ username: "guessed", password: "welcome-1" });
      const guess = (count: number) =>
        Promise.all(Array.from({ length: count }, (_, index) => login("guessed", { "MS-CHAP-Password": `wrong ${index}` })));
      const decisions = async () => {
        const { body } = await world.api("GET", "/access_decision/?outcome=reject&limit=100");
        return body.results.filter((one: { username: string }) => one.username === "guessed") as { id: number }[];
      };
      await guess(10);
      await eventually("all ten are kept", async () => (await decisions()).length === 10);
      await guess(8);
      await eventually("some were not looked at in time", async () => {
        const kept = await Promise.all((await decisions()).map(({ id }) => world.api("GET", `/access_decision/${id}/`)));
        return kept.some(({ body }) => JSON.stringify(body.trace).includes("too many wrong ones come from there"));
      });
    });

    it("refuses CHAP to who has no reversible secret", async () => {
      await world.make("/user_token/", { username: "hashed", password: "welcome-1", organization: other });
      const report = await world.authenticate({
        "Packet-Src-IP-Address": "127.0.0.2",
        "User-Name": "hashed",
        "CHAP-Password": "welcome-1",
      });
      assertRejected(report, "Wrong username or password.");
    });

    it("lets an address in by any spelling, and nobody else under its name", async () => {
      await user({ username: "aa:bb:cc:00:11:22", password: null });
      for (const name of ["aabbcc001122", "AA-BB-CC-00-11-22", "aabb.cc00.1122", "AABBCC-001122"]) {
        const report = await login(name, {
          "User-Password": name,
          "Calling-Station-Id": "AA-BB-CC-00-11-22",
          "Service-Type": "Call-Check",
        });
        assert.equal(report.code, 2, report.output);
      }
      assertRejected(await login("aabbcc001122", { "User-Password": "aabbcc001122" }), "Wrong username or password.");
    });

    it("takes names and passwords beyond ASCII, and what others take for escapes", async () => {
      const password = 'pässwörd € 👍 "quoted" \\n \\';
      await user({ username: "jörg", password });
      for (const proof of [{ "User-Password": password }, chapOf(password)]) {
        const report = await login("jörg", proof);
        assert.equal(report.code, 2, report.output);
      }
      assertRejected(await login("jörg", { "User-Password": "passwörd" }), "Wrong username or password.");
    });

    it("admits one of two devices that ask at the same moment", async () => {
      const check = [{ attribute: "Simultaneous-Use", op: ":=", value: "1" }];
      await world.make("/aaa_profile/", { short_name: "single", organization, check });
      for (const name of ["one1", "one2", "one3"]) {
        await user({ username: name, password: "welcome-1", profile: ["single"] });
        const devices = ["AA-BB-CC-DD-EE-02", "AA-BB-CC-DD-EE-03"];
        const reports = await Promise.all(
          devices.map((station) => login(name, { "User-Password": "welcome-1", "Calling-Station-Id": station })),
        );
        assert.deepEqual(reports.map(({ code }) => code).sort(), [2, 3], reports.map(({ output }) => output).join("\n"));
      }
    });

    it("gives back the reservation of a nameless device whose credential was wrong", async () => {
      await world.make("/aaa_profile/", {
        short_name: "only",
        organization,
        check: [{ attribute: "Simultaneous-Use", op: ":=", value: "1" }],
      });
      for (const [name, attribute] of [
        ["unnamed1", "CHAP-Password"],
        ["unnamed2", "MS-CHAP-Password"],
      ] as const) {
        await user({ username: name, password: "welcome-1", profile: ["only"] });
        for (const [password, code] of [
          ["welcome-2", 3],
          ["welcome-1", 2],
          ["welcome-1", 3],
        ] as const) {
          // A Class that equipment sends of itself names no decision.
          const report = await world.authenticate({ "User-Name": name, [attribute]: password, Class: "0x00" });
          assert.equal(report.code, code, report.output);
        }
      }
    });

    it("serves a client by its address, whatever its packets say", async () => {
      await world.make("/user_token/", { username: "hotelguest", password: "welcome-1", organization: other });
      const forged = { "NAS-IP-Address": "127.0.0.2", "NAS-Identifier": "ap-2", "User-Password": "welcome-1" };
      assertRejected(await login("hotelguest", forged), "Wrong username or password.");
      const honest = await login("hotelguest", { ...forged, "Packet-Src-IP-Address": "127.0.0.2" });
      assert.equal(honest.code, 2, honest.output);
    });

    it("keeps silent to strangers, and serves who is made a client without a restart", async () => {
      const ask = () => login("guest1", { "User-Password": "welcome-1", "Packet-Src-IP-Address": "127.0.0.9" });
      const report = await ask();
      assert.equal(report.code, undefined, report.output);
      await serveClient(world, { short_name: "ap-9", organization }, "127.0.0.9");
      assert.equal((await ask()).code, 2);
    });

    it("keeps silent to a wrong secret", async () => {
      const report = await world.authenticate({ "User-Name": "guest1", "User-Password": "welcome-1" }, { secret: "another secret" });
      assert.equal(report.code, undefined, report.output);
    });

    it("asks who must sign for a signature, and never answers Proxy-State without one", { skip: unsigned }, async () => {
      await serveClient(world, { short_name: "ap-10", organization, require_message_authenticator: false }, "127.0.0.10");
      const ask = (source: string, more: Record<string, string> = {}) =>
        world.authenticate(
          { "Packet-Src-IP-Address": source, "User-Name": "guest1", "User-Password": "welcome-1", ...more },
          { isSigned: false },
        );
      const [strict, lenient, forgeable] = [
        await ask("127.0.0.1"),
        await ask("127.0.0.10"),
        await ask("127.0.0.10", { "Proxy-State": "0x00" }),
      ];
      assert.equal(strict.code, undefined, strict.output);
      assert.equal(lenient.code, 2, lenient.output);
      assert.equal(said(lenient, signed).length, 1, lenient.output);
      assert.equal(forgeable.code, undefined, forgeable.output);
    });
  });
}
