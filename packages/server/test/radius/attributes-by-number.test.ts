import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { nameAttribute } from "../../src/radius/protocol/dictionary/attribute-resolving.ts";
import { revealSalted } from "../../src/radius/protocol/packet/hidden-value.ts";
import { sharedSecretOf } from "../../src/radius/protocol/packet/shared-secret.ts";
import { eventually } from "../support/eventually.ts";
import { makeAccount, makeClient, storeUnjudged } from "../support/network.ts";
import { openRadiusClient, type RadiusClient } from "../support/radius-client.ts";
import { addToken, makeTenant, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

const item = (attribute: string, value: string, op = ":=") => ({ attribute, op, value });

describe("an attribute by its numbers", () => {
  for (const [given, named] of [
    [item("Attr-69", "topsecret1"), item("Tunnel-Password", "topsecret1")],
    [item("attr-69:2", "topsecret1"), item("Tunnel-Password:2", "topsecret1")],
    [item("Attr-26.311.16", "0x00ff"), item("MS-MPPE-Send-Key", "0x00ff")],
    [item("Attr-27", "60"), item("Session-Timeout", "60")],
    [item("Attr-27", "0x0000003c"), item("Session-Timeout", "60")],
    [item("Attr-64", "0x0100000d"), item("Tunnel-Type:1", "VLAN")],
    [item("Attr-81", "0x013330"), item("Tunnel-Private-Group-Id:1", "30")],
    [item("Attr-30", "0x3c", "=~"), item("Called-Station-Id", "0x3c", "=~")],
    [item("Attr-18", "0xff"), item("Attr-18", "0xff")],
    [item("Attr-26.41112.1", "0x00ff"), item("Attr-26.41112.1", "0x00ff")],
    [item("session-timeout", "60"), item("session-timeout", "60")],
  ] as const) {
    it(`${given.attribute} ${given.op} ${given.value} is ${named.attribute}`, () => assert.deepEqual(nameAttribute(given), named));
  }
});

const byNumber = [
  item("Attr-69:2", "topsecret1"),
  item("Attr-26.311.16", "0x746f70736563726574"),
  item("Attr-27", "60"),
  item("Attr-26.41112.1", "ab"),
];
const byName = [
  item("Tunnel-Password:2", "topsecret1"),
  item("MS-MPPE-Send-Key", "0x746f70736563726574"),
  item("Session-Timeout", "60"),
  item("Attr-26.41112.1", "ab"),
];

onEachDatabase("attributes by their numbers", (open) => {
  let world: World;
  let cafe: Tenant;
  let client: RadiusClient;
  let clientId: number;
  before(async () => {
    const environment = { GATEHOUSE_RADIUS_HOST: "127.0.0.1", GATEHOUSE_RADIUS_AUTH_PORT: "0", GATEHOUSE_RADIUS_ACCT_PORT: "0" };
    world = await open({ environment });
    world.app.start();
    cafe = await makeTenant(world, "cafe", { own_usernames: true });
    clientId = (await makeClient(world, cafe.id, { address: "127.0.0.1", secret: "s3cret" })).id;
    await eventually("RADIUS listens", () => world.app.radius.addresses().length === 2);
    client = await openRadiusClient(world.app.radius.addresses().find(({ name }) => name === "authentication")!.port);
    const saved = await world.post("/aaa_profile/", { short_name: "saved", reply: byNumber }, { token: cafe.token });
    assert.equal(saved.status, 201, JSON.stringify(saved.body));
    await world.post("/aaa_profile/", { short_name: "early", organization: cafe.id });
    await storeUnjudged(world, "early", { reply: byNumber });
    for (const name of ["saved", "early"]) await makeAccount(world, { username: name, organization: cafe.id, profile: [name] });
  });
  after(async () => {
    await world.close();
    await client.close();
  });

  const profile = async (name: string) => (await world.get(`/aaa_profile/?short_name=${name}`, { token: cafe.token })).body.results[0];

  for (const name of ["saved", "early"]) {
    it(`are shown by their names, written back and masked: a profile ${name}`, async () => {
      const shown = await profile(name);
      assert.deepEqual(shown.reply, byName);
      const back = await world.put(`/aaa_profile/${shown.id}/`, { ...shown, reply: byNumber }, { token: cafe.token });
      assert.deepEqual([back.status, back.body.last_change], [200, shown.last_change], "the same in other words changes nothing");
      const reading = await addToken(world, cafe.id, ["aaa_profile:read"]);
      assert.doesNotMatch(JSON.stringify((await world.get(`/aaa_profile/${shown.id}/`, { token: reading })).body), /topsecret|746f70/);
    });

    it(`go out over RADIUS as by name, hidden under a salt: a profile ${name}`, async () => {
      const authenticator = randomBytes(16);
      const attributes = [[1, name]] as const;
      const answer = await client.ask({ code: 1, secret: "s3cret", password: "secret", authenticator, attributes });
      assert.equal(answer.code, 2);
      assert.equal(answer.bytes.includes("topsecret"), false);
      const values = (number: number) => answer.attributes.filter((one) => one.number === number).map(({ value }) => value);
      const reveal = (hidden: Buffer) => revealSalted(hidden, authenticator, sharedSecretOf(Buffer.from("s3cret")))?.toString();
      const [password] = values(69);
      assert.deepEqual([password![0], reveal(password!.subarray(1))], [2, "topsecret1"]);
      const key = values(26).find((value) => value.readUInt32BE(0) === 311)!;
      assert.equal(reveal(key.subarray(6)), "topsecret");
      assert.deepEqual(values(27), [Buffer.from([0, 0, 0, 60])]);
    });

    it(`are given to FreeRADIUS by name, which hides them: a profile ${name}`, async () => {
      const list = Object.fromEntries(
        Object.entries({ "User-Name": name, "User-Password": "secret", "Packet-Src-IP-Address": "127.0.0.1" }).map(([key, value]) => [
          key,
          { type: "string", value: [value] },
        ]),
      );
      const { body } = await world.post("/radius/authorize/", list, { token: cafe.token });
      assert.deepEqual(body["reply:Tunnel-Password:2"]?.value, ["topsecret1"], JSON.stringify(body));
      assert.deepEqual(body["reply:MS-MPPE-Send-Key"].value, ["0x746f70736563726574"]);
      assert.deepEqual(body["reply:Session-Timeout"].value, ["60"]);
      assert.deepEqual(body["reply:Attr-26.41112.1"].value, ["0x6162"], "FreeRADIUS takes octets alone for what it does not know");
    });

    it(`stand masked in simulations and decisions: a profile ${name}`, async () => {
      const imagined = await world.post("/access_decision/simulate/", { username: name, client: clientId }, { token: cafe.token });
      await world.app.flush();
      const decisions = await world.get("/access_decision/", { token: cafe.token });
      assert.deepEqual([imagined.status, imagined.body.session_timeout, decisions.body.count > 0], [200, 60, true]);
      for (const { body } of [imagined, decisions]) assert.doesNotMatch(JSON.stringify(body), /topsecret|746f70/);
    });
  }

  it("are judged as their names are", async () => {
    const reply = [item("Attr-27", "1h"), item("Attr-2", "x"), item("Attr-26.311.16:1", "x"), item("Attr-64", "VLAM")];
    const { status, body } = await world.post("/aaa_profile/", { short_name: "wrong", reply }, { token: cafe.token });
    const fields = ["reply.0.value", "reply.1.attribute", "reply.2.attribute", "reply.3.value"];
    assert.deepEqual([status, Object.keys(body.errors).sort()], [400, fields]);
  });

  it("are compared as their names are, in profiles and in requests", async () => {
    const check = [item("Attr-61", "19", "=="), item("Attr-30", ":guests$", "=~")];
    const made = await world.post("/aaa_profile/", { short_name: "checking", check }, { token: cafe.token });
    assert.deepEqual(
      made.body.check.map(({ attribute }: { attribute: string }) => attribute),
      ["NAS-Port-Type", "Called-Station-Id"],
    );
    await makeAccount(world, { username: "checked", organization: cafe.id, profile: ["checking"] });
    for (const [attributes, outcome] of [
      [{ "NAS-Port-Type": "Wireless-802.11", "Called-Station-Id": "ap:guests" }, "accept"],
      [{ "Attr-61": "19", "Attr-30": "ap:guests" }, "accept"],
      [{ "Attr-61": "0x00000013", "Attr-30": "ap:guests" }, "accept"],
      [{ "Attr-61": "0x13", "Attr-30": "ap:guests" }, "reject"],
      [{ "Attr-61": "5", "Attr-30": "ap:guests" }, "reject"],
    ] as const) {
      const body = { username: "checked", client: clientId, attributes };
      const answer = await world.post("/access_decision/simulate/", body, { token: cafe.token });
      assert.deepEqual([answer.status, answer.body.outcome], [200, outcome], JSON.stringify(attributes));
    }
  });
});
