import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { createDuplicateCache, rememberedMs } from "../../src/radius/server/duplicate-cache.ts";
import { openRadiusClient, type RadiusClient, readAnswer, requestBytes } from "../support/radius-client.ts";
import { acceptWith, openRadiusServerWorld, type RadiusServerWorld, radiusSecret } from "../support/radius-server-world.ts";

const loginOf = (name: string, identifier = 0): Buffer =>
  requestBytes({ code: 1, identifier, secret: radiusSecret, attributes: [[1, name]], password: "x" });

/** Answers that are given when the test says so, in the order of asking. */
const heldAnswers = (world: RadiusServerWorld) => {
  const held: (() => void)[] = [];
  world.authorize = (request) => new Promise((resolve) => held.push(() => resolve(acceptWith(request))));
  return held;
};

describe("a retransmission", () => {
  let world: RadiusServerWorld;
  let client: RadiusClient;
  beforeEach(async () => {
    world = await openRadiusServerWorld({ limits: { running: 1, waiting: 1, maxWaitMs: 3_000 } });
    client = await openRadiusClient(world.authPort);
  });
  afterEach(async () => {
    await client.close();
    await world.close();
  });
  const tally = () => world.server.tallies().authentication;

  it("of a request that is worked on is ignored; the one answer serves both", async () => {
    const held = heldAnswers(world);
    const bytes = loginOf("one");
    client.send(bytes);
    client.send(bytes);
    while (tally().duplicate_in_progress === 0) await new Promise((resolve) => setImmediate(resolve));
    held[0]!();
    assert.equal(readAnswer(await client.next(), bytes, radiusSecret).code, 2);
    assert.deepEqual([world.asked.length, client.waiting()], [1, 0]);
  });

  it("of a request that waits for its turn is ignored, too", async () => {
    const held = heldAnswers(world);
    const waiting = loginOf("two", 2);
    client.send(loginOf("one", 1));
    client.send(waiting);
    client.send(waiting);
    while (tally().duplicate_in_progress === 0) await new Promise((resolve) => setImmediate(resolve));
    held[0]!();
    await client.next();
    held[1]!();
    assert.equal(readAnswer(await client.next(), waiting, radiusSecret).code, 2);
    assert.equal(world.asked.length, 2);
  });

  it("of an answered request gets the same bytes, and nobody is asked again", async () => {
    const bytes = loginOf("one");
    client.send(bytes);
    const first = await client.next();
    client.send(bytes);
    assert.deepEqual(await client.next(), first);
    assert.deepEqual([world.asked.length, tally().duplicate_answered], [1, 1]);
  });

  it("is one for fifteen seconds; then it is a request", async () => {
    const bytes = loginOf("one");
    client.send(bytes);
    await client.next();
    world.nowMs += rememberedMs;
    client.send(bytes);
    await client.next();
    assert.equal(world.asked.length, 1);
    world.nowMs += 1;
    client.send(bytes);
    await client.next();
    assert.equal(world.asked.length, 2);
  });

  it("is none from another port of the client, nor with another authenticator, nor with other attributes", async () => {
    const authenticator = Buffer.alloc(16, 7);
    const request = (name: string) => requestBytes({ code: 1, secret: radiusSecret, authenticator, attributes: [[1, name]] });
    const other = await openRadiusClient(world.authPort);
    try {
      for (const [sender, bytes] of [
        [client, request("one")],
        [other, request("one")],
        [client, loginOf("one")],
        [client, request("two")],
      ] as const) {
        sender.send(bytes);
        readAnswer(await sender.next(), bytes, radiusSecret);
      }
      assert.equal(world.asked.length, 4);
    } finally {
      await other.close();
    }
  });

  it("whose identifier the client has used again does not get the older answer", async () => {
    const held = heldAnswers(world);
    const [older, newer] = [loginOf("one", 9), loginOf("two", 9)];
    client.send(older);
    client.send(newer);
    while (tally().received < 2) await new Promise((resolve) => setImmediate(resolve));
    held[0]!();
    while (held.length < 2) await new Promise((resolve) => setImmediate(resolve));
    held[1]!();
    assert.equal(readAnswer(await client.next(), newer, radiusSecret).code, 2);
    assert.deepEqual([client.waiting(), tally().superseded], [0, 1]);
  });
});

