import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { encodeAttribute, encodeAttributes } from "../../src/radius/protocol/dictionary/attribute-encoding.ts";
import { canonicalValue } from "../../src/radius/protocol/dictionary/attribute-faults.ts";
import { type AttributeValues, readAttributes } from "../../src/radius/protocol/dictionary/attribute-reading.ts";
import { allDefinitions } from "../../src/radius/protocol/dictionary/dictionary.ts";
import { revealSalted } from "../../src/radius/protocol/packet/hidden-value.ts";
import { readPacket, valueAt } from "../../src/radius/protocol/packet/packet.ts";
import { draftPacket } from "../../src/radius/protocol/packet/packet-writer.ts";
import { sharedSecretOf } from "../../src/radius/protocol/packet/shared-secret.ts";
import { type RawAttribute, requestBytes, vendorAttribute } from "../support/radius-client.ts";
import { textsFor } from "./attribute-texts.ts";

const hiding = { secret: sharedSecretOf(Buffer.from("s")), requestAuthenticator: Buffer.alloc(16, 1) };

const packetWith = (octets: Buffer) => {
  const draft = draftPacket(1, 0, { hasMessageAuthenticator: false });
  assert.ok(draft.addEncoded(octets));
  const read = readPacket(draft.unsignedRequest(Buffer.alloc(16)));
  assert.ok("packet" in read);
  return read.packet;
};

const octetsOf = (attributes: readonly (readonly [string, string])[]): Buffer => {
  const encoded = encodeAttributes(
    attributes.map(([name, value]) => ({ name, value })),
    hiding,
  );
  assert.ok("octets" in encoded, "fault" in encoded ? encoded.fault : "");
  return encoded.octets;
};

const readBack = (attributes: readonly (readonly [string, string])[]): AttributeValues => readAttributes(packetWith(octetsOf(attributes)));

const received = (...attributes: readonly RawAttribute[]): AttributeValues => {
  const read = readPacket(requestBytes({ code: 1, secret: "s", attributes, messageAuthenticator: "none" }));
  assert.ok("packet" in read);
  return readAttributes(read.packet);
};

const plain = (values: AttributeValues) => ({ ...values });

describe("attributes that are written", () => {
  const open = allDefinitions().filter(({ type, use, isSecret }) => type !== "tlv" && use !== "control" && !isSecret);

  it("are read back as they were, every one of the dictionary", () => {
    for (const definition of open) {
      fc.assert(
        fc.property(textsFor(definition), (text) => {
          const given = text.trim() === "" ? "x" : text;
          assert.deepEqual(plain(readBack([[definition.name, given]])), { [definition.name]: [given] });
          assert.equal(canonicalValue(definition.name, given), given);
        }),
        { numRuns: 12 },
      );
    }
  });

  it("are read back together, in their order", () => {
    const one = fc.constantFrom(...open).chain((definition) => fc.tuple(fc.constant(definition.name), textsFor(definition)));
    fc.assert(
      fc.property(fc.array(one, { maxLength: 6 }), (attributes) => {
        const expected: Record<string, string[]> = {};
        for (const [name, text] of attributes) expected[name] = [...(expected[name] ?? []), text];
        assert.deepEqual(plain(readBack(attributes)), expected);
      }),
    );
  });

  it("keep their tags", () => {
    assert.deepEqual(
      plain(
        readBack([
          ["Tunnel-Type:1", "VLAN"],
          ["Tunnel-Medium-Type:1", "IEEE-802"],
          ["Tunnel-Private-Group-Id:1", "30"],
          ["Tunnel-Private-Group-Id", "31"],
        ]),
      ),
      {
        "Tunnel-Type:1": ["VLAN"],
        "Tunnel-Medium-Type:1": ["IEEE-802"],
        "Tunnel-Private-Group-Id:1": ["30"],
        "Tunnel-Private-Group-Id": ["31"],
      },
    );
    assert.equal(octetsOf([["Tunnel-Type:5", "VLAN"]]).toString("hex"), "40060500000d");
    assert.equal(octetsOf([["Tunnel-Private-Group-Id", "7"]]).toString("hex"), "510337");
  });

  it("hide what must travel hidden, and no reader shows it", () => {
    const octets = octetsOf([
      ["Tunnel-Password:2", "s3cret"],
      ["MS-MPPE-Send-Key", "0x00ff"],
    ]);
    assert.equal(octets.includes("s3cret"), false);
    const packet = packetWith(octets);
    assert.deepEqual(plain(readAttributes(packet)), {});
    const [password, key] = packet.offsets.map((at) => valueAt(packet, at));
    assert.equal(password![0], 2);
    assert.equal(revealSalted(password!.subarray(1), hiding.requestAuthenticator, hiding.secret)!.toString(), "s3cret");
    assert.equal(revealSalted(key!.subarray(6), hiding.requestAuthenticator, hiding.secret)!.toString("hex"), "00ff");
    assert.notDeepEqual(password!.subarray(1, 3), key!.subarray(6, 8), "no salt stands twice in a packet");
    assert.ok("fault" in encodeAttribute("User-Password", "x", hiding));
  });

  it("stand together where they lie in one TLV, and apart where they do not", () => {
    const ports = [
      ["IP-Port-Type", "1"],
      ["IP-Port-Limit", "1024"],
      ["IP-Port-Ext-IPv4-Addr", "192.0.2.1"],
    ] as const;
    assert.equal(packetWith(octetsOf(ports)).offsets.length, 1);
    assert.equal(packetWith(octetsOf([...ports, ["IP-Port-Range-Type", "1"], ports[0]])).offsets.length, 3);
    const long = Array.from({ length: 4 }, () => ["IP-Port-Local-Id", "x".repeat(100)] as const);
    assert.deepEqual(plain(readBack(long)), { "IP-Port-Local-Id": long.map(([, text]) => text) });
  });

  it("go on in the next attribute where their kind may", () => {
    const long = `0x${"ab".repeat(900)}`;
    for (const name of ["Attr-245.9", "Attr-246.1", "WiMAX-BS-Id", "Attr-26.24757.200"]) {
      assert.ok(packetWith(octetsOf([[name, long]])).offsets.length > 3);
      assert.deepEqual(plain(readBack([[name, long]])), { [name]: [long] });
      assert.deepEqual(
        plain(
          readBack([
            [name, long],
            ["Class", "0x01"],
            [name, long],
          ]),
        ),
        { [name]: [long, long], Class: ["0x01"] },
      );
    }
  });
});

