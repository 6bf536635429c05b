import assert from "node:assert/strict";
import { afterEach, beforeEach, it } from "node:test";
import type { Credential } from "../../../src/aaa/words/access-request.ts";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { ask, makeAccount, makeClient, pap } from "../../support/network.ts";
import { recordStatements } from "../../support/recorded-statements.ts";
import { makeTenant, type Tenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

const chap: Credential = { method: "chap", identifier: 7, challenge: Buffer.alloc(16), response: Buffer.alloc(16) };

const readsProfiles = (text: string) => text.includes('from "aaa_profile"');
/** What is read of accounts, and of what they have: decisions are written whenever it suits. */
const readsAccounts = (text: string) =>
  /^select/i.test(text) && /from "(?:user_account|reversible_secret|user_profile|aaa_profile)"/.test(text);

/** Each test has a world of its own: SQLite is given the text of a statement once. */
onEachDatabase("what a refused credential reads", (open) => {
  let world: World;
  let cafe: Tenant;
  let client: AaaClient;
  beforeEach(async () => {
    world = await open();
    cafe = await makeTenant(world, "cafe", { own_usernames: true, reversible_secrets: true });
    client = await makeClient(world, cafe.id);
    await world.post("/aaa_profile/", {
      short_name: "vlan",
      organization: cafe.id,
      reply: [{ attribute: "Tunnel-Private-Group-Id", op: ":=", value: "7" }],
    });
    await makeAccount(world, { username: "known", organization: cafe.id, profile: ["vlan"] });
  });
  afterEach(() => world.close());

  const textsOf = async (work: () => Promise<unknown>): Promise<string[]> => {
    const { texts, stop } = recordStatements();
    try {
      await work();
    } finally {
      stop();
    }
    return [...texts];
  };
  const outcomeOf = async (userName: string, credential: Credential) => (await ask(world, client, { userName, credential })).outcome;

  it("is no profile, at any door and by any method; who is right has them read", async () => {
    const refused = await textsOf(async () => {
      for (const credential of [pap("wrong"), chap, { method: "none" }, { method: "unsupported", name: "EAP" }] as const) {
        assert.equal(await outcomeOf("known", credential), "reject");
      }
      const login = await world.post("/device_app_user_authenticate/", { username: "known", password: "wrong too" }, cafe);
      assert.equal(login.status, 400);
    });
    assert.deepEqual(refused.filter(readsProfiles), []);
    const admitted = await textsOf(async () => assert.equal(await outcomeOf("known", pap("secret")), "accept"));
    assert.notEqual(admitted.filter(readsProfiles).length, 0);
  });

  for (const order of [
    ["known", "nobody"],
    ["nobody", "known"],
  ] as const) {
    for (const [method, credential] of [
      ["CHAP", chap],
      ["PAP", pap("wrong")],
    ] as const) {
      it(`is nothing by ${method} for ${order[1]} that was not read for ${order[0]}`, async () => {
        const texts: string[][] = [];
        for (const userName of order) texts.push(await textsOf(async () => assert.equal(await outcomeOf(userName, credential), "reject")));
        const [first, second] = texts.map((all) => all.filter(readsAccounts));
        assert.notEqual(first!.length, 0);
        assert.deepEqual(
          second!.filter((text) => !first!.includes(text)),
          [],
        );
      });
    }
  }
});
