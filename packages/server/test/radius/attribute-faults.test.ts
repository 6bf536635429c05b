import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkPattern } from "../../src/modules/network/network-access/index.ts";
import { attributeFaults, attributeListFaults } from "../../src/radius/protocol/dictionary/attribute-faults.ts";

const faultsOf = (list: "check" | "reply", attribute: string, op: string, value: string) =>
  attributeFaults(list, { attribute, op, value }, { checkPattern, suggestsNames: true }).map(
    ({ field, sentence }) => `${field}: ${sentence}`,
  );

const unreadable = "Enter a regular expression as RE2 reads it: without look-around and back-references.";

describe("an attribute of a profile", () => {
  for (const [list, attribute, op, value] of [
    ["reply", "Service-Type", ":=", "Framed-User"],
    ["reply", "WISPr-Bandwidth-Max-Down", ":=", "50000000"],
    ["reply", "Filter-Id", ":=", "email-only"],
    ["reply", "Mikrotik-Rate-Limit", "=", "2M/10M"],
    ["reply", "Cisco-AVPair", "+=", "ip:inacl#1=permit ip any any"],
    ["reply", "Tunnel-Private-Group-Id:1", ":=", "30"],
    ["reply", "Tunnel-Password:1", ":=", "secret"],
    ["reply", "Session-Timeout", ":=", "3600"],
    ["reply", "Framed-Pool", ":=", "guests"],
    ["reply", "Class", ":=", ""],
    ["reply", "Attr-26.41112.1", ":=", "0x00"],
    ["reply", "Attr-27", ":=", "60"],
    ["reply", "Attr-27", ":=", "0x0000003c"],
    ["reply", "Attr-64:1", ":=", "VLAN"],
    ["check", "Attr-61", "==", "Virtual"],
    ["check", "NAS-Port-Type", "==", "Virtual"],
    ["check", "NAS-Port-Type", "!=", "5"],
    ["check", "Called-Station-Id", "=~", ":cafe$"],
    ["check", "NAS-Port", ">=", "100"],
    ["check", "Calling-Station-Id", "=*", ""],
    ["check", "Framed-IP-Address", "!*", "any"],
    ["check", "Simultaneous-Use", ":=", "2"],
    ["check", "Auth-Type", ":=", "reject"],
  ] as const) {
    it(`has no fault: ${list} ${attribute} ${op} ${value}`, () => assert.deepEqual(faultsOf(list, attribute, op, value), []));
  }

  for (const [list, attribute, op, value, fault] of [
    [
      "reply",
      "Sesion-Timeout",
      ":=",
      "1",
      "attribute: There is no RADIUS attribute Sesion-Timeout in the dictionary. Did you mean Session-Timeout?",
    ],
    ["reply", "Xyzzy-Plugh-Foo", ":=", "1", "attribute: There is no RADIUS attribute Xyzzy-Plugh-Foo in the dictionary."],
    ["reply", "Session-Timeout:1", ":=", "1", "attribute: Session-Timeout takes no tag such as :1."],
    ["reply", "Tunnel-Type:99", ":=", "VLAN", "attribute: Tunnel-Type takes no tag such as :99."],
    ["reply", "Calling-Station-Id", ":=", "x", "attribute: Calling-Station-Id stands in requests only; no answer carries it."],
    ["reply", "Simultaneous-Use", ":=", "1", "attribute: Simultaneous-Use is for the check list; no answer carries it."],
    ["check", "Session-Timeout", "==", "1", "attribute: Session-Timeout stands in answers only; no request shows it."],
    [
      "check",
      "User-Password",
      "==",
      "x",
      "attribute: User-Password is read and written by the protocol itself; a profile does not hold it.",
    ],
    [
      "reply",
      "Attr-80",
      ":=",
      "0x00",
      "attribute: Message-Authenticator is read and written by the protocol itself; a profile does not hold it.",
    ],
    ["reply", "IP-Port-Range", ":=", "x", "attribute: IP-Port-Range only holds other attributes; name one of those."],
    ["reply", "Session-Timeout", "==", "1", "op: Use =, := or += for what the answer carries."],
    ["check", "Simultaneous-Use", "==", "1", "op: Simultaneous-Use is set, with :=, and not compared."],
    [
      "check",
      "NAS-Port-Type",
      ":=",
      "Virtual",
      "op: Compare with ==, !=, >, >=, <, <=, =~, !~, =* or !*; := sets nothing that a request shows.",
    ],
    ["check", "Simultaneous-Use", ":=", "0x2", "value: Enter an integer from 0 to 999999999."],
    ["check", "Auth-Type", ":=", "Accept", "value: Enter Reject."],
    ["check", "Auth-Type", ":=", "4", "value: Enter Reject."],
    ["check", "User-Name", ">", "a", "op: Use >, >=, < and <= for integers and times only."],
    ["check", "User-Name", "=~", "(", `value: ${unreadable}`],
    ["check", "User-Name", "!~", "^(?!guest)", `value: ${unreadable}`],
    ["check", "User-Name", "=~", "(a)\\1", `value: ${unreadable}`],
    ["reply", "Session-Timeout", ":=", "1h", "value: Enter an integer from 0 to 4294967295."],
    ["reply", "Termination-Action", ":=", "Reset", "value: Enter an integer from 0 to 4294967295, or one of Default, RADIUS-Request."],
    [
      "reply",
      "Service-Type",
      ":=",
      "Framed-Usr",
      "value: Enter an integer from 0 to 4294967295, or the name of one, for example Framed-User.",
    ],
    ["reply", "Attr-27", ":=", "1h", "value: Enter an integer from 0 to 4294967295."],
    ["reply", "Attr-27", ":=", "0x3c", "value: Enter an integer from 0 to 4294967295."],
    ["reply", "Attr-27:1", ":=", "60", "attribute: Attr-27 takes no tag such as :1."],
    ["reply", "Attr-31", ":=", "x", "attribute: Calling-Station-Id stands in requests only; no answer carries it."],
    ["reply", "Attr-26.14988.8", ":=", "x".repeat(248), "value: Use at most 247 octets; these are 248."],
    ["check", "Attr-1", ">", "a", "op: Use >, >=, < and <= for integers and times only."],
    ["reply", "Tunnel-Preference", ":=", "16777216", "value: Enter an integer from 0 to 16777215."],
    ["reply", "Framed-IP-Address", ":=", "10.0.0", "value: Enter an IPv4 address such as 192.0.2.1."],
    ["reply", "Filter-Id", ":=", "", "value: Enter a value; RADIUS has no empty ones."],
    ["reply", "Mikrotik-Rate-Limit", ":=", "x".repeat(248), "value: Use at most 247 octets; these are 248."],
    ["reply", "Filter-Id", ":=", "ä".repeat(127), "value: Use at most 253 octets; these are 254."],
    ["reply", "Tunnel-Password", ":=", "x".repeat(240), "value: Use at most 239 octets; these are 240."],
  ] as const) {
    it(`has one: ${list} ${attribute} ${op} ${value.slice(0, 20)}`, () => assert.deepEqual(faultsOf(list, attribute, op, value), [fault]));
  }

  it("may have two at once", () => assert.equal(faultsOf("reply", "Session-Timeout", "==", "x").length, 2));

  it("whose name is unknown gets suggestions in a list for the first few only, for they cost time", () => {
    const attributes = Array.from({ length: 8 }, () => ({ attribute: "Sesion-Timeout", op: ":=", value: "1" }));
    const faults = attributeListFaults("reply", [{ attribute: "Class", op: ":=", value: "x" }, ...attributes], checkPattern);
    assert.deepEqual(
      faults.map(({ index }) => index),
      [1, 2, 3, 4, 5, 6, 7, 8],
    );
    assert.equal(faults.filter(({ sentence }) => sentence.includes("Did you mean")).length, 3);
  });
});