describe("attributes that are received", () => {
  it("are kept as octets under their numbers where no dictionary knows them or their length is wrong", () => {
    assert.deepEqual(
      plain(
        received(
          [250, Buffer.from([1, 2])],
          [27, Buffer.from([0, 0, 60])],
          [61, Buffer.from([0, 0, 0, 99])],
          vendorAttribute(99999, 7, Buffer.from([5])),
          [26, Buffer.from([0, 0, 0x3a, 0x8c, 8, 9, 1])],
          [26, Buffer.from([0, 0, 9])],
          [241, Buffer.from([200, 1, 2])],
          [244, Buffer.from([26, 0, 0, 0, 9, 7, 1])],
          [241, Buffer.from([5, 2, 9, 0])],
          [245, Buffer.from([3])],
        ),
      ),
      {
        "Attr-250": ["0x0102"],
        "Attr-27": ["0x00003c"],
        "NAS-Port-Type": ["99"],
        "Attr-26.99999.7": ["0x05"],
        "Attr-26.14988": ["0x080901"],
        "Attr-26": ["0x000009"],
        "Attr-241.200": ["0x0102"],
        "Attr-244.26.9.7": ["0x01"],
        "Attr-241.5": ["0x020900"],
        "Attr-245": ["0x03"],
      },
    );
  });

  it("may stand together in one Vendor-Specific", () => {
    const id = Buffer.from([0, 0, 0x3a, 0x8c]);
    const inner = Buffer.from([14, 6, 0, 0, 0, 1, 8, 4, 0x31, 0x4d]);
    assert.deepEqual(plain(received([26, Buffer.concat([id, inner])])), {
      "Mikrotik-Recv-Limit-Gigawords": ["1"],
      "Mikrotik-Rate-Limit": ["1M"],
    });
  });

  it("are read in the forms of vendors with other headers", () => {
    assert.deepEqual(
      plain(
        received(
          [26, Buffer.from([0, 0, 0x1f, 0xe4, 0, 8, 0, 6, 0x70, 0x31])],
          [26, Buffer.from([0, 0, 1, 0xad, 0, 0, 0, 0xe9, 0x35, 0x35])],
          [26, Buffer.from([0, 0, 0x12, 0xee, 0, 2, 7, 0, 0, 0, 3])],
          [26, Buffer.from([0, 0, 0x60, 0xb5, 1, 9, 0, 1, 3, 0x31, 2, 3, 1])],
        ),
      ),
      {
        "SN-IP-Pool-Name": ["p1"],
        "USR-Last-Callers-Number-ANI": ["55"],
        "Lucent-Max-Shared-Users": ["3"],
        "WiMAX-Release": ["1"],
        "WiMAX-Accounting-Capabilities": ["IP-Session-Based"],
      },
    );
  });

  it("lose no octet of a text, and give no U+0000", () => {
    const texts = received(
      [30, Buffer.from("ap\0")],
      [30, Buffer.from([0x63, 0xe9])],
      [30, Buffer.from("a\0b")],
      [30, Buffer.from("é\uFFFD")],
    );
    assert.deepEqual(plain(texts), { "Called-Station-Id": ["ap", "cé", "a\\000b", "é\uFFFD"] });
  });

  it("show no password, no proof and no signature", () => {
    const secrets: RawAttribute[] = [2, 3, 60, 69, 70, 79, 80].map((number) => [number, Buffer.alloc(16, number)]);
    const msChap = [1, 11, 25, 16, 17].map((number) => vendorAttribute(311, number, Buffer.alloc(20, number)));
    assert.deepEqual(plain(received(...secrets, ...msChap, [1, "guest"])), { "User-Name": ["guest"] });
  });
});

