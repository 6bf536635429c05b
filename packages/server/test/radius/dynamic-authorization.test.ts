import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { CoaRequest, DisconnectRequest } from "../../src/aaa/words/dynamic-authorization.ts";
import { maxOutstanding } from "../../src/radius/dynamic-authorization/destination.ts";
import { createDynamicAuthorizationClient, type UdpClient } from "../../src/radius/dynamic-authorization/dynamic-authorization-client.ts";
import { answerBytes, type FakeNas, openFakeNas, type ReceivedRequest } from "../support/fake-nas.ts";

const secret = "s3cret";
const nowMs = Date.parse("2026-01-05T10:00:00Z");
const session = [
  { name: "NAS-IP-Address", value: "192.0.2.1" },
  { name: "Acct-Session-Id", value: "80a00001" },
];
/** Long enough for an answer on this machine to come first, short enough to see all transmissions. */
const waitsMs = [40, 80, 160];

describe("a request to network equipment", () => {
  let nas: FakeNas;
  let client: UdpClient;
  beforeEach(async () => {
    nas = await openFakeNas(secret);
    client = createDynamicAuthorizationClient({ localDestinations: "loopback", clock: { nowMs: () => nowMs }, waitsMs: [10_000] });
  });
  afterEach(async () => {
    client.close();
    await nas.close();
  });
  const coa = (...changes: CoaRequest["changes"]): CoaRequest => ({ ...disconnect(), kind: "coa", changes });
  const disconnect = (more: Partial<DisconnectRequest> = {}): DisconnectRequest => ({
    kind: "disconnect",
    address: "127.0.0.1",
    port: nas.port,
    secret: Buffer.from(secret),
    session,
    ...more,
  });

  it("ends one session: signed twice, timed, with what identifies the session and nothing else", async () => {
    assert.deepEqual(await client.send(disconnect()), { kind: "Disconnect-ACK" });
    const [{ code, attributes }] = nas.requests as [(typeof nas.requests)[0]];
    assert.equal(code, 40);
    assert.deepEqual(
      attributes.map(([number]) => number),
      [80, 4, 44, 55],
    );
    assert.equal(attributes[1]![1].join("."), "192.0.2.1");
    assert.equal(attributes[2]![1].toString(), "80a00001");
    assert.equal(attributes[3]![1].readUInt32BE(0), nowMs / 1000);
  });

  it("changes what was granted", async () => {
    assert.deepEqual(await client.send(coa({ name: "Session-Timeout", value: "1200" })), { kind: "CoA-ACK" });
    const [{ code, attributes }] = nas.requests as [(typeof nas.requests)[0]];
    assert.equal(code, 43);
    assert.equal(attributes.find(([number]) => number === 27)![1].readUInt32BE(0), 1200);
  });

  it("brings back why the equipment refuses", async () => {
    nas.react = (received) => nas.answer(received, received.code + 2, 503);
    assert.deepEqual(await client.send(disconnect()), { kind: "Disconnect-NAK", errorCause: 503 });
    nas.react = (received) => nas.answer(received, received.code + 2);
    assert.deepEqual(await client.send(coa()), { kind: "CoA-NAK", errorCause: undefined });
  });

  it("is sent again without Message-Authenticator and Event-Timestamp to equipment that knows no such attribute", async () => {
    nas.react = (received, count) => nas.answer(received, received.code + (count === 0 ? 2 : 1), count === 0 ? 401 : undefined);
    assert.deepEqual(await client.send(disconnect()), { kind: "Disconnect-ACK" });
    assert.deepEqual(
      nas.requests[1]!.attributes.map(([number]) => number),
      [4, 44],
    );
    nas.react = (received) => nas.answer(received, received.code + 2, 401);
    assert.deepEqual(await client.send(disconnect()), { kind: "Disconnect-NAK", errorCause: 401 });
    assert.equal(nas.requests.length, 4);
  });

  it("is repeated with the same bytes, and given up after the last wait", async () => {
    const patient = createDynamicAuthorizationClient({ localDestinations: "loopback", clock: { nowMs: () => nowMs }, waitsMs });
    nas.react = () => undefined;
    assert.deepEqual(await patient.send(disconnect()), { kind: "timeout" });
    while (nas.requests.length < waitsMs.length) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(nas.requests.length, waitsMs.length);
    assert.equal(new Set(nas.requests.map(({ bytes }) => bytes.toString("hex"))).size, 1);
    patient.close();
  });

  it("is answered by the retransmission's answer, when the first was lost", async () => {
    const patient = createDynamicAuthorizationClient({
      localDestinations: "loopback",
      clock: { nowMs: () => nowMs },
      waitsMs: [40, 10_000],
    });
    nas.react = (received, count) => count === 1 && nas.answer(received, 41);
    assert.deepEqual(await patient.send(disconnect()), { kind: "Disconnect-ACK" });
    patient.close();
  });

  it("believes only answers that are signed for it", async () => {
    nas.react = (received) => {
      const right = answerBytes(received, 41, secret);
      for (let bit = 0; bit < right.length * 8; bit += 1) {
        const forged = Buffer.from(right);
        forged[bit >> 3]! ^= 1 << (bit & 7);
        nas.send(received, forged);
      }
      nas.send(received, answerBytes(received, 41, "another"));
      nas.send(received, answerBytes({ ...received, bytes: Buffer.alloc(20) }, 41, secret));
      nas.send(received, answerBytes(received, 44, secret));
      nas.send(received, answerBytes(received, 41, secret, Buffer.concat([Buffer.from([80, 18]), Buffer.alloc(16)])));
      nas.send(received, Buffer.alloc(0));
      nas.answer(received, 42, 404);
    };
    assert.deepEqual(await client.send(disconnect()), { kind: "Disconnect-NAK", errorCause: 404 });
  });

  it("believes nobody but the equipment", async () => {
    const stranger = createSocket("udp4");
    stranger.bind(0, "127.0.0.1");
    await once(stranger, "listening");
    nas.react = (received) => {
      stranger.send(answerBytes(received, 41, secret), received.source.port, received.source.address, () => nas.answer(received, 42, 503));
    };
    assert.deepEqual(await client.send(disconnect()), { kind: "Disconnect-NAK", errorCause: 503 });
    await new Promise<void>((resolve) => stranger.close(() => resolve()));
  });

  it("is unreachable where nobody listens", async () => {
    const gone = await openFakeNas(secret);
    await gone.close();
    const outcome = await client.send(disconnect({ port: gone.port }));
    assert.deepEqual(outcome, { kind: "unreachable", code: "ECONNREFUSED" });
    assert.deepEqual(await client.send(disconnect()), { kind: "Disconnect-ACK" }, "others are reached");
  });

  it("is unreachable from an address that is not this machine's", async () => {
    const elsewhere = createDynamicAuthorizationClient({
      localDestinations: "loopback",
      clock: { nowMs: () => nowMs },
      sourceAddresses: ["192.0.2.77"],
    });
    assert.deepEqual(await elsewhere.send(disconnect()), { kind: "unreachable", code: "EADDRNOTAVAIL" });
    elsewhere.close();
  });

  it("leaves from the address that is set, where the kind of address fits", async () => {
    const fixed = createDynamicAuthorizationClient({
      localDestinations: "loopback",
      clock: { nowMs: () => nowMs },
      sourceAddresses: ["2001:db8::1", "127.0.0.2"],
    });
    assert.deepEqual(await fixed.send(disconnect()), { kind: "Disconnect-ACK" });
    assert.equal(nas.requests[0]!.source.address, "127.0.0.2");
    fixed.close();
  });

  it("has an identifier of its own among those outstanding; others wait for their turn, and all are sent", async () => {
    const count = 600;
    const held: ReceivedRequest[] = [];
    nas.react = (received) => held.push(received);
    const outcomes = Array.from({ length: count }, (_, index) =>
      client.send(disconnect({ session: [{ name: "Acct-Session-Id", value: `s${index}` }] })),
    );
    let answered = 0;
    while (answered < count) {
      while (held.length < Math.min(maxOutstanding, count - answered)) await new Promise((resolve) => setImmediate(resolve));
      assert.equal(held.length, Math.min(maxOutstanding, count - answered));
      assert.equal(new Set(held.map(({ identifier }) => identifier)).size, held.length);
      answered += held.length;
      for (const received of held.splice(0)) nas.answer(received, 41);
    }
    assert.ok((await Promise.all(outcomes)).every(({ kind }) => kind === "Disconnect-ACK"));
    assert.equal(new Set(nas.requests.map(({ attributes }) => attributes.find(([number]) => number === 44)![1].toString())).size, count);
  });

  it("times out with the one before it, where the equipment is silent", async () => {
    const impatient = createDynamicAuthorizationClient({ localDestinations: "loopback", clock: { nowMs: () => nowMs }, waitsMs: [40] });
    nas.react = () => undefined;
    const outcomes = await Promise.all(Array.from({ length: maxOutstanding * 3 }, () => impatient.send(disconnect())));
    assert.ok(outcomes.every(({ kind }) => kind === "timeout"));
    assert.ok(nas.requests.length <= maxOutstanding * 2, "those that waited were not tried");
    const before = nas.requests.length;
    const tried = new Promise((resolve) => (nas.react = resolve));
    await Promise.all([impatient.send(disconnect()), tried]);
    assert.ok(nas.requests.length > before, "a later one is");
    impatient.close();
  });

  it("is given up when the client closes", async () => {
    nas.react = () => client.close();
    assert.deepEqual(await client.send(disconnect()), { kind: "timeout" });
    assert.deepEqual(await client.send(disconnect()), { kind: "timeout" });
  });

  for (const [what, more, fault] of [
    ["no session", { session: [] }, "A request names its session."],
    ["a disconnect that changes", { changes: [{ name: "Session-Timeout", value: "1" }] }, "A Disconnect-Request changes nothing."],
    [
      "what identifies no session",
      { session: [...session, { name: "Session-Timeout", value: "1" }] },
      "Session-Timeout identifies no session.",
    ],
    ["an unknown attribute", { kind: "coa", changes: [{ name: "Nothing", value: "1" }] }, "Nothing is not in the dictionary."],
    ["no secret", { secret: Buffer.alloc(0) }, "The secret is empty or too long."],
    [
      "too much",
      { session: Array.from({ length: 20 }, () => ({ name: "User-Name", value: "x".repeat(253) })) },
      "The attributes fill more than a packet.",
    ],
  ] as const satisfies readonly (readonly [string, object, string])[]) {
    it(`is not sent with ${what}`, async () => {
      assert.deepEqual(await client.send({ ...disconnect(), ...more } as DisconnectRequest), { kind: "unsendable", fault });
      assert.equal(nas.requests.length, 0);
    });
  }
});
