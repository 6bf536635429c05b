import assert from "node:assert/strict";
import { it } from "node:test";
import { parseNetwork } from "@gatehouse-aaa/contract";

it("an address has one spelling", () => {
  for (const [text, canonical] of [
    ["192.0.2.1", "192.0.2.1"],
    ["192.0.2.1/32", "192.0.2.1"],
    ["10.0.0.0/8", "10.0.0.0/8"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["2001:db8::/32", "2001:db8::/32"],
    ["2001:db8::1/128", "2001:db8::1"],
    ["::", "::"],
    ["::/0", "::/0"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::ffff:c000:0201", "192.0.2.1"],
    ["::ffff:10.0.0.0/104", "10.0.0.0/8"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
  ] as const) {
    assert.equal(parseNetwork(text)?.canonical, canonical, text);
    assert.equal(parseNetwork(canonical)?.canonical, canonical);
  }
});

it("what is no address, or a range with bits beyond its length, is none", () => {
  const broken = [
    "",
    "localhost",
    "192.0.2",
    "192.0.2.256",
    "192.0.2.01",
    "192.0.2.1/33",
    "192.0.2.1/24",
    "192.0.2.0/024",
    "192.0.2.0/",
    "1/2/3",
  ];
  broken.push(
    "2001:db8::1::2",
    "2001:db8",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "::g",
    "2001:db8::1/64",
    "::1/129",
    "192.0.2.1:1812",
    " ::1",
    "::ffff:10.0.0.1/104",
  );
  broken.push("::ffff:0.0.0.0/95", "1.2.3.4::", "fe80::1%eth0", "::".repeat(40));
  for (const text of broken) assert.equal(parseNetwork(text), undefined, text);
});
