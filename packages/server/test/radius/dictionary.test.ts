import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { encodeAttribute } from "../../src/radius/protocol/dictionary/attribute-encoding.ts";
import { findAttribute } from "../../src/radius/protocol/dictionary/attribute-names.ts";
import { allDefinitions, attributeNames } from "../../src/radius/protocol/dictionary/dictionary.ts";
import { attributeNumber } from "../../src/radius/protocol/packet/packet-code.ts";

describe("the dictionary", () => {
  it("names and numbers nothing twice", () => {
    const names = attributeNames().map((name) => name.toLowerCase());
    assert.equal(new Set(names).size, names.length);
    const places = allDefinitions()
      .filter(({ use }) => use !== "control")
      .map(({ vendor, path }) => `${vendor?.id ?? 0}/${path.join(".")}`);
    assert.equal(new Set(places).size, places.length);
  });

  it("has names that a profile may hold, and numbers that fit the wire", () => {
    for (const { name, path, vendor } of allDefinitions()) {
      assert.match(name, /^[A-Za-z0-9][A-Za-z0-9._-]*$/, name);
      const highest = vendor ? 2 ** (8 * (vendor.typeOctets ?? 1)) - 1 : 255;
      assert.ok(
        path.every((number, index) => Number.isInteger(number) && number >= 0 && number <= (index === 0 ? highest : 255)),
        name,
      );
    }
  });

  it("gives names to values of numbers only, and takes every one of them", () => {
    for (const { name, type, numberOfName, nameOfNumber } of allDefinitions()) {
      if (nameOfNumber.size > 0) assert.ok(["integer", "byte", "short"].includes(type), name);
      for (const [value, number] of numberOfName) {
        assert.doesNotMatch(value, /^\d+$/, `${name}: a value named by digits`);
        assert.deepEqual(encodeAttribute(name, value), encodeAttribute(name, String(number)), `${name} ${value}`);
      }
    }
  });

  it("hides from readers what would help to find a password", () => {
    for (const name of [
      "User-Password",
      "CHAP-Password",
      "CHAP-Challenge",
      "EAP-Message",
      "Tunnel-Password",
      "MS-CHAP2-Response",
      "MS-MPPE-Send-Key",
    ]) {
      assert.equal(findAttribute(name)!.definition.isSecret, true, name);
    }
  });

  it("agrees with the numbers by which the protocol reads", () => {
    for (const [name, number] of [
      ["User-Name", attributeNumber.userName],
      ["User-Password", attributeNumber.userPassword],
      ["CHAP-Password", attributeNumber.chapPassword],
      ["CHAP-Challenge", attributeNumber.chapChallenge],
      ["Vendor-Specific", attributeNumber.vendorSpecific],
      ["Proxy-State", attributeNumber.proxyState],
      ["Event-Timestamp", attributeNumber.eventTimestamp],
      ["EAP-Message", attributeNumber.eapMessage],
      ["Message-Authenticator", attributeNumber.messageAuthenticator],
      ["Error-Cause", attributeNumber.errorCause],
    ] as const) {
      assert.deepEqual(findAttribute(name)!.definition.path, [number]);
    }
  });

  for (const [name, meant, tag] of [
    ["session-timeout", "Session-Timeout", undefined],
    ["Tunnel-Type:31", "Tunnel-Type", 31],
    ["Tunnel-Type:0", "Tunnel-Type", undefined],
    ["attr-26.9.1", "Cisco-AVPair", undefined],
    ["Attr-26.311.16", "MS-MPPE-Send-Key", undefined],
    ["Attr-26.00311.016", "MS-MPPE-Send-Key", undefined],
    ["Attr-69:3", "Tunnel-Password", 3],
    ["Attr-27", "Session-Timeout", undefined],
    ["Attr-26.9.199", "Attr-26.9.199", undefined],
    ["Attr-241.200", "Attr-241.200", undefined],
    ["Attr-245.26.9.1", "Attr-245.26.9.1", undefined],
    ["Attr-99", "Framed-IPv6-Route", undefined],
    ["Attr-250", "Attr-250", undefined],
  ] as const) {
    it(`finds ${name}`, () => {
      const found = findAttribute(name)!;
      assert.deepEqual([found.definition.name, found.tag], [meant, tag]);
    });
  }

  for (const name of [
    "",
    ":1",
    "Sesion-Timeout",
    "toString",
    "__proto__",
    "Session-Timeout:1",
    "Tunnel-Type:32",
    "Tunnel-Type:x",
    "Tunnel-Type:1:1",
    "Attr-0",
    "Attr-256",
    "Attr-26",
    "Attr-26.9",
    "Attr-26.9.256",
    "Attr-26.16777216.1",
    "Attr-241",
    "Attr-241.256",
    "Attr-241.26.9",
    "Attr-1.2",
    "Attr-26.9.1.1.1.1.1.1.1",
    "Attr-27:1",
    "Attr-26.311.16:1",
    "Attr-26.311.16.5",
  ]) {
    it(`does not know ${JSON.stringify(name)}`, () => assert.equal(findAttribute(name), undefined));
  }

  it("knows each of its attributes by numbers, too", () => {
    for (const definition of allDefinitions().filter(({ use, type }) => use !== "control" && type !== "tlv")) {
      const { vendor, path } = definition;
      const numbers = `Attr-${[...(vendor ? [26, vendor.id] : []), ...path].join(".")}`;
      assert.equal(findAttribute(numbers)?.definition, definition, numbers);
    }
    // What holds others is given whole by its numbers: nothing within it may need hiding.
    const within = allDefinitions().flatMap(({ children }) => [...children.values()]);
    assert.deepEqual(
      within.filter(({ hiding, isSecret }) => hiding !== undefined || isSecret),
      [],
    );
  });

  it("keeps the rules of a known attribute under its numbers, too", () => {
    for (const [raw, name] of [
      ["Attr-2", "User-Password"],
      ["Attr-80", "Message-Authenticator"],
      ["Attr-26.311.25", "MS-CHAP2-Response"],
      ["Attr-241.4", "Original-Packet-Code"],
    ] as const) {
      assert.equal(findAttribute(raw)!.definition.use, findAttribute(name)!.definition.use);
      assert.equal(findAttribute(raw)!.definition.isSecret, findAttribute(name)!.definition.isSecret);
    }
  });
});
