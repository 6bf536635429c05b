import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { type Equipment, openEquipment } from "../support/equipment.ts";
import { eventually } from "../support/eventually.ts";
import { makeAccount, makeClient, storeUnjudged } from "../support/network.ts";
import { makeTenant, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

/** Sixteen of them fill a packet. */
const longMessages = Array.from({ length: 20 }, () => ({ attribute: "Reply-Message", op: "+=", value: "x".repeat(253) }));

onEachDatabase("an Accept that cannot be written", (open) => {
  let world: World;
  let cafe: Tenant;
  let equipment: Equipment;
  before(async () => {
    const environment = { GATEHOUSE_RADIUS_HOST: "127.0.0.1", GATEHOUSE_RADIUS_AUTH_PORT: "0", GATEHOUSE_RADIUS_ACCT_PORT: "0" };
    world = await open({ environment });
    world.app.start();
    cafe = await makeTenant(world, "cafe", { own_usernames: true });
    await makeClient(world, cafe.id, { address: "127.0.0.1", secret: "s3cret" });
    await eventually("RADIUS listens", () => world.app.radius.addresses().length === 2);
    const [authPort, acctPort] = ["authentication", "accounting"].map(
      (name) => world.app.radius.addresses().find((one) => one.name === name)!.port,
    );
    equipment = await openEquipment({ authPort: authPort!, acctPort: acctPort! }, "s3cret");
  });
  after(async () => {
    await world.close();
    await equipment.close();
  });

  const user = async (username: string, reply: readonly object[]) => {
    await world.post("/aaa_profile/", { short_name: username, organization: cafe.id });
    await storeUnjudged(world, username, { reply });
    return makeAccount(world, { username, organization: cafe.id, profile: [username], user_time: 600 });
  };
  const reservations = () => world.app.database.reader.selectFrom("reservation").select("user_id").execute();

  for (const [what, username, reply, fault] of [
    ["too long", "long", longMessages, "The answer is longer than 4,096 octets."],
    [
      "with an attribute of an earlier version that nobody knows",
      "unknown",
      [{ attribute: "Sesion-Timeout", op: ":=", value: "60" }],
      "Sesion-Timeout is not in the dictionary.",
    ],
  ] as const) {
    it(`is a reject everywhere: ${what}`, async () => {
      const id = await user(username, reply);
      const answer = await equipment.login(username, "secret", "AA-BB-CC-DD-EE-01");
      assert.deepEqual([answer.isAccepted, answer.message], [false, "Your account may not connect."]);
      await world.app.flush();
      const { body } = await world.get(`/access_decision/?user=${id}`);
      assert.deepEqual(
        body.results.map((row: Record<string, unknown>) => [row["outcome"], row["reason"], row["reply"], row["session_timeout"]]),
        [["reject", "reply_unwritable", [], null]],
      );
      const { trace } = (await world.get(`/access_decision/${body.results[0].id}/`)).body;
      assert.deepEqual(trace.at(-1), { step: "answer", verdict: "refuse", detail: `The answer cannot be written: ${fault}` });
      assert.deepEqual(await reservations(), [], "no reservation waits for a session that will not come");
      const account = await world.get(`/user/${id}/`);
      assert.deepEqual([account.body.first_login, account.body.last_login], [null, null]);
    });
  }

  it("leaves who can be answered alone", async () => {
    const id = await user("fine", [{ attribute: "Reply-Message", op: ":=", value: "Welcome" }]);
    const answer = await equipment.login("fine", "secret", "AA-BB-CC-DD-EE-02");
    assert.deepEqual([answer.isAccepted, answer.sessionTimeoutSeconds, answer.message], [true, 600, "Welcome"]);
    assert.deepEqual(await reservations(), [{ user_id: id }]);
  });
});
