import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isSecretValue } from "../../src/radius/protocol/dictionary/secret-values.ts";

describe("a secret in a vendor's text", () => {
  for (const [name, value] of [
    ["Cisco-AVPair", "lcp:interface-config=crypto isakmp key S address 1.2.3.4"],
    ["Cisco-AVPair", "lcp:interface-config#1=ppp chap password 7 0822455D0A16"],
    ["Cisco-AVPair", "lcp:interface-config=snmp-server community private RW"],
    ["Cisco-AVPair", "ipsec:tunnel-password=S"],
    ["Cisco-AVPair", "ip ospf message-digest-key 1 md5 S"],
    ["Cisco-AVPair", "radius-server key S"],
    ["Cisco-AVPair", "wpa passphrase ascii S"],
    ["Cisco-AVPair", "enable secret 5 $1$S"],
    ["Cisco-AVPair", "url-redirect=https://192.0.2.1/portal?sessionId=1&token=S"],
    ["Attr-26.9.1", "lcp:interface-config=crypto isakmp key S address 1.2.3.4"],
    ["Attr-26.9.1", `0x${Buffer.from("isakmp key S").toString("hex")}`],
    ["Attr-26.99999.1", `0x${Buffer.from("pre-shared-key S").toString("hex")}`],
    ["H3C-Av-Pair", "shell:psk: S"],
    ["Attr-69", "S"],
    ["Attr-26.311.16", "S"],
  ] as const) {
    it(`is seen: ${name} ${value}`, () => assert.equal(isSecretValue(name, value), true));
  }

  for (const [name, value] of [
    ["Cisco-AVPair", "ip:inacl#1=permit ip any any"],
    ["Cisco-AVPair", "shell:priv-lvl=15"],
    ["Cisco-AVPair", "ipsec:key-exchange=ike"],
    ["Cisco-AVPair", "ip:addr-pool=guests"],
    ["Mikrotik-Rate-Limit", "2M/10M"],
    ["Reply-Message", "Ask the desk for the password of today"],
    ["Session-Timeout", "60"],
    ["Attr-27", "60"],
  ] as const) {
    it(`is not supposed: ${name} ${value}`, () => assert.equal(isSecretValue(name, value), false));
  }
});
