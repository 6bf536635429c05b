import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import fc from "fast-check";
import { chapResponse } from "../../src/radius/protocol/packet/chap.ts";
import { openRadiusClient, type RadiusClient, type RawAttribute, readAnswer, requestBytes } from "../support/radius-client.ts";
import { acceptWith, judgePassword, openRadiusServerWorld, type RadiusServerWorld, radiusSecret } from "../support/radius-server-world.ts";
import { type CaseRequest, caseNumbers, radiusServerCases, secretOf } from "./radius-server-cases.ts";

/** Octets of a case's value: hexadecimal, a number where the attribute is one, else text. */
const octets = (name: string, value: string): Buffer | string | number => {
  if (value.startsWith("0x")) return Buffer.from(value.slice(2), "hex");
  return ["Acct-Status-Type", "Acct-Session-Time"].includes(name) ? Number(value) : value;
};

const bytesOf = (request: CaseRequest): Buffer => {
  const attributes: RawAttribute[] = request.attributes.map(([name, value]) => [caseNumbers[name], octets(name, value)]);
  const challenge = Buffer.from("a challenge 1234");
  if (request.chapPassword !== undefined) {
    attributes.push([60, challenge], [3, Buffer.concat([Buffer.from([1]), chapResponse(1, request.chapPassword, challenge)])]);
  }
  return requestBytes({
    code: { auth: 1, acct: 4, "status-auth": 12, "status-acct": 12 }[request.kind],
    secret: secretOf(request),
    attributes,
    ...(request.password !== undefined && { password: request.password }),
    messageAuthenticator: request.isSigned === false ? "none" : "last",
  });
};

/** The answer in the words of the cases. */
const inWords = (bytes: Buffer, request: Buffer, secret: string) => {
  const answer = readAnswer(bytes, request, secret);
  const attributes: Record<string, string[]> = {};
  for (const { number, value } of answer.attributes.filter((attribute) => attribute.number !== 80)) {
    const name = number === 26 ? "WISPr-Bandwidth-Max-Down" : Object.entries(caseNumbers).find(([, known]) => known === number)![0];
    const text =
      number === 33 ? `0x${value.toString("hex")}` : number === 18 ? value.toString() : String(value.readUInt32BE(number === 26 ? 6 : 0));
    attributes[name] = [...(attributes[name] ?? []), text];
  }
  return { code: answer.code, attributes };
};

describe("the RADIUS server answers", () => {
  let world: RadiusServerWorld;
  before(async () => {
    world = await openRadiusServerWorld();
  });
  after(() => world.close());

  for (const { title, request, requiresMessageAuthenticator = true, account = "stored", expected } of radiusServerCases) {
    it(title, async () => {
      const aaaClient = { ...world.clients.get("127.0.0.1")!, requiresMessageAuthenticator };
      world.clients.set("127.0.0.1", aaaClient);
      world.account = account === "fails" ? () => Promise.reject(new Error("the database is gone")) : async () => account;
      const client = await openRadiusClient(request.kind.endsWith("acct") ? world.acctPort : world.authPort);
      try {
        const before = world.server.tallies();
        const bytes = bytesOf(request);
        client.send(bytes);
        if (expected !== "silence") assert.deepEqual(inWords(await client.next(), bytes, secretOf(request)), expected);
        await world.settled(before.authentication.received + before.accounting.received + (expected === "silence" ? 1 : 0));
        assert.equal(client.waiting(), 0, "nothing more comes back");
      } finally {
        await client.close();
      }
    });
  }
});

