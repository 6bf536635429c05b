import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { AaaClient } from "../../../src/modules/network/aaa-clients/index.ts";
import { ask, makeAccount, makeClient, pap } from "../../support/network.ts";
import { makeTenant, type Tenant } from "../../support/tenants.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

onEachDatabase("wrong passwords at network equipment", (open) => {
  let world: World;
  let campus: Tenant;
  let client: AaaClient;
  /** The waits that passed, in milliseconds: the clock stands still, and they take no time. */
  let waits: number[] = [];
  before(async () => {
    const delay = (act: () => void, ms: number) => {
      waits.push(ms);
      const soon = setImmediate(act);
      return () => clearImmediate(soon);
    };
    world = await open({ clock: { nowMs: () => 1_800_000_000_000 }, delay });
    campus = await makeTenant(world, "campus", { own_usernames: true });
    client = await makeClient(world, campus.id);
  });
  after(() => world.close());

  const attributesOf = (values: Record<string, string>) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { type: "string", value: [value] }]));
  type Door = (userName: string, password: string, device: string | undefined) => Promise<boolean>;
  const doors: Record<string, Door> = {
    radius: async (userName, password, device) => {
      const credential = pap(password);
      const attributes: Record<string, readonly string[]> = device === undefined ? {} : { "Calling-Station-Id": [device] };
      const answer = await world.app.services.networkAccess.access.authorize({
        client,
        source: "radius",
        userName,
        credential,
        attributes,
      });
      return answer.outcome === "accept";
    },
    freeradius: async (userName, password, device) => {
      const values = { "Packet-Src-IP-Address": client.address, "User-Name": userName, "User-Password": password };
      const list = attributesOf(device === undefined ? values : { ...values, "Calling-Station-Id": device });
      const { body } = await world.post("/radius/authorize/", list, { token: campus.token });
      return body["control:Auth-Type"].value[0] === "Accept";
    },
  };
  const deviceOf = (index: number) => `02-00-00-00-${index >> 8}-${(index & 255).toString(16).padStart(2, "0")}`;

  for (const [name, login] of Object.entries(doors)) {
    /** Whether a login is let in, and what it waited for: who is wrong waits 250 ms for the common step at the end. */
    const waited = async (...asked: Parameters<Door>): Promise<[boolean, ...number[]]> => {
      waits = [];
      return [await login(...asked), ...waits];
    };

    it(`of devices that call themselves otherwise each time do not lock out the owner's new device (${name})`, async () => {
      const userName = `owner at ${name}`.replaceAll(" ", "-");
      await makeAccount(world, { username: userName, organization: campus.id });
      assert.deepEqual(await waited(userName, "secret", "known"), [true]);
      for (let wrong = 0; wrong < 140; wrong += 1) assert.equal(await login(userName, `wrong ${wrong}`, deviceOf(wrong)), false);
      assert.deepEqual(await waited(userName, "wrong again", deviceOf(200)), [false, 2_500, 250]);
      assert.deepEqual(await waited(userName, "secret", "new"), [true, 2_500]);
      for (const device of ["known", "new"]) assert.deepEqual(await waited(userName, "secret", device), [true]);
    });

    it(`at equipment that names no device do not lock out who is right there (${name})`, async () => {
      const userName = `nameless-${name}`;
      await makeAccount(world, { username: userName, organization: campus.id });
      for (let wrong = 0; wrong < 12; wrong += 1) assert.equal(await login(userName, `wrong ${wrong}`, undefined), false);
      assert.deepEqual(await waited(userName, "secret", undefined), [true, 1_000]);
      assert.deepEqual(await waited(userName, "secret", "named"), [true]);
    });
  }

  it("are slowed for a name that nobody has as for one that somebody has", async () => {
    const found: number[][] = [];
    await makeAccount(world, { username: "somebody", organization: campus.id });
    for (const userName of ["somebody", "nobody"]) {
      waits = [];
      for (let wrong = 0; wrong < 14; wrong += 1) await ask(world, client, { userName, credential: pap(`wrong ${wrong}`), device: "one" });
      found.push(waits);
    }
    assert.deepEqual(found[0], found[1]);
    assert.ok(found[0]!.includes(2_000));
  });
});
