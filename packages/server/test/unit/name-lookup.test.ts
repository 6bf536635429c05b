import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { createDnsLookup } from "../../src/outbound/name-lookup.ts";

const types: Readonly<Record<number, string>> = { 1: "A", 28: "AAAA" };

/** The name and type that a query asks for, and where its question ends. */
const questionIn = (query: Buffer) => {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join("."), type: types[query.readUInt16BE(at + 1)], end: at + 5 };
};

describe("DNS as AAA clients' names are looked up by", () => {
  const server = createSocket("udp4");
  let lookup: ReturnType<typeof createDnsLookup>;
  before(async () => {
    server.on("message", (query, from) => {
      const { name, type, end } = questionIn(query);
      const isThere = name === "ap.example.net";
      const answers =
        isThere && type === "A"
          ? [
              [192, 0, 2, 7],
              [192, 0, 2, 8],
            ]
          : [];
      const header = Buffer.from(query.subarray(0, 12));
      header.writeUInt16BE(isThere ? 0x8180 : 0x8183, 2);
      header.writeUInt16BE(answers.length, 6);
      header.fill(0, 8, 12);
      const records = answers.map((address) => Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address]));
      server.send(Buffer.concat([header, query.subarray(12, end), ...records]), from.port, from.address);
    });
    server.bind(0, "127.0.0.1");
    await once(server, "listening");
    lookup = createDnsLookup([`127.0.0.1:${server.address().port}`]);
  });
  after(() => {
    lookup.close();
    server.close();
  });

  it("gives addresses, none where a name has none of the kind, and an error where there is no such name", async () => {
    assert.deepEqual([...(await lookup.resolve("ap.example.net", 4))].sort(), ["192.0.2.7", "192.0.2.8"]);
    assert.deepEqual(await lookup.resolve("ap.example.net", 6), []);
    await assert.rejects(lookup.resolve("nowhere.example.net", 4), { code: "ENOTFOUND" });
  });
});