describe("texts of values", () => {
  for (const [name, text, canonical] of [
    ["Service-Type", "framed-user", "Framed-User"],
    ["Service-Type", "Framed", "Framed-User"],
    ["Service-Type", "2", "Framed-User"],
    ["acct-status-type", "Alive", "Interim-Update"],
    ["NAS-Port-Type", "99", "99"],
    ["Session-Timeout", "007", "7"],
    ["Event-Timestamp", "1767607200", "2026-01-05T10:00:00Z"],
    ["Event-Timestamp", "Jan  5 2026 10:00:00 UTC", "2026-01-05T10:00:00Z"],
    ["Event-Timestamp", "2026-01-05T11:00:00+01:00", "2026-01-05T10:00:00Z"],
    ["Class", "vip", "0x766970"],
    ["Framed-IPv6-Prefix", "2001:DB8:0:0::/56", "2001:db8::/56"],
    ["NAS-IPv6-Address", "0:0:0:0:0:ffff:192.0.2.1", "::ffff:c000:201"],
    ["Framed-Interface-Id", "0:0:0:00AB", "0:0:0:ab"],
    ["Attr-26.9.199", "0xAB", "0xab"],
    ["Attr-26.9.1", "0xAB", "0xab"],
    ["Attr-26.9.1", "0x613d62", "a=b"],
    ["Attr-27", "0x0000003c", "60"],
    ["Attr-64", "0x0100000d", "VLAN"],
    ["Attr-8", "0xc0000201", "192.0.2.1"],
  ] as const) {
    it(`${name} ${text} is ${canonical}`, () => assert.equal(canonicalValue(name, text), canonical));
  }

  for (const [name, text] of [
    ["Session-Timeout", "-1"],
    ["Session-Timeout", "4294967296"],
    ["Session-Timeout", "1e3"],
    ["Session-Timeout", "0x3c"],
    ["Event-Timestamp", "-1"],
    ["Session-Timeout", " 7"],
    ["Tunnel-Type", "16777216x"],
    ["Service-Type", "Framed-Usr"],
    ["Framed-IP-Address", "192.0.2.256"],
    ["Framed-IP-Address", "192.0.2.01"],
    ["Framed-IP-Address", "192.0.2"],
    ["NAS-IPv6-Address", "2001:db8::1::"],
    ["NAS-IPv6-Address", "2001:db8:1:2:3:4:5:6:7"],
    ["NAS-IPv6-Address", "1.2.3.4::"],
    ["NAS-IPv6-Address", "fe80::1%eth0"],
    ["Framed-IPv6-Prefix", "2001:db8::1/56"],
    ["Framed-IPv6-Prefix", "2001:db8::/129"],
    ["Event-Timestamp", "Feb 30 2026 10:00:00 UTC"],
    ["Event-Timestamp", "2107-01-01"],
    ["Class", "0x0"],
    ["Nothing", "x"],
  ] as const) {
    it(`${name} takes no ${text}`, () => assert.equal(canonicalValue(name, text), undefined));
  }
});
