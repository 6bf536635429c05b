import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { createHashCosts } from "../../../src/modules/accounts/passwords/hash-costs.ts";
import { stepMsOf } from "../../../src/modules/network/network-access/refusal-pace.service.ts";
import { ask, makeAccount, makeClient, pap } from "../../support/network.ts";
import { makeTenant, type Tenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

/** What accounts may have as their password: today's hash, none, cheap ones that were brought along, and dear ones. */
const cheap = {
  ofToday: "secret",
  none: null,
  ssha: "{SSHA}f2iXz7gT4Tn355NweNU5TRiM7rdwZXBw",
  md5Crypt: "$1$ab$bddlLCrn4gEIzaCsUM50Z/",
  bcrypt5: "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
};
const dear = {
  bcrypt12: "$2b$12$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
  sha512: `$6$rounds=150000$ab$${"x".repeat(86)}`,
};

onEachDatabase("who is wrong about the credential", (open) => {
  let world: World;
  let plain: Tenant;
  let mixed: Tenant;
  let nowMs = 1_800_000_000_000;
  /** The waits that passed, in milliseconds: the clock stands still, and they take no time. */
  let waits: number[] = [];
  before(async () => {
    const delay = (act: () => void, ms: number) => {
      waits.push(ms);
      const soon = setImmediate(act);
      return () => clearImmediate(soon);
    };
    world = await open({ clock: { nowMs: () => nowMs }, delay });
    plain = await makeTenant(world, "plain", { own_usernames: true });
    mixed = await makeTenant(world, "mixed", { own_usernames: true });
    for (const [tenant, hashes] of [
      [plain, cheap],
      [mixed, { ...cheap, ...dear }],
    ] as const) {
      for (const [name, password] of Object.entries(hashes))
        await makeAccount(world, { username: name, password, organization: tenant.id });
    }
  });
  after(() => world.close());

  let tries = 0;
  const waitsOf = async (work: () => Promise<unknown>): Promise<number[]> => {
    waits = [];
    await work();
    return waits;
  };
  /** What a wrong password of each name waits for, at each door of a tenant. */
  const waitsAt = async (tenant: Tenant, names: readonly string[]) => {
    tries += 1;
    const address = `203.0.113.${tries}`;
    const client = await makeClient(world, tenant.id, { address });
    const found: Record<string, number[]> = {};
    for (const username of [...names, "nobody", "nobody@nowhere"]) {
      const password = `wrong ${tries}`;
      const device = `02-00-00-00-00-${10 + tries}`;
      const list = { "Packet-Src-IP-Address": address, "User-Name": username, "User-Password": password };
      const attributes = Object.fromEntries(Object.entries(list).map(([name, value]) => [name, { type: "string", value: [value] }]));
      const chap = { method: "chap", identifier: 7, challenge: Buffer.alloc(16), response: Buffer.alloc(16) } as const;
      found[`radius ${username}`] = await waitsOf(async () => {
        assert.equal((await ask(world, client, { userName: username, credential: pap(password), device })).outcome, "reject");
      });
      found[`chap ${username}`] = await waitsOf(async () => {
        assert.equal((await ask(world, client, { userName: username, credential: chap, device })).outcome, "reject");
      });
      found[`freeradius ${username}`] = await waitsOf(async () => {
        const answer = await world.post("/radius/authorize/", attributes, tenant);
        assert.match(JSON.stringify(answer.body), /Reject/);
      });
      found[`app ${username}`] = await waitsOf(async () => {
        const answer = await world.post("/device_app_user_authenticate/", { username, password, device_id: device }, tenant);
        assert.equal(answer.status, 400, JSON.stringify(answer.body));
      });
    }
    assert.equal(new Set(Object.values(found).map(String)).size, 1, JSON.stringify(found));
    return Object.values(found)[0]!;
  };

  it("waits for the same step at every door, whatever the password was held against, or nobody's", async () => {
    assert.deepEqual(await waitsAt(plain, Object.keys(cheap)), [250]);
  });

  it("waits for a step that covers the dearest hash, where its organization brought dear ones, and nowhere else", async () => {
    assert.deepEqual(await waitsAt(mixed, Object.keys({ ...cheap, ...dear })), [500]);
    assert.deepEqual(await waitsAt(plain, Object.keys(cheap)), [250]);
  });

  it("at the root's equipment waits for what its own organization brought, and for nobody else's", async () => {
    const client = await makeClient(world, 1, { address: "203.0.113.99" });
    await makeAccount(world, { username: "ofRoot", password: cheap.ssha });
    await makeAccount(world, { username: "ofPlain", password: cheap.ssha, organization: plain.id });
    const late = await makeAccount(world, { username: "ofMixed", password: dear.bcrypt12, organization: mixed.id });
    const names = ["ofRoot", "ofPlain", "ofMixed", "nobody", "nobody@elsewhere", "nobody@plain", "nobody@mixed", "mixed\\nobody"];
    const stepsNow = async (password: string) => {
      const found: Record<string, number[]> = {};
      for (const [index, userName] of names.entries()) {
        const device = `02-00-00-00-01-${10 + index}`;
        found[userName] = await waitsOf(() => ask(world, client, { userName, credential: pap(password), device }));
        const app = await waitsOf(() => world.post("/device_app_user_authenticate/", { username: userName, password, device_id: device }));
        assert.deepEqual(app, found[userName], userName);
      }
      return found;
    };
    const base = Object.fromEntries(names.map((name) => [name, [250]]));
    const ofMixed = { ofMixed: [500], "nobody@mixed": [500], "mixed\\nobody": [500] };
    assert.deepEqual(await stepsNow("wrong at the root"), { ...base, ...ofMixed });

    assert.equal((await world.request("DELETE", `/user_token/${late}/`)).status, 204);
    nowMs += 3_600_000;
    assert.deepEqual(await stepsNow("an hour later"), base, "what nobody has seen for an hour is gone");
    const login = { username: "bcrypt12", password: "wrong after the hour" };
    assert.deepEqual(await waitsOf(() => world.post("/device_app_user_authenticate/", login, mixed)), [500], "what is there is seen first");
    assert.deepEqual(await stepsNow("again"), { ...base, "nobody@mixed": [500], "mixed\\nobody": [500] });
  });

  it("waits alone: who is right, or is refused for another reason, is answered at once", async () => {
    const client = await makeClient(world, plain.id);
    await makeAccount(world, { username: "expired", expiration: "2020-01-01", organization: plain.id });
    const outcomes: string[] = [];
    const all = await waitsOf(async () => {
      for (const userName of ["ofToday", "expired"]) outcomes.push((await ask(world, client, { userName })).outcome);
      const login = await world.post("/device_app_user_authenticate/", { username: "ofToday", password: "secret" }, plain);
      outcomes.push(String(login.status));
    });
    assert.deepEqual([outcomes, all], [["accept", "reject", "201"], []]);
  });

  it("gives the place in the queue back before it waits, also where the wrong password is known", async () => {
    const client = await makeClient(world, plain.id);
    for (let time = 0; time < 2; time += 1) {
      const order: string[] = [];
      waits = { push: () => order.push("waits") } as unknown as number[];
      await world.app.services.networkAccess.access.authorize({
        client,
        source: "radius",
        userName: "ofToday",
        credential: pap("wrong again"),
        attributes: {},
        stepAside: () => void order.push("aside"),
      });
      assert.deepEqual([order[0], order.at(-1)], ["aside", "waits"], order.join());
    }
  });
});

it("the step of refusals covers what is accepted at import, and never makes equipment give up", () => {
  assert.deepEqual([0, 1, 12, 13, 20, 50, 80, 91, 200, 10_000].map(stepMsOf), [250, 250, 250, 500, 500, 1_000, 2_000, 2_000, 4_000, 4_000]);
});

it("the dearest hashes of a payer are remembered for an hour each, however many prices there are, and cost nobody else", () => {
  let nowMs = 0;
  const hashCosts = createHashCosts({ nowMs: () => nowMs });
  const see = (iterations: number) => hashCosts.note("7", `pbkdf2_sha256$${iterations}$salt$${"x".repeat(43)}=`);
  see(2_000_000);
  nowMs += 1_800_000;
  see(500_000);
  assert.deepEqual([hashCosts.max("7"), hashCosts.max("8")], [80, 1]);
  nowMs += 1_800_000;
  assert.equal(hashCosts.max("7"), 20);
  for (let iterations = 1_000_000; iterations > 500_000; iterations -= 5_000) see(iterations);
  assert.equal(hashCosts.max("7"), 40);
  nowMs += 3_600_000;
  assert.equal(hashCosts.max("7"), 1);
});
