import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import type { AttributeDefinition } from "../../src/radius/protocol/dictionary/attribute-definition.ts";
import { canonicalValue } from "../../src/radius/protocol/dictionary/attribute-faults.ts";
import { allDefinitions } from "../../src/radius/protocol/dictionary/dictionary.ts";
import { radiusServerCases, secretOf } from "../radius/radius-server-cases.ts";
import { spawnProgram } from "../support/program.ts";
import { acceptWith, judgePassword, openRadiusServerWorld, type RadiusServerWorld, radiusSecret } from "../support/radius-server-world.ts";
import { type RadclientRequest, radclientSignsItself, runRadclient } from "./radclient.ts";

const sign = ["Message-Authenticator", "0x00"] as const;

describe("the RADIUS server answers radclient", () => {
  let world: RadiusServerWorld;
  before(async () => {
    world = await openRadiusServerWorld();
  });
  after(() => world.close());

  for (const { title, request, requiresMessageAuthenticator = true, account = "stored", expected } of radiusServerCases) {
    const isUnsigned = request.isSigned === false;
    const cannot =
      isUnsigned && (request.kind.startsWith("status") || (request.kind === "auth" && radclientSignsItself()))
        ? "this radclient signs such a request by itself"
        : false;
    it(title, { skip: cannot }, async () => {
      world.clients.set("127.0.0.1", { ...world.clients.get("127.0.0.1")!, requiresMessageAuthenticator });
      world.account = account === "fails" ? () => Promise.reject(new Error("the database is gone")) : async () => account;
      const secrets = [
        ...(request.password === undefined ? [] : [["User-Password", request.password] as const]),
        ...(request.chapPassword === undefined ? [] : [["CHAP-Password", request.chapPassword] as const]),
      ];
      const report = await runRadclient({
        port: request.kind.endsWith("acct") ? world.acctPort : world.authPort,
        command: request.kind.startsWith("status") ? "status" : (request.kind as "auth" | "acct"),
        secret: secretOf(request),
        attributes: [...request.attributes, ...secrets, ...(isUnsigned ? [] : [sign])],
      });
      if (expected === "silence") {
        assert.equal(report.code, undefined, report.output);
        return;
      }
      const attributes: Record<string, string[]> = {};
      for (const [name, text] of report.attributes) {
        if (name !== "Message-Authenticator") attributes[name] = [...(attributes[name] ?? []), text];
      }
      assert.deepEqual({ code: report.code, attributes }, expected, report.output);
    });
  }
});

describe("gatehouse radius listen", () => {
  it("acknowledges radclient's CoA-Requests and Disconnect-Requests, with signatures that it accepts", async () => {
    const child = spawnProgram(["radius", "listen", "--port", "0"], { RADIUS_SECRET: radiusSecret });
    const ended = once(child, "close");
    try {
      let said = "";
      while (!/port \d+/.test(said)) said += String((await once(child.stdout!, "data"))[0]);
      const port = Number(/port (\d+)/.exec(said)![1]);
      for (const [command, ack] of [
        ["disconnect", "Disconnect-ACK"],
        ["coa", "CoA-ACK"],
      ] as const) {
        const report = await runRadclient({
          port,
          command,
          secret: radiusSecret,
          attributes: [["Acct-Session-Id", "session-1"], sign],
          patienceSeconds: 20,
        });
        assert.match(report.output, new RegExp(`^Received ${ack} `, "m"));
      }
    } finally {
      child.kill("SIGTERM");
      await ended;
    }
  });
});

/** A value of each attribute, as we write it. */
const sampleOf = ({ name, type, nameOfNumber }: AttributeDefinition): string => {
  const [named] = nameOfNumber.values();
  if (named !== undefined) return named;
  const samples: Readonly<Record<string, string>> = {
    string: `text of ${name.slice(0, 20)} ä`,
    octets: "0x00ff10",
    date: "2026-01-05T10:00:00Z",
    ipaddr: "192.0.2.17",
    ipv6addr: "2001:db8::17",
    ipv6prefix: "2001:db8:17::/48",
    ifid: "0:0:1:ab",
    ether: "00:11:22:aa:bb:cc",
    byte: "200",
    short: "60000",
    signed: "-7",
    integer64: "18446744073709551615",
  };
  return samples[type] ?? "70000";
};

const chunks = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, index) => list.slice(index * size, (index + 1) * size));

/** Names that the FreeRADIUS of Debian 12 has not. */
const oursAlone = /^ChilliSpot-Max-\w+-Gigawords$/;

describe("FreeRADIUS and we mean the same octets", () => {
  const wire = allDefinitions().filter(({ type, use, name }) => type !== "tlv" && use !== "control" && !oursAlone.test(name));
  let world: RadiusServerWorld;
  before(async () => {
    world = await openRadiusServerWorld();
  });
  after(() => world.close());
  const ask = (attributes: RadclientRequest["attributes"]) =>
    runRadclient({
      port: world.authPort,
      command: "auth",
      secret: radiusSecret,
      attributes: [["User-Name", "john.smith"], ["User-Password", "x"], ...attributes, sign],
    });
  const sortedTexts = (list: readonly (readonly [string, string])[]) => list.map(([name, text]) => `${name} = ${text}`).sort();

  it("in answers, attribute by attribute", async () => {
    const written = wire.filter(({ use }) => use !== "protocol");
    for (const chunk of chunks(written, 20)) {
      const given = chunk.map((definition) => [definition.name + (definition.isTagged ? ":3" : ""), sampleOf(definition)] as const);
      world.authorize = async (request) =>
        acceptWith(
          request,
          given.map(([attribute, value]) => ({ attribute, value })),
        );
      const report = await ask([]);
      const read = report.attributes
        .filter(([name]) => name !== "Message-Authenticator")
        .map(([name, text]) => [name, canonicalValue(name, text) ?? text] as const);
      // What is octets here may be shown as text there, and is compared as octets.
      const expected = given.map(([name, text]) => [name, canonicalValue(name, text)!] as const);
      assert.deepEqual(sortedTexts(read), sortedTexts(expected), report.output);
    }
  });

  it("in requests, attribute by attribute", async () => {
    const shown = wire.filter(({ use, isSecret, name }) => use !== "protocol" && !isSecret && name !== "User-Name");
    world.authorize = judgePassword;
    for (const chunk of chunks(shown, 20)) {
      const given = chunk.map((definition) => [definition.name + (definition.isTagged ? ":3" : ""), sampleOf(definition)] as const);
      world.asked.length = 0;
      // FreeRADIUS' reader of times wants its own form.
      const { output } = await ask(
        given.map(([name, text]) => [name, text === "2026-01-05T10:00:00Z" ? "Jan  5 2026 10:00:00 UTC" : text]),
      );
      assert.equal(world.asked.length, 1, output);
      const read = Object.entries(world.asked[0]!.attributes).flatMap(([name, texts]) => texts.map((text) => [name, text] as const));
      assert.deepEqual(
        sortedTexts(read.filter(([name]) => name !== "User-Name")),
        sortedTexts(given.map(([name, text]) => [name, canonicalValue(name, text)!] as const)),
        output,
      );
    }
  });
});