describe("what is remembered of requests", () => {
  const bytesOf = (index: number) => Buffer.from([index >> 8, index & 0xff]);
  const clock = { now: 0, nowMs: () => clock.now };
  const started = () => {
    clock.now = 0;
    const cache = createDuplicateCache(100, clock);
    return {
      cache,
      send(organization: string, client: string, count: number) {
        for (let index = 0; index < count; index += 1) cache.of([organization, client, ""]).begin(`key ${index}`, bytesOf(index));
      },
      known: (organization: string, client: string, count: number) =>
        Array.from({ length: count }, (_, index) => index).filter((index) =>
          cache.of([organization, client, ""]).find(`key ${index}`, bytesOf(index)),
        ),
    };
  };

  it("is bounded in number, and the latest are known", () => {
    const { cache, send, known } = started();
    send("a", "client", 1000);
    const left = known("a", "client", 1000);
    assert.ok(left.length >= 50 && left.length <= 100 && cache.size <= 100, String(left.length));
    assert.deepEqual(
      left,
      Array.from({ length: left.length }, (_, index) => 1000 - left.length + index),
    );
  });

  it("is not forgotten by what another organization's clients send, few or many, nor another client of its own", () => {
    const { cache, send, known } = started();
    send("quiet", "client", 20);
    send("flooding", "small", 5);
    send("flooding", "client", 1000);
    for (let client = 0; client < 1000; client += 1) send("many", `client ${client}`, 1);
    assert.equal(known("quiet", "client", 20).length, 20);
    assert.equal(known("flooding", "small", 5).length, 5);
    assert.ok(cache.size <= 100);
  });

  it("goes when it is too old to be known again, also of a client that has fallen silent", () => {
    const { cache, send, known } = started();
    send("silent", "client", 50);
    clock.now = rememberedMs + 1;
    assert.deepEqual(known("silent", "client", 50), []);
    send("other", "client", 1);
    assert.equal(cache.size, 1);
  });

  it("is forgotten with its request alone, and not with a newer one of the same key", () => {
    const client = started().cache.of(["a", "client", ""]);
    const older = client.begin("key", Buffer.from("older"));
    const newer = client.begin("key", Buffer.from("newer"));
    client.forget("key", older);
    assert.equal(client.find("key", Buffer.from("newer")), newer);
    assert.deepEqual([client.isLatest("key", older), client.isLatest("key", newer)], [false, true]);
    client.forget("key", newer);
    assert.equal(client.find("key", Buffer.from("newer")), undefined);
  });
});

describe("more than can be served", () => {
  let world: RadiusServerWorld;
  let client: RadiusClient;
  beforeEach(async () => {
    world = await openRadiusServerWorld({ limits: { running: 1, waiting: 2, maxWaitMs: 3_000 } });
    client = await openRadiusClient(world.authPort);
  });
  afterEach(async () => {
    await client.close();
    await world.close();
  });
  const tally = () => world.server.tallies().authentication;
  const received = async (count: number) => {
    while (tally().received < count) await new Promise((resolve) => setImmediate(resolve));
  };

  it("is dropped at once, and its retransmission served when there is room", async () => {
    const held = heldAnswers(world);
    const logins = [1, 2, 3, 4].map((identifier) => loginOf("one", identifier));
    for (const bytes of logins) client.send(bytes);
    await received(4);
    assert.deepEqual([tally().overloaded, world.asked.length], [1, 1]);
    for (let index = 0; index < 3; index += 1) {
      held[index]!();
      readAnswer(await client.next(), logins[index]!, radiusSecret);
      await received(4);
    }
    client.send(logins[3]!);
    while (held.length < 4) await new Promise((resolve) => setImmediate(resolve));
    held[3]!();
    readAnswer(await client.next(), logins[3]!, radiusSecret);
  });

  it("makes Status-Server silent, so that clients go elsewhere", async () => {
    const held = heldAnswers(world);
    for (const identifier of [1, 2, 3]) client.send(loginOf("one", identifier));
    client.send(requestBytes({ code: 12, identifier: 4, secret: radiusSecret, attributes: [] }));
    await received(4);
    assert.deepEqual([tally().overloaded, tally().status_answered, client.waiting()], [1, 0, 0]);
    while (tally().accepted < 3) {
      held.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (let index = 0; index < 3; index += 1) await client.next();
    const again = requestBytes({ code: 12, identifier: 5, secret: radiusSecret, attributes: [] });
    client.send(again);
    readAnswer(await client.next(), again, radiusSecret);
  });

  it("is dropped when it waited too long, for nobody waits for it any more", async () => {
    const held = heldAnswers(world);
    const logins = [1, 2].map((identifier) => loginOf("one", identifier));
    for (const bytes of logins) client.send(bytes);
    await received(2);
    world.nowMs += 3_001;
    held[0]!();
    readAnswer(await client.next(), logins[0]!, radiusSecret);
    await world.settled(2);
    assert.deepEqual([tally().waited_too_long, world.asked.length], [1, 1]);
    client.send(logins[1]!);
    while (held.length < 2) await new Promise((resolve) => setImmediate(resolve));
    held[1]!();
    readAnswer(await client.next(), logins[1]!, radiusSecret);
  });
});
