import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { describe, it } from "node:test";
import { sourceAddressOf } from "../../src/radius/listening-sockets.ts";
import { openRadiusClient } from "../support/radius-client.ts";
import { doorSecret, openDoorWorld } from "../support/radius-door-world.ts";

const login = { code: 1, secret: doorSecret, attributes: [[1, "john.smith"]], password: "demo-john-smith" } as const;
const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === "::1"));

describe("the door's places", () => {
  it("are IPv4 and IPv6 addresses", { skip: hasIpv6 ? false : "this machine has no ::1" }, async () => {
    const world = await openDoorWorld({ places: { hosts: ["127.0.0.1", "::1"] } });
    try {
      const places = world.door.addresses().filter(({ name }) => name === "authentication");
      assert.deepEqual(
        places.map(({ host }) => host),
        ["127.0.0.1", "::1"],
      );
      for (const { host, port } of places) {
        const client = await openRadiusClient(port, host);
        assert.equal((await client.ask(login)).code, 2);
        await client.close();
      }
      assert.deepEqual(
        world.asked.map(({ sourceAddress }) => sourceAddress),
        ["127.0.0.1", "::1"],
      );
    } finally {
      await world.close();
    }
  });

  it("may be shared by several processes that listen alike", async () => {
    const one = await openDoorWorld();
    const two = await openDoorWorld({ places: { authPort: one.authPort, acctPort: one.acctPort } });
    try {
      assert.deepEqual(two.door.addresses(), one.door.addresses());
      const client = await openRadiusClient(one.authPort);
      for (let index = 0; index < 20; index += 1) assert.equal((await client.ask({ ...login, identifier: index })).code, 2);
      await client.close();
      assert.ok(
        [one, two].some(({ asked }) => asked.length === 20),
        "one source is served by one process",
      );
    } finally {
      await one.close();
      await two.close();
    }
  });

  it("that are taken are said once, leave the others open, and open when they become free", async () => {
    const stranger = createSocket("udp4");
    stranger.bind(0, "127.0.0.1");
    await once(stranger, "listening");
    const world = await openDoorWorld({ places: { authPort: stranger.address().port } });
    try {
      await world.door.open();
      assert.deepEqual(
        world.door.addresses().map(({ name }) => name),
        ["accounting"],
      );
      assert.equal(world.lines.filter(({ level }) => level === "warn").length, 1);
      await new Promise<void>((resolve) => stranger.close(() => resolve()));
      await world.door.open();
      assert.equal(world.door.addresses().length, 2);
    } finally {
      await world.close();
    }
  });

  it("may be closed on one side", async () => {
    const world = await openDoorWorld({ places: { acctPort: undefined } });
    assert.deepEqual(
      world.door.addresses().map(({ name }) => name),
      ["authentication"],
    );
    await world.close();
  });

  it("are open once, however often they are opened, and closed after what was begun is answered", async () => {
    const world = await openDoorWorld();
    await Promise.all([world.door.open(), world.door.open()]);
    assert.equal(world.door.addresses().length, 2);
    let finish: (() => void) | undefined;
    world.authorize = () => new Promise((resolve) => (finish = () => resolve({ code: "accept", attributes: [] })));
    const client = await openRadiusClient(world.authPort);
    const answer = client.ask(login);
    while (finish === undefined) await new Promise((resolve) => setImmediate(resolve));
    const closed = world.close();
    finish();
    assert.equal((await answer).code, 2);
    await closed;
    assert.deepEqual(world.door.addresses(), []);
    await world.door.open();
    assert.deepEqual(world.door.addresses(), [], "what is closed stays closed");
    await client.close();
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
