import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { readAttributes } from "../../src/radius/protocol/dictionary/attribute-reading.ts";
import { checkMessageAuthenticator } from "../../src/radius/protocol/packet/authenticators.ts";
import { chapProofOf } from "../../src/radius/protocol/packet/chap.ts";
import { revealPassword } from "../../src/radius/protocol/packet/hidden-value.ts";
import { type PacketFault, readPacket, valueAt, valuesOf } from "../../src/radius/protocol/packet/packet.ts";
import { draftPacket } from "../../src/radius/protocol/packet/packet-writer.ts";
import { sharedSecretOf } from "../../src/radius/protocol/packet/shared-secret.ts";
import { requestBytes, vendorAttribute } from "../support/radius-client.ts";
import { framed, statusOfAuthentication, telnet } from "./rfc-examples.ts";

const secret = sharedSecretOf(Buffer.from("fuzz"));

const header = (length: number, rest: readonly number[] = []): Buffer =>
  Buffer.concat([Buffer.from([1, 7, length >> 8, length & 0xff]), Buffer.alloc(16), Buffer.from(rest)]);

describe("the outer form of a packet", () => {
  for (const [what, datagram, fault] of [
    ["nothing", Buffer.alloc(0), "shorter than a header"],
    ["19 octets", Buffer.alloc(19, 1), "shorter than a header"],
    ["a length of 19", header(19), "length field below a header"],
    ["a length of 4097", Buffer.concat([header(4097), Buffer.alloc(4077, 2)]), "length field above 4096"],
    ["a length beyond the datagram", header(22), "length field beyond the datagram"],
    ["an attribute without length", header(21, [1]), "attribute shorter than its header"],
    ["an attribute of length 0", header(22, [1, 0]), "attribute shorter than its header"],
    ["an attribute of length 1", header(22, [1, 1]), "attribute shorter than its header"],
    ["an attribute that ends after the packet", header(23, [1, 4, 0]), "attribute beyond the packet"],
    ["an attribute that ends in the padding", header(23, [1, 4, 0, 0, 0]), "attribute beyond the packet"],
  ] as const satisfies readonly (readonly [string, Buffer, PacketFault])[]) {
    it(`is refused for ${what}`, () => assert.deepEqual(readPacket(datagram), { fault }));
  }

  it("holds with no attribute, with an empty one, and with 4,096 octets", () => {
    assert.ok("packet" in readPacket(header(20)));
    assert.ok("packet" in readPacket(header(22, [1, 2])));
    const longest = [...Array.from({ length: 15 }, () => [2, 255, ...Buffer.alloc(253)]).flat(), 3, 251, ...Buffer.alloc(249)];
    const read = readPacket(header(4096, longest));
    assert.ok("packet" in read && read.packet.offsets.length === 16);
  });

  it("ignores octets beyond its length, as padding", () => {
    const read = readPacket(Buffer.concat([header(22, [1, 2]), Buffer.from([9, 9, 9])]));
    assert.ok("packet" in read);
    assert.equal(read.packet.bytes.length, 22);
  });
});

describe("any bytes", () => {
  /** Everything that is done with a packet before anybody is trusted. Whatever it throws fails the property. */
  const handle = (datagram: Buffer): void => {
    const read = readPacket(datagram);
    if (!("packet" in read)) return;
    const { packet } = read;
    const values = readAttributes(packet);
    for (const [name, texts] of Object.entries(values)) assert.ok(name.length > 0 && texts.every((text) => !text.includes("\0")));
    checkMessageAuthenticator(packet, secret);
    chapProofOf(packet);
    for (const hidden of valuesOf(packet, 2)) revealPassword(hidden, packet, secret);
    const octets = packet.offsets.reduce((sum, at) => sum + 2 + valueAt(packet, at).length, 20);
    assert.equal(octets, packet.bytes.length, "attributes fill the packet");
  };

  it("crash nothing", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => handle(Buffer.from(bytes))),
      { numRuns: 2000 },
    );
  });

  const real = [
    telnet.request,
    framed.request,
    framed.answer,
    statusOfAuthentication.request,
    requestBytes({
      code: 4,
      secret: "fuzz",
      attributes: [
        [40, 2],
        [46, 60],
        [44, "session"],
        [97, Buffer.from("0040fe8000000000000000", "hex")],
        vendorAttribute(14988, 8, "1M/2M"),
        vendorAttribute(24757, 1, Buffer.from([0x80, 1, 5, 0x31, 0x2e, 0x30])),
        vendorAttribute(8164, 0, Buffer.from([1, 0, 8, 0, 0, 0, 9])),
        vendorAttribute(429, 0, Buffer.from([0, 0xe9, 0x31])),
        [241, Buffer.from([5, 2, 6, 0, 0, 4, 0])],
        [245, Buffer.concat([Buffer.from([26, 0x80]), Buffer.alloc(200, 7)])],
        [245, Buffer.concat([Buffer.from([26, 0]), Buffer.alloc(20, 7)])],
      ],
    }),
  ];

  it("made of real packets by cutting, flipping and repeating crash nothing", () => {
    const mutation = fc.record({
      packet: fc.constantFrom(...real),
      cut: fc.nat({ max: 400 }),
      keepsLength: fc.boolean(),
      flips: fc.array(fc.tuple(fc.nat({ max: 400 }), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
    });
    fc.assert(
      fc.property(mutation, ({ packet, cut, keepsLength, flips }) => {
        const bytes = Buffer.from(packet.subarray(0, Math.max(1, packet.length - (cut % packet.length))));
        for (const [at, octet] of flips) bytes[at % bytes.length] = octet;
        if (!keepsLength && bytes.length >= 4) bytes.writeUInt16BE(bytes.length, 2);
        handle(bytes);
      }),
      { numRuns: 5000 },
    );
  });
});

describe("a packet that is written", () => {
  it("is read back as it was, whatever its attributes", () => {
    const attributes = fc.array(fc.tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 253 })), { maxLength: 40 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 255 }), attributes, (code, identifier, given) => {
        const draft = draftPacket(code, identifier, { hasMessageAuthenticator: false });
        const taken = given.filter(([number, value]) => draft.add(number, Buffer.from(value)));
        const read = readPacket(draft.unsignedRequest(Buffer.alloc(16, 5)));
        assert.ok("packet" in read);
        const { packet } = read;
        assert.deepEqual([packet.code, packet.identifier, packet.offsets.length], [code, identifier, taken.length]);
        for (const [index, at] of packet.offsets.entries()) {
          assert.equal(packet.bytes[at], taken[index]![0]);
          assert.deepEqual(new Uint8Array(valueAt(packet, at)), taken[index]![1]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("takes nothing beyond 253 octets of a value and 4,096 of a packet", () => {
    const draft = draftPacket(2, 0, { hasMessageAuthenticator: true });
    assert.equal(draft.add(18, Buffer.alloc(254)), false);
    let taken = 0;
    while (draft.add(18, Buffer.alloc(253))) taken += 1;
    assert.equal(taken, 15);
    const left = 4096 - 20 - 18 - 15 * 255;
    assert.equal(draft.addEncoded(Buffer.alloc(left + 1)), false);
    assert.equal(draft.addEncoded(Buffer.from([18, left, ...Buffer.alloc(left - 2)])), true);
    assert.equal(draft.answer(Buffer.alloc(16), secret).length, 4096);
  });
});
