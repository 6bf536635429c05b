import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readAttributes } from "../../src/radius/protocol/dictionary/attribute-reading.ts";
import { checkMessageAuthenticator, isSignedRequest } from "../../src/radius/protocol/packet/authenticators.ts";
import { chapProofOf, provesPassword } from "../../src/radius/protocol/packet/chap.ts";
import { revealPassword } from "../../src/radius/protocol/packet/hidden-value.ts";
import { readPacket, valuesOf } from "../../src/radius/protocol/packet/packet.ts";
import { sharedSecretOf } from "../../src/radius/protocol/packet/shared-secret.ts";

const bytes = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ""), "hex");
const secret = sharedSecretOf(Buffer.from("testing123"));

/** What radclient 3.2.1 sent, told to send what the tests expect. */
const captured = {
  login: bytes(`
    019c0170 0ecf879e e36f0728 93c59bda a67492f2 010f6ac3 bc726765 6e406361 66c3a902 126f9964 c2b7329a 4f8945ff
    7b0acd47 f90406c0 0002015f 1220010d b8000000 00000000 00000000 01050600 0007d106 06000000 021e1941 412d4242
    2d43432d 44442d45 452d4646 3a436166 c3a91f13 30302d31 312d3232 2d33332d 34342d35 35200863 6166652d 313d0600
    00001360 0a000000 00000000 ab370669 5b8ba01a 0c00003a 8c0a060a 0532031a 0e00003a 8c090867 75657374 731a2900
    00372a01 2369736f 63633d64 652c6363 3d34392c 61633d33 302c6e65 74776f72 6b3d4361 66651a17 000028af 01113236
    32303131 32333435 36373839 301a0900 0028af15 03031a0d 00001fe4 00020007 76706e1a 0e000060 b5010800 0105312e
    301a0e00 0060b52e 08000102 0304051a 0d000001 ad000000 e9353535 1a0d0000 12ee0002 07000000 03590300 f10508ff
    001a0a00 00a09803 04010221 03315012 a45a73da cc880b33 f69e44c5 e7d9eb9c
  `),
  chap: bytes(`
    01960047 f30f1010 9ec3b0f8 f240e1f2 a23fae69 0108666c 6f707379 0313dc98 0fa98b81 62a4c591 fa2127e1 0fcefd05
    06000000 14501227 a78c829a 5d6cb2d4 458f04a2 01202d
  `),
  interim: bytes(`
    04540078 041c8057 7573c5ee 5b071a9f dddc5e18 01096ac3 bc726765 6e280600 0000032c 0a383061 30303030 312e0600
    000e102a 06ffffff ff340600 00000329 06000000 05611400 3020010d b8001700 00000000 00000000 00190576 69704006
    0100000d 51050133 30f10f05 02060000 04000306 c0000209
  `),
  status: bytes(`
    0cb40026 2c289935 ac80a818 3e36148e fffa6f16 5012c077 8795e6c8 3ff502eb 92a64d87 e0e3
  `),
  disconnect: bytes(`
    28270036 3f38fbf8 5b6ff941 6ec84e67 688313fe 2c0a3830 61303030 30310406 c0000201 50120e82 e5877036 5116fc14
    94ad4dd3 2e99
  `),
};

const packetOf = (name: keyof typeof captured) => {
  const read = readPacket(captured[name]);
  assert.ok("packet" in read);
  return read.packet;
};

describe("packets of radclient", () => {
  it("are signed for who knows the secret", () => {
    for (const name of ["login", "chap", "status", "disconnect"] as const) {
      assert.equal(checkMessageAuthenticator(packetOf(name), secret), "valid", name);
    }
    for (const name of ["interim", "disconnect"] as const) assert.equal(isSignedRequest(packetOf(name), secret), true, name);
  });

  it("show a login with attributes of many types and vendors", () => {
    const packet = packetOf("login");
    assert.equal(revealPassword(valuesOf(packet, 2)[0]!, packet, secret)!.toString(), "pässwörd of 20");
    assert.deepEqual(
      { ...readAttributes(packet) },
      {
        "User-Name": ["jürgen@café"],
        "NAS-IP-Address": ["192.0.2.1"],
        "NAS-IPv6-Address": ["2001:db8::1"],
        "NAS-Port": ["2001"],
        "Service-Type": ["Framed-User"],
        "Called-Station-Id": ["AA-BB-CC-DD-EE-FF:Café"],
        "Calling-Station-Id": ["00-11-22-33-44-55"],
        "NAS-Identifier": ["cafe-1"],
        "NAS-Port-Type": ["Wireless-802.11"],
        "Framed-Interface-Id": ["0:0:0:ab"],
        "Event-Timestamp": ["2026-01-05T10:00:00Z"],
        "Mikrotik-Host-IP": ["10.5.50.3"],
        "Mikrotik-Realm": ["guests"],
        "WISPr-Location-ID": ["isocc=de,cc=49,ac=30,network=Cafe"],
        "3GPP-IMSI": ["262011234567890"],
        "3GPP-RAT-Type": ["WLAN"],
        "SN-VPN-Name": ["vpn"],
        "WiMAX-Release": ["1.0"],
        "WiMAX-BS-Id": ["0x0102030405"],
        "USR-Last-Callers-Number-ANI": ["555"],
        "Lucent-Max-Shared-Users": ["3"],
        "Chargeable-User-Identity": ["0x00"],
        "Operator-NAS-Identifier": ["0xff00"],
        "Attr-26.41112.3": ["0x0102"],
        "Proxy-State": ["0x31"],
      },
    );
  });

  it("prove a password by CHAP", () => {
    const proof = chapProofOf(packetOf("chap"))!;
    assert.equal(provesPassword(proof, "arctangent"), true);
    assert.equal(provesPassword(proof, "tangent"), false);
  });

  it("report a session", () => {
    assert.deepEqual(
      { ...readAttributes(packetOf("interim")) },
      {
        "User-Name": ["jürgen"],
        "Acct-Status-Type": ["Interim-Update"],
        "Acct-Session-Id": ["80a00001"],
        "Acct-Session-Time": ["3600"],
        "Acct-Input-Octets": ["4294967295"],
        "Acct-Input-Gigawords": ["3"],
        "Acct-Delay-Time": ["5"],
        "Framed-IPv6-Prefix": ["2001:db8:17::/48"],
        Class: ["0x766970"],
        "Tunnel-Type:1": ["VLAN"],
        "Tunnel-Private-Group-Id:1": ["30"],
        "IP-Port-Limit": ["1024"],
        "IP-Port-Ext-IPv4-Addr": ["192.0.2.9"],
      },
    );
  });
});
