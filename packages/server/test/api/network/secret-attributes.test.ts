import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { installationStore } from "../../../src/modules/foundation/installation/index.ts";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { sealStoredSecrets } from "../../../src/startup/seal-stored-secrets.ts";
import { eventually } from "../../support/eventually.ts";
import { ask, makeAccount, makeClient, pap } from "../../support/network.ts";
import { addToken, makeTenant, type Tenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

const mask = "********";
const secrets = {
  "Tunnel-Password:1": "tunnel-planted-1",
  "Mikrotik-Wireless-PSK": "psk-planted-2",
  "Aruba-MPSK-Passphrase": "mpsk-planted-3",
  "MS-MPPE-Send-Key": "mppe-planted-4",
  "Cisco-AVPair": "psk=avpair-planted-5",
  "H3C-Av-Pair": "lcp:interface-config=crypto isakmp key planted-8 address 192.0.2.1",
};
const planted = /planted-\d/;
const reply = [
  { attribute: "Session-Timeout", op: ":=", value: "600" },
  ...Object.entries(secrets).map(([attribute, value]) => ({ attribute, op: ":=", value })),
];

onEachDatabase("passwords and keys in replies", (open) => {
  let world: World;
  let cafe: Tenant;
  let client: AaaClient;
  let path: string;
  let id: number;
  let reading: string;
  before(async () => {
    world = await open();
    cafe = await makeTenant(world, "cafe", { own_usernames: true });
    client = await makeClient(world, cafe.id);
    const made = await world.post("/aaa_profile/", { short_name: "keys", reply }, { token: cafe.token });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    ({ id } = made.body);
    path = `/aaa_profile/${id}/`;
    reading = await addToken(world, cafe.id, ["aaa_profile:read", "access_decision:read", "access_decision:write"]);
    await makeAccount(world, { username: "guest", password: "secret", organization: cafe.id, profile: ["keys"] });
  });
  after(() => world.close());

  const stored = async () => {
    const { reader } = world.app.database;
    const [profile] = await reader.selectFrom("aaa_profile").selectAll().where("id", "=", id).execute();
    const decisions = await reader.selectFrom("access_decision").selectAll().execute();
    const audit = await reader.selectFrom("audit_entry").selectAll().execute();
    return JSON.stringify([profile, decisions, audit]);
  };

  it("are shown to who may write the profile, and masked for who may only read it", async () => {
    const mine = await world.get(path, { token: cafe.token });
    assert.deepEqual(mine.body.reply, reply);
    for (const answer of [
      await world.get(path, { token: reading }),
      await world.get("/aaa_profile/?short_name=keys", { token: reading }),
    ]) {
      const shown = answer.body.results?.[0] ?? answer.body;
      assert.doesNotMatch(JSON.stringify(answer.body), planted);
      assert.deepEqual(
        shown.reply.map((item: { value: string }) => item.value),
        ["600", mask, mask, mask, mask, mask, mask],
      );
    }
  });

  it("go out to the equipment, and stand in no decision, simulation, audit row or table", async () => {
    const answer = await ask(world, client, { userName: "guest", credential: pap("secret") });
    assert.equal(answer.outcome, "accept");
    assert.match(JSON.stringify(answer), planted, "the equipment is told");
    await eventually("the decision is written", async () => (await world.get("/access_decision/", { token: cafe.token })).body.count > 0);
    const shown = [
      await world.get("/access_decision/", { token: cafe.token }),
      await world.get(`/access_decision/${answer.decisionId}/`, { token: cafe.token }),
      await world.post("/access_decision/simulate/", { username: "guest", client: client.id }, { token: cafe.token }),
    ];
    for (const { status, body } of shown) {
      assert.equal(status, 200);
      assert.doesNotMatch(JSON.stringify(body), planted);
      assert.match(JSON.stringify(body), /Tunnel-Password:1","op":":=","value":"\*{8}"/);
    }
    assert.doesNotMatch(await stored(), planted);
  });

  it("stay when their masks come back, and a mask that stands for nothing is refused", async () => {
    const { body } = await world.get(path, { token: reading });
    const put = await world.put(path, body, { token: cafe.token });
    assert.equal(put.status, 200, JSON.stringify(put.body));
    assert.deepEqual(put.body.reply, reply);
    const changed = body.reply.map((item: { attribute: string }) =>
      item.attribute === "Mikrotik-Wireless-PSK" ? { ...item, value: "psk-planted-6" } : item,
    );
    const patched = await world.patch(path, { reply: changed }, { token: cafe.token });
    assert.equal(patched.body.reply[2].value, "psk-planted-6");
    assert.equal(patched.body.reply[1].value, "tunnel-planted-1");
    assert.equal(patched.body.last_change !== undefined, true);
    const audit = await stored();
    assert.doesNotMatch(audit, planted);
    for (const answer of [
      await world.post(
        "/aaa_profile/",
        { short_name: "none", reply: [{ attribute: "Tunnel-Password", op: ":=", value: mask }] },
        { token: cafe.token },
      ),
      await world.patch(path, { reply: [...changed, { attribute: "Cisco-AVPair", op: "+=", value: mask }] }, { token: cafe.token }),
    ]) {
      assert.equal(answer.status, 400);
      assert.match(JSON.stringify(answer.body.errors), /"reply\.\d\.value":\["This is the mask/);
    }
    await world.patch(path, { reply }, { token: cafe.token });
  });

  it("that an older version stored in clear are sealed at the next start", async () => {
    await world.app.database.write(async (handle) => {
      await handle
        .updateTable("aaa_profile")
        .set({ reply_attributes: JSON.stringify(reply) })
        .where("id", "=", id)
        .execute();
      await handle
        .updateTable("audit_entry")
        .set({ after: JSON.stringify({ short_name: "keys", check: [], reply }) })
        .where("resource", "=", "aaa_profile")
        .where("resource_id", "=", id)
        .where("after", "is not", null)
        .execute();
      // As the version left it that took less for a secret.
      await installationStore()(handle, null).keep("profile_secrets_sealed", "1");
    });
    assert.match(await stored(), planted);
    await sealStoredSecrets(world.app);
    assert.doesNotMatch(await stored(), planted);
    assert.deepEqual((await world.get(path, { token: cafe.token })).body.reply, reply);
    await sealStoredSecrets(world.app);
  });

  it("of users are given to a RADIUS server by the scope radius:credentials alone", async () => {
    await world.patch(`/organization/${cafe.id}/`, { reversible_secrets: true });
    await makeAccount(world, { username: "eap", password: "eap-planted-7", organization: cafe.id });
    const list = {
      "User-Name": { type: "string", value: ["eap"] },
      "EAP-Message": { type: "octets", value: ["0x0200"] },
      "Packet-Src-IP-Address": { type: "ipaddr", value: [client.address] },
    };
    const authorize = (token: string) => world.post("/radius/authorize/", list, { token });
    const without = await addToken(world, cafe.id, ["radius:read", "radius:write"]);
    const refused = await authorize(without);
    assert.deepEqual([refused.status, planted.test(JSON.stringify(refused.body))], [403, false]);
    assert.match(refused.body.detail, /radius:credentials/);
    const admin = await addToken(world, cafe.id, ["admin"]);
    assert.equal((await authorize(admin)).status, 403, "admin does not imply it");
    const named = await addToken(world, cafe.id, ["radius:write", "radius:credentials"]);
    assert.deepEqual((await authorize(named)).body["control:Cleartext-Password"].value, ["eap-planted-7"]);
    const given = await world.post("/api_token/", { name: "x", scopes: ["radius:credentials"] }, { token: without });
    assert.equal(given.status, 403, "who does not hold it gives it to nobody");
  });
});
