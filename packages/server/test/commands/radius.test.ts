import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { createSocket, type RemoteInfo } from "node:dgram";
import { once } from "node:events";
import { describe, it } from "node:test";
import { runProgram, spawnProgram } from "../support/program.ts";
import { openRadiusClient } from "../support/radius-client.ts";

const secret = "s3cret of the café";
const environment = { RADIUS_SECRET: secret };
const md5 = (...parts: readonly (Buffer | string)[]) => {
  const hash = createHash("md5");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

type Attribute = readonly [number: number, value: Buffer];

interface Asked {
  readonly bytes: Buffer;
  readonly code: number;
  readonly authenticator: Buffer;
  readonly attributes: readonly Attribute[];
}

/** A RADIUS server that shares no code with ours. What `react` gives is sent back. */
const openServer = async (react: (asked: Asked, count: number) => Buffer | undefined) => {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const asked: Asked[] = [];
  socket.on("message", (bytes: Buffer, from: RemoteInfo) => {
    const attributes: Attribute[] = [];
    for (let at = 20; at < bytes.length; at += bytes[at + 1]!) attributes.push([bytes[at]!, bytes.subarray(at + 2, at + bytes[at + 1]!)]);
    asked.push({ bytes, code: bytes[0]!, authenticator: bytes.subarray(4, 20), attributes });
    const answer = react(asked.at(-1)!, asked.length);
    if (answer) socket.send(answer, from.port, from.address);
  });
  return { asked, port: socket.address().port, close: () => socket.close() };
};

/** An answer that is signed for what was asked, with its Message-Authenticator first (RFC 3579 §3.2). */
const answered = (asked: Asked, code: number, attributes: readonly Attribute[] = [], key = secret): Buffer => {
  const all: Attribute[] = [[80, Buffer.alloc(16)], ...attributes];
  const body = Buffer.concat(all.map(([number, value]) => Buffer.concat([Buffer.from([number, value.length + 2]), value])));
  const bytes = Buffer.concat([Buffer.from([code, asked.bytes[1]!, 0, 20 + body.length]), asked.authenticator, body]);
  createHmac("md5", key).update(bytes).digest().copy(bytes, 22);
  md5(bytes, key).copy(bytes, 4);
  return bytes;
};

const octetsOf = ({ attributes }: Asked, number: number): Buffer | undefined => attributes.find(([own]) => own === number)?.[1];

/** Asks a server of ours, and gives how the command ended. */
const ask = async (react: (asked: Asked, count: number) => Buffer | undefined, kind: string, ...args: readonly string[]) => {
  const server = await openServer(react);
  try {
    const ended = await runProgram(["radius", kind, "--server", `127.0.0.1:${server.port}`, ...args], environment);
    return { ...ended, asked: server.asked };
  } finally {
    server.close();
  }
};
const quick = ["--timeout", "1", "--tries", "2"];

describe("gatehouse radius", () => {
  it("asks for a login as equipment does, and shows the answer in FreeRADIUS' words", async () => {
    const rate = Buffer.concat([Buffer.from([0, 0, 0x3a, 0x8c, 8, 7]), Buffer.from("2M/5M")]);
    const accept = (one: Asked) =>
      answered(one, 2, [
        [27, Buffer.from([0, 0, 2, 88])],
        [26, rate],
        [18, Buffer.from('say "hi"')],
      ]);
    const { code, stdout, asked } = await ask(
      accept,
      "auth",
      "User-Name=gäst",
      "User-Password = a long password of two blocks",
      "NAS-Port=7",
    );
    assert.equal(code, 0);
    assert.equal(
      stdout,
      'Access-Accept\n    Session-Timeout = 600\n    Mikrotik-Rate-Limit = "2M/5M"\n    Reply-Message = "say \\"hi\\""\n',
    );
    const [one] = asked as [Asked];
    assert.deepEqual([one.code, octetsOf(one, 1)!.toString(), octetsOf(one, 5)!.readUInt32BE(0)], [1, "gäst", 7]);
    assert.equal(one.attributes[0]![0], 80, "the Message-Authenticator stands first");
    const blank = Buffer.concat([one.bytes.subarray(0, 22), Buffer.alloc(16), one.bytes.subarray(38)]);
    assert.deepEqual(createHmac("md5", secret).update(blank).digest(), octetsOf(one, 80));
    const hidden = octetsOf(one, 2)!;
    let clear = "";
    for (let at = 0; at < hidden.length; at += 16) {
      const stream = md5(secret, at === 0 ? one.authenticator : hidden.subarray(at - 16, at));
      clear += Buffer.from(stream.map((octet, index) => octet ^ hidden[at + index]!)).toString();
    }
    assert.equal(clear.replace(/\0+$/, ""), "a long password of two blocks");
  });

  it("proves a password by CHAP for its own authenticator", async () => {
    const { asked } = await ask((one) => answered(one, 2), "auth", "User-Name=guest", "CHAP-Password=welcome");
    const proof = octetsOf(asked[0]!, 3)!;
    assert.deepEqual(proof.subarray(1), md5(proof.subarray(0, 1), "welcome", asked[0]!.authenticator));
  });

  it("ends with 1 where the login is refused, and shows why", async () => {
    const { code, stdout } = await ask((one) => answered(one, 3, [[18, Buffer.from("No time.")]]), "auth", "User-Name=guest");
    assert.deepEqual([code, stdout], [1, 'Access-Reject\n    Reply-Message = "No time."\n']);
  });

  it("signs reports, sends the same bytes again while nothing comes, and takes no answer of another secret", async () => {
    const react = (one: Asked, count: number) => (count === 1 ? answered(one, 5, [], "another secret") : answered(one, 5));
    const { code, stdout, asked } = await ask(react, "acct", "Acct-Status-Type=Start", "Acct-Session-Id=1", ...quick);
    assert.deepEqual([code, stdout, asked.length], [0, "Accounting-Response\n", 2]);
    const [first, second] = asked as [Asked, Asked];
    assert.deepEqual(first.bytes, second.bytes);
    const unsigned = Buffer.concat([first.bytes.subarray(0, 4), Buffer.alloc(16), first.bytes.subarray(20)]);
    assert.deepEqual(md5(unsigned, secret), first.authenticator);
    assert.equal(octetsOf(first, 40)!.readUInt32BE(0), 1, "Start");
  });

  it("says in a sentence why nothing came", async () => {
    const silent = await ask(() => undefined, "status", ...quick);
    assert.equal(silent.code, 1);
    assert.match(silent.stderr, /^gatehouse: No answer from 127\.0\.0\.1 port \d+: there is no AAA client/);
    const forged = await ask((one) => answered(one, 2, [], "another secret"), "status", ...quick);
    assert.match(forged.stderr, /is not signed with this secret/);
    const server = await openServer(() => undefined);
    server.close();
    const refused = await runProgram(["radius", "status", "--server", `127.0.0.1:${server.port}`, ...quick], environment);
    assert.match(refused.stderr, /Nobody listens at 127\.0\.0\.1 port/);
    const unknown = await runProgram(["radius", "status", "--server", "no-such-host.invalid"], environment);
    assert.match(unknown.stderr, /Nothing can be sent to no-such-host\.invalid port 1812/);
  });

  it("names what it does not understand, and sends nothing", async () => {
    for (const [args, sentence] of [
      [["auth", "User-Nmae=guest"], /There is no RADIUS attribute User-Nmae in the dictionary\. Did you mean User-Name\?/],
      [["auth", "guest"], /"guest" is no attribute\. Write it as Name=value/],
      [["acct", "Acct-Session-Time=long"], /Acct-Session-Time: Enter an integer/],
      [["auth", `User-Password=${"x".repeat(129)}`], /User-Password: RADIUS carries at most 128 octets/],
      [["auth"], /missing required argument/],
      [["status", "--server", "::1:1812:x"], /Write it as 192\.0\.2\.5/],
      [["status", "--tries", "0"], /Give a number from 1 to 100/],
      [["listen", "--port", "99999"], /Give a number from 0 to 65535/],
    ] as const) {
      const { code, stderr } = await runProgram(["radius", ...args], environment);
      assert.equal(code, 1, args.join(" "));
      assert.match(stderr, sentence);
      assert.doesNotMatch(stderr, /^\s+at |s3cret|xxxx/m);
    }
    const without = await runProgram(["radius", "status"], {});
    assert.match(without.stderr, /required option '--secret <secret>' not specified/);
  });

  for (const [refusal, code] of [
    [[], 41],
    [["--refuse", "503"], 42],
  ] as const) {
    it(`receives requests of its secret alone, and ${code === 41 ? "obeys" : "refuses"} them`, async () => {
      const child = spawnProgram(["radius", "listen", "--port", "0", ...refusal], environment);
      let said = "";
      child.stdout!.on("data", (chunk: Buffer) => {
        said += chunk.toString();
      });
      const ended = once(child, "close");
      const until = async (text: RegExp) => {
        while (!text.test(said)) await Promise.race([once(child.stdout!, "data"), ended.then(() => assert.fail(`it ended:\n${said}`))]);
      };
      await until(/are received on UDP 127\.0\.0\.1 port \d+/);
      const equipment = await openRadiusClient(Number(/port (\d+)/.exec(said)![1]));
      try {
        const request = { code: 40, identifier: 9, secret, attributes: [[44, "session-1"]] } as const;
        const stranger = await openRadiusClient(Number(/port (\d+)/.exec(said)![1]));
        await assert.rejects(
          Promise.race([
            stranger.ask({ ...request, secret: "another secret" }),
            until(/Not obeyed: .* signed with another secret/).then(() => assert.fail("silent")),
          ]),
          /silent/,
        );
        await stranger.close();
        const answer = await equipment.ask(request);
        assert.equal(answer.code, code);
        const cause = answer.attributes.find(({ number }) => number === 101)?.value.readUInt32BE(0);
        assert.equal(cause, code === 42 ? 503 : undefined);
        const changed = await equipment.ask({
          ...request,
          code: 43,
          attributes: [
            [44, "session-1"],
            [27, 300],
          ],
        });
        assert.equal(changed.code, code + 3);
        await until(/^CoA-Request {2}Acct-Session-Id = "session-1" {2}Session-Timeout = 300$/m);
        assert.match(said, /^Disconnect-Request {2}Acct-Session-Id = "session-1"$/m);
      } finally {
        await equipment.close();
        child.kill("SIGTERM");
        assert.deepEqual((await ended).slice(0, 1), [0], said);
      }
    });
  }
});
