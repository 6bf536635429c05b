import fc from "fast-check";
import { formatIpv6 } from "../../src/radius/protocol/dictionary/addresses.ts";
import type { AttributeDefinition } from "../../src/radius/protocol/dictionary/attribute-definition.ts";
import { roomFor } from "../../src/radius/protocol/dictionary/attribute-place.ts";

const integerBelow = (highest: bigint) => fc.bigInt({ min: 0n, max: highest - 1n }).map(String);
const octet = fc.integer({ min: 0, max: 255 });
const ipv4 = fc.tuple(octet, octet, octet, octet).map((parts) => parts.join("."));
const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Buffer.from(bytes));
const ipv6 = octets(16).map(formatIpv6);

const prefix = (bits: number, write: (bytes: Buffer) => string) =>
  fc.tuple(octets(bits / 8), fc.integer({ min: 0, max: bits })).map(([bytes, length]) => {
    for (let bit = length; bit < bits; bit += 1) bytes[bit >> 3]! &= ~(0x80 >> (bit & 7));
    return `${write(bytes)}/${length}`;
  });

/** Texts that fit an attribute, in the one way in which its values are written. */
export const textsFor = (definition: AttributeDefinition): fc.Arbitrary<string> => {
  const room = Math.min(roomFor(definition), 600);
  if (definition.nameOfNumber.size > 0) return fc.constantFrom(...definition.nameOfNumber.values());
  switch (definition.type) {
    case "string":
      return fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: room });
    case "octets":
      return fc.uint8Array({ maxLength: room }).map((bytes) => `0x${Buffer.from(bytes).toString("hex")}`);
    case "integer":
      return integerBelow(definition.isTagged ? 2n ** 24n : 2n ** 32n);
    case "integer64":
      return integerBelow(2n ** 64n);
    case "short":
      return integerBelow(2n ** 16n);
    case "byte":
      return integerBelow(2n ** 8n);
    case "signed":
      return fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).map(String);
    case "date":
      return fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((second) => `${new Date(second * 1000).toISOString().slice(0, 19)}Z`);
    case "ipaddr":
      return ipv4;
    case "ipv4prefix":
      return prefix(32, (bytes) => bytes.join("."));
    case "ipv6addr":
      return ipv6;
    case "ipv6prefix":
      return prefix(128, formatIpv6);
    case "combo-ip":
      return fc.oneof(ipv4, ipv6);
    case "ifid":
      return octets(8).map((bytes) => [0, 2, 4, 6].map((at) => bytes.readUInt16BE(at).toString(16)).join(":"));
    case "ether":
      return octets(6).map((bytes) => [...bytes].map((one) => one.toString(16).padStart(2, "0")).join(":"));
    case "tlv":
      throw new Error("A TLV has no text of its own.");
  }
};
