import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { makeAccount, makeClient } from "../../support/network.ts";
import { makeTenant, type Tenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

/** How long an attempt stays open for the report of its outcome. */
const reportWithinMs = 2_000;

onEachDatabase("wrong passwords that FreeRADIUS verifies itself", (open) => {
  let world: World;
  let campus: Tenant;
  let client: AaaClient;
  let token: string;
  /** The waits that passed, in milliseconds: the clock stands still, and they take no time. */
  let waits: number[] = [];
  before(async () => {
    const delay = (act: () => void, ms: number) => {
      // An attempt is reported in time.
      if (ms === reportWithinMs) return () => {};
      waits.push(ms);
      const soon = setImmediate(act);
      return () => clearImmediate(soon);
    };
    world = await open({ clock: { nowMs: () => 1_800_000_000_000 }, delay });
    campus = await makeTenant(world, "campus", { own_usernames: true, reversible_secrets: true });
    client = await makeClient(world, campus.id);
    const scopes = ["radius:read", "radius:write", "radius:credentials"];
    token = (await world.post("/api_token/", { name: "FreeRADIUS", scopes, organization: campus.id })).body.token;
    assert.ok(token);
  });
  after(() => world.close());

  const listOf = (values: Record<string, string>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { type: "string", value: [value] }]));
  const requestOf = (userName: string, device: string) => ({
    "Packet-Src-IP-Address": client.address,
    "User-Name": userName,
    "Calling-Station-Id": device,
    "MS-CHAP-Challenge": "0x00",
  });
  type Reply = Record<string, { value: string[] }>;
  const askFor = async (userName: string, device: string): Promise<Reply> =>
    (await world.post("/radius/authorize/", listOf(requestOf(userName, device)), { token })).body;
  const report = async (userName: string, device: string, outcome: "accept" | "reject") => {
    const answer = await world.post(`/radius/post_auth/?outcome=${outcome}`, listOf(requestOf(userName, device)), { token });
    assert.ok(answer.status < 300, JSON.stringify(answer.body));
  };
  /** A login as FreeRADIUS handles it: it verifies by the secret that it is given, and reports the outcome. */
  const login = async (userName: string, password: string, device = "02-00-00-00-00-01"): Promise<boolean> => {
    const reply = await askFor(userName, device);
    const secret = reply["control:Cleartext-Password"]?.value[0];
    if (secret === undefined) return false;
    await report(userName, device, secret === password ? "accept" : "reject");
    return secret === password;
  };
  /** Whether a login is accepted, and its waits for a turn. */
  const waited = async (...asked: Parameters<typeof login>): Promise<[boolean, ...number[]]> => {
    waits = [];
    return [await login(...asked), ...waits];
  };
  const pap = async (userName: string, password: string) => {
    const { "MS-CHAP-Challenge": _, ...request } = requestOf(userName, "02-00-00-00-00-01");
    const { body } = await world.post("/radius/authorize/", listOf({ ...request, "User-Password": password }), { token });
    return body["control:Auth-Type"].value[0] === "Accept";
  };
  const wrong = async (count: number, userName: string) => {
    for (let index = 0; index < count; index += 1) assert.deepEqual(await waited(userName, `wrong ${index}`), [false]);
  };

  it("slow the device that they come from, and the right one forgets them", async () => {
    await makeAccount(world, { username: "guest", organization: campus.id });
    await wrong(10, "guest");
    assert.deepEqual(await waited("guest", "wrong again"), [false, 250]);
    assert.deepEqual(await waited("guest", "secret", "02-00-00-00-00-02"), [true], "another device");
    assert.deepEqual(await waited("guest", "secret"), [true, 500]);
    assert.deepEqual(await waited("guest", "secret"), [true]);
    await wrong(10, "guest");
  });

  it("count with those that Gatehouse verifies", async () => {
    await makeAccount(world, { username: "both", organization: campus.id });
    await wrong(5, "both");
    for (let index = 0; index < 5; index += 1) assert.equal(await pap("both", `wrong ${index}`), false);
    assert.deepEqual(await waited("both", "secret"), [true, 250]);
  });

  it("slow a name that nobody has, and an account without a secret, as an account", async () => {
    await makeAccount(world, { username: "hashed", organization: campus.id, password: null });
    for (const userName of ["nobody", "hashed"]) {
      await wrong(10, userName);
      assert.deepEqual(await waited(userName, "wrong again"), [false, 250], userName);
    }
  });

  it("count from the beginning, so that of many at once most wait", async () => {
    await makeAccount(world, { username: "crowd", organization: campus.id });
    const device = "02-00-00-00-00-01";
    const begun = await Promise.all(Array.from({ length: 10 }, () => askFor("crowd", device)));
    assert.ok(begun.every((reply) => reply["control:Cleartext-Password"]));
    let isAnswered = false;
    const eleventh = askFor("crowd", device).then((reply) => {
      isAnswered = true;
      return reply;
    });
    for (let index = 0; index < 9; index += 1) await report("crowd", device, "reject");
    assert.equal(isAnswered, false, "the tenth may be wrong, too");
    await report("crowd", device, "accept");
    assert.ok((await eleventh)["control:Cleartext-Password"]);
  });
});
