import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { describe, it, type TestContext } from "node:test";
import { sourceAddressOf } from "../../src/radius/server/listening-sockets.ts";
import { openRadiusClient } from "../support/radius-client.ts";
import { acceptWith, openRadiusServerWorld, type RadiusServerWorld, radiusSecret } from "../support/radius-server-world.ts";

const login = { code: 1, secret: radiusSecret, attributes: [[1, "john.smith"]], password: "demo-john-smith" } as const;
const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === "::1"));

/** What a test opens is closed after it, however it ends: an open socket keeps the process. */
const worldOf = async (
  test: TestContext,
  places: NonNullable<Parameters<typeof openRadiusServerWorld>[0]>["places"] = {},
  sharesPorts = false,
): Promise<RadiusServerWorld> => {
  const world = await openRadiusServerWorld({ places, sharesPorts });
  test.after(() => world.close());
  return world;
};

const clientOf = async (test: TestContext, port: number, host?: string) => {
  const client = await openRadiusClient(port, host);
  test.after(() => client.close());
  return client;
};

describe("the places where the RADIUS server listens", () => {
  it("are IPv4 and IPv6 addresses", { skip: hasIpv6 ? false : "this machine has no ::1" }, async (test) => {
    const world = await worldOf(test, { hosts: ["127.0.0.1", "::1"] });
    const places = world.server.addresses().filter(({ name }) => name === "authentication");
    assert.deepEqual(
      places.map(({ host }) => host),
      ["127.0.0.1", "::1"],
    );
    for (const { host, port } of places) {
      const client = await clientOf(test, port, host);
      assert.equal((await client.ask(login)).code, 2);
    }
    assert.deepEqual(world.sources, ["127.0.0.1", "::1"]);
  });

  it("may be shared by the workers of one primary", async (test) => {
    const one = await worldOf(test, {}, true);
    const two = await worldOf(test, { authPort: one.authPort, acctPort: one.acctPort }, true);
    assert.deepEqual(two.server.addresses(), one.server.addresses());
    const client = await clientOf(test, one.authPort);
    for (let index = 0; index < 20; index += 1) assert.equal((await client.ask({ ...login, identifier: index })).code, 2);
    assert.ok(
      [one, two].some(({ asked }) => asked.length === 20),
      "one source is served by one process",
    );
  });

  it("that are taken are said once, leave the others open, and open when they become free", async (test) => {
    const stranger = createSocket("udp4");
    stranger.bind(0, "127.0.0.1");
    await once(stranger, "listening");
    const world = await worldOf(test, { authPort: stranger.address().port });
    await world.server.open();
    assert.deepEqual(
      world.server.addresses().map(({ name }) => name),
      ["accounting"],
    );
    const said = world.lines.filter(({ level }) => level === "error");
    assert.equal(said.length, 1);
    if (process.platform === "linux") {
      const { reason } = said[0]!.fields as { reason: string };
      assert.match(reason, new RegExp(`UDP port ${stranger.address().port} is taken by .*\\(process ${process.pid}\\)`));
    }
    assert.deepEqual(world.server.missing(), [{ name: "authentication", host: "127.0.0.1", port: stranger.address().port }]);
    await new Promise<void>((resolve) => stranger.close(() => resolve()));
    await world.server.open();
    assert.equal(world.server.addresses().length, 2);
    assert.deepEqual(world.server.missing(), []);
  });

  it("may be closed on one side", async (test) => {
    const world = await worldOf(test, { acctPort: undefined });
    assert.deepEqual(
      world.server.addresses().map(({ name }) => name),
      ["authentication"],
    );
  });

  it("are open once, however often they are opened, and closed after what was begun is answered", async (test) => {
    const world = await worldOf(test);
    await Promise.all([world.server.open(), world.server.open()]);
    assert.equal(world.server.addresses().length, 2);
    let finish: (() => void) | undefined;
    world.authorize = (request) =>
      new Promise((resolve) => {
        finish = () => resolve(acceptWith(request));
      });
    const client = await clientOf(test, world.authPort);
    const answer = client.ask(login);
    while (finish === undefined) await new Promise((resolve) => setImmediate(resolve));
    const closed = world.close();
    finish();
    assert.equal((await answer).code, 2);
    await closed;
    assert.deepEqual(world.server.addresses(), []);
    await world.server.open();
    assert.deepEqual(world.server.addresses(), [], "what is closed stays closed");
  });
});

describe("the source of a datagram", () => {
  for (const [given, meant] of [
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8::1", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["::ffff:1:2", "::ffff:1:2"],
  ] as const) {
    it(`${given} is ${meant}`, () => assert.equal(sourceAddressOf(given), meant));
  }
});
