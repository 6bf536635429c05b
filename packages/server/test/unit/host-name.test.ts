import assert from "node:assert/strict";
import { it } from "node:test";
import { parseHostName } from "@gatehouse-aaa/contract";

it("a DNS name has one spelling", () => {
  for (const [text, name] of [
    ["ap.example.net", "ap.example.net"],
    ["AP-1.Example.NET.", "ap-1.example.net"],
    ["controller", "controller"],
    ["1.pool.ntp.org", "1.pool.ntp.org"],
    [`${"a".repeat(63)}.net`, `${"a".repeat(63)}.net`],
    [`${"a.".repeat(126)}b`, `${"a.".repeat(126)}b`],
  ] as const) {
    assert.equal(parseHostName(text), name, text);
  }
});

it("what is no DNS name is none", () => {
  const texts = ["", ".", "a..b", ".a", "-a.net", "a-.net", "a_b.net", "a b.net", "ä.net", "a.net/24", "a.net:53", "*.example.net"];
  const tooLong = [`${"a".repeat(64)}.net`, `${"a.".repeat(127)}b`, "a".repeat(100_000)];
  const mistypedAddresses = ["10.2.1.300", "10.2.1", "1", "192.0.2.1."];
  for (const text of [...texts, ...tooLong, ...mistypedAddresses]) assert.equal(parseHostName(text), undefined, text.slice(0, 80));
});