describe("the RADIUS server", () => {
  let world: RadiusServerWorld;
  let client: RadiusClient;
  beforeEach(async () => {
    world = await openRadiusServerWorld();
    client = await openRadiusClient(world.authPort);
  });
  afterEach(async () => {
    await client.close();
    await world.close();
  });

  const login = (attributes: readonly RawAttribute[] = [], name = "john.smith") => ({
    code: 1,
    secret: radiusSecret,
    attributes: [[1, name] as const, ...attributes],
    password: "demo-john-smith",
  });

  it("hands on what the packet says, without password or proof", async () => {
    await client.ask(
      login([
        [4, Buffer.from([192, 0, 2, 1])],
        [61, 19],
        [30, "AA-BB:Café"],
      ]),
    );
    const [request] = world.asked;
    assert.deepEqual(
      { ...request!.attributes },
      {
        "User-Name": ["john.smith"],
        "NAS-IP-Address": ["192.0.2.1"],
        "NAS-Port-Type": ["Wireless-802.11"],
        "Called-Station-Id": ["AA-BB:Café"],
      },
    );
    assert.deepEqual(request!.credential, { method: "pap", password: Buffer.from("demo-john-smith") });
    assert.deepEqual([request!.source, request!.userName], ["radius", "john.smith"]);
    assert.equal(request!.client.name, "cafe-1");
    assert.equal(request!.isWanted!(), true);
    world.nowMs += 10_001;
    assert.equal(request!.isWanted!(), false, "the client has given up");
  });

  for (const [method, attributes] of [
    ["EAP", [[79, Buffer.from([2, 1, 0, 5, 1])]]],
    ["MS-CHAP", [[26, Buffer.concat([Buffer.from([0, 0, 1, 55, 25, 52]), Buffer.alloc(50)])]]],
    ["ARAP", [[70, Buffer.alloc(16)]]],
    ["Digest", [[103, "abc"]]],
  ] as const) {
    it(`names ${method} as what it cannot check`, async () => {
      const { password: _password, ...request } = login(attributes);
      assert.equal((await client.ask(request)).code, 3);
      assert.deepEqual(world.asked[0]!.credential, { method: "unsupported", name: method });
    });
  }

  for (const [what, attributes] of [
    ["two passwords", [[2, Buffer.alloc(16)]]],
    ["a password beside CHAP", [[3, Buffer.alloc(17)]]],
  ] as const) {
    it(`answers nothing to ${what}`, async () => {
      client.send(requestBytes(login(attributes)));
      await world.settled(1);
      assert.equal(world.server.tallies().authentication.malformed, 1);
      assert.equal(world.asked.length, 0);
    });
  }

  it("answers a name that it knows and no other address", async () => {
    world.clients.clear();
    client.send(requestBytes(login()));
    client.send(Buffer.from("anything"));
    await world.settled(2);
    assert.equal(world.server.tallies().authentication.unknown_client, 2);
    assert.deepEqual([world.asked.length, client.waiting()], [0, 0]);
  });

  it("answers no other code than its port is for", async () => {
    for (const code of [0, 2, 3, 4, 5, 11, 13, 40, 43, 255]) client.send(requestBytes({ ...login(), code, messageAuthenticator: "none" }));
    await world.settled(10);
    assert.equal(world.server.tallies().authentication.unexpected_code, 10);
  });

  it("counts a change of the secret from the next packet on", async () => {
    await client.ask(login());
    world.clients.set("127.0.0.1", { ...world.clients.get("127.0.0.1")!, secret: Buffer.from("new") });
    assert.equal((await client.ask({ ...login(), secret: "new" })).code, 2);
  });

  it("rejects, and says why, what it cannot write: the attribute may be what restricts", async () => {
    for (const attributes of [
      [{ attribute: "Sesion-Timeout", value: "1" }],
      [{ attribute: "Session-Timeout", value: "soon" }],
      [{ attribute: "Message-Authenticator", value: "0x00" }],
      [{ attribute: "Simultaneous-Use", value: "1" }],
      Array.from({ length: 40 }, () => ({ attribute: "Reply-Message", value: "x".repeat(200) })),
    ]) {
      world.authorize = async (request) => acceptWith(request, attributes);
      const answer = await client.ask(login());
      assert.deepEqual([answer.code, answer.attributes.length], [3, 2]);
    }
    assert.equal(world.lines.filter(({ level }) => level === "warn").length, 5);
  });

  it("rejects an answer that leaves no room for the Proxy-State of its request", async () => {
    const messages = Array.from({ length: 15 }, () => ({ attribute: "Reply-Message", value: "x".repeat(253) }));
    world.authorize = async (request) => acceptWith(request, messages);
    assert.equal((await client.ask(login())).code, 2);
    const answer = await client.ask(login([[33, Buffer.alloc(250, 1)]]));
    assert.equal(answer.code, 3);
    assert.deepEqual(answer.attributes.find(({ number }) => number === 33)?.value, Buffer.alloc(250, 1));
  });

  it("answers nothing where the decision fails, and decides again at the retransmission", async () => {
    const bytes = requestBytes(login());
    world.authorize = () => Promise.reject(new Error("the database is gone"));
    client.send(bytes);
    await world.settled(1);
    assert.equal(client.waiting(), 0);
    world.authorize = judgePassword;
    client.send(bytes);
    assert.equal(readAnswer(await client.next(), bytes, radiusSecret).code, 2);
    assert.equal(world.asked.length, 2);
  });

  it("goes on where what it knows of a client is broken", async () => {
    const cafe = world.clients.get("127.0.0.1")!;
    world.clients.set("127.0.0.1", { ...cafe, secret: Buffer.alloc(0) });
    client.send(requestBytes(login()));
    await world.settled(1);
    assert.equal(world.server.tallies().authentication.failed, 1);
    world.clients.set("127.0.0.1", cafe);
    assert.equal((await client.ask(login())).code, 2);
  });

  it("writes no secret into its log, whatever happens", async () => {
    world.authorize = () => Promise.reject(new Error("the database is gone"));
    for (const request of [
      login(),
      { ...login(), messageAuthenticator: "forged" as const },
      { ...login(), messageAuthenticator: "none" as const },
    ]) {
      client.send(requestBytes(request));
    }
    client.send(Buffer.from([1, 0, 0, 19]));
    await world.settled(4);
    const log = JSON.stringify(world.lines, (_key, value) => (value instanceof Error ? value.stack : value));
    assert.equal(world.lines.filter(({ level }) => level === "warn").length, 4);
    for (const secret of [radiusSecret, "demo-john-smith"]) assert.equal(log.includes(secret), false);
  });

  it("writes few lines about many datagrams", async () => {
    for (let index = 0; index < 200; index += 1) client.send(Buffer.from([1, index, 0, 19]));
    await world.settled(200);
    assert.equal(world.lines.filter(({ level }) => level === "warn").length, 1);
    world.nowMs += 60_000;
    client.send(Buffer.from([1]));
    await world.settled(201);
    const [, second] = world.lines.filter(({ level }) => level === "warn");
    assert.equal((second!.fields as { unwrittenLines?: number }).unwrittenLines, 199);
  });

  it("goes on after any datagrams", async () => {
    const real = requestBytes(login());
    const datagrams = fc.sample(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
        fc.array(fc.tuple(fc.nat(real.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }).map((flips) => {
          const bytes = Buffer.from(real);
          for (const [at, octet] of flips) bytes[at] = octet;
          return bytes;
        }),
      ),
      500,
    );
    for (const [index, bytes] of datagrams.entries()) {
      client.send(bytes);
      if (index % 20 === 19) await world.settled(index + 1);
    }
    await world.settled(500);
    // Some of them were left whole, and their answers may still be on the way.
    const another = await openRadiusClient(world.authPort);
    assert.equal((await another.ask(login())).code, 2);
    await another.close();
  });
});
