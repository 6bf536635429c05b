import { type RadiusPacket, valueAt } from "../packet/packet.ts";
import { attributeNumber } from "../packet/packet-code.ts";
import type { AttributeDefinition, Vendor } from "./attribute-definition.ts";
import { unknownName } from "./attribute-names.ts";
import { extendedSpace, isExtendedNumber, isLongExtendedNumber, standardAttribute, vendorSpace } from "./dictionary.ts";
import { describeValue, hexOf } from "./value-text.ts";

/** What a packet says: FreeRADIUS' names, with tags such as `Tunnel-Type:1`, and for each the texts of its values in order. */
export type AttributeValues = Readonly<Record<string, readonly string[]>>;

/** Where texts are gathered. */
type Gathered = Record<string, string[]>;

const add = (into: Gathered, name: string, text: string): void => {
  const present = into[name];
  if (present === undefined) into[name] = [text];
  else present.push(text);
};

/**
 * Reads all attributes of a packet but those that would help to find a password. What no dictionary knows, or has a length
 * that its type cannot have, is given as octets under `Attr-…` (RFC 6929 §2.8): nothing is lost, and nothing is thrown.
 */
export const readAttributes = (packet: RadiusPacket): AttributeValues => {
  const values: Gathered = Object.create(null) as Gathered;
  const { offsets, bytes } = packet;
  for (let index = 0; index < offsets.length; index += 1) {
    const number = bytes[offsets[index]!]!;
    if (number === attributeNumber.vendorSpecific) index = readVendorSpecific(values, packet, index);
    else if (isExtendedNumber(number)) index = readExtended(values, packet, index);
    else addValue(values, standardAttribute(number), valueAt(packet, offsets[index]!), [number]);
  }
  return values;
};

/** Adds one value under its name; under its numbers where the definition is missing or does not fit. */
const addValue = (into: Gathered, definition: AttributeDefinition | undefined, value: Buffer, numbers: readonly number[]): void => {
  if (definition?.isSecret) return;
  const inner = definition?.type === "tlv" ? readTlv(value) : undefined;
  if (definition !== undefined && inner !== undefined) {
    for (const { number, octets } of inner) addValue(into, definition.children.get(number), octets, [...numbers, number]);
    return;
  }
  if (definition === undefined || definition.type === "tlv") {
    add(into, unknownName(numbers), hexOf(value));
    return;
  }
  const { tag, octets } = definition.isTagged ? untagged(definition, value) : { tag: 0, octets: value };
  const text = describeValue(definition, octets);
  if (text === undefined) add(into, unknownName(numbers), hexOf(value));
  else add(into, tag === 0 ? definition.name : `${definition.name}:${tag}`, text);
};

/** Takes the tag off a value: the first octet of an integer, or of a text where it is no character (RFC 2868 §3.1). */
const untagged = (definition: AttributeDefinition, value: Buffer): { readonly tag: number; readonly octets: Buffer } => {
  const first = value[0] ?? 0x20;
  if (definition.type === "integer" && value.length === 4) {
    if (first > 0x1f) return { tag: 0, octets: value };
    const octets = Buffer.from(value);
    octets[0] = 0;
    return { tag: first, octets };
  }
  return first > 0x1f ? { tag: 0, octets: value } : { tag: first, octets: value.subarray(1) };
};

/** The attributes within a TLV, each of one octet type and length; undefined where lengths do not add up. */
const readTlv = (value: Buffer): { readonly number: number; readonly octets: Buffer }[] | undefined => {
  const found: { number: number; octets: Buffer }[] = [];
  let at = 0;
  while (at < value.length) {
    const length = value[at + 1] ?? 0;
    if (length < 2 || at + length > value.length) return undefined;
    found.push({ number: value[at]!, octets: value.subarray(at + 2, at + length) });
    at += length;
  }
  return found;
};

/** One vendor attribute within a Vendor-Specific. */
interface VendorAttribute {
  readonly number: number;
  readonly octets: Buffer;
  /** Whether its value goes on in the next Vendor-Specific. */
  readonly goesOn: boolean;
}

/** The attributes within a Vendor-Specific, after the vendor's id; undefined where lengths do not add up (RFC 2865 §5.26). */
const readVendorAttributes = (vendor: Vendor | undefined, value: Buffer): VendorAttribute[] | undefined => {
  const { typeOctets = 1, lengthOctets = 1, hasContinuation = false } = vendor ?? {};
  const header = typeOctets + lengthOctets + (hasContinuation ? 1 : 0);
  const found: VendorAttribute[] = [];
  let at = 0;
  do {
    if (at + header > value.length) return undefined;
    const length = lengthOctets === 0 ? value.length - at : value.readUIntBE(at + typeOctets, lengthOctets);
    if (length < header || at + length > value.length) return undefined;
    const goesOn = hasContinuation && (value[at + header - 1]! & 0x80) !== 0;
    found.push({ number: value.readUIntBE(at, typeOctets), octets: value.subarray(at + header, at + length), goesOn });
    at += length;
  } while (at < value.length);
  return found;
};

/** Reads the Vendor-Specific at an index of the packet's attributes; returns the index of the last one that its value took. */
const readVendorSpecific = (into: Gathered, packet: RadiusPacket, index: number): number => {
  const value = valueAt(packet, packet.offsets[index]!);
  if (value.length < 5) {
    add(into, unknownName([attributeNumber.vendorSpecific]), hexOf(value));
    return index;
  }
  const id = value.readUInt32BE(0);
  const space = vendorSpace(id);
  const inner = readVendorAttributes(space?.vendor, value.subarray(4));
  if (inner === undefined) {
    add(into, unknownName([attributeNumber.vendorSpecific, id]), hexOf(value.subarray(4)));
    return index;
  }
  let last = index;
  for (const { number, octets, goesOn } of inner) {
    const parts = [octets];
    // A value goes on only from the end of one attribute to the next.
    for (let more = goesOn && inner.length === 1; more; ) {
      const next = continuationOf(packet, last + 1, id, number, space!.vendor);
      if (next === undefined) break;
      parts.push(next.octets);
      last += 1;
      more = next.goesOn;
    }
    const whole = parts.length === 1 ? octets : Buffer.concat(parts);
    addValue(into, space?.attributes.get(number), whole, [attributeNumber.vendorSpecific, id, number]);
  }
  return last;
};

const continuationOf = (packet: RadiusPacket, index: number, id: number, number: number, vendor: Vendor): VendorAttribute | undefined => {
  const offset = packet.offsets[index];
  if (offset === undefined || packet.bytes[offset] !== attributeNumber.vendorSpecific) return undefined;
  const value = valueAt(packet, offset);
  if (value.length < 5 || value.readUInt32BE(0) !== id) return undefined;
  const inner = readVendorAttributes(vendor, value.subarray(4));
  return inner?.length === 1 && inner[0]!.number === number ? inner[0] : undefined;
};

/** Reads the extended attribute at an index (RFC 6929 §2.1, §2.2); returns the index of the last one that its value took. */
const readExtended = (into: Gathered, packet: RadiusPacket, index: number): number => {
  const container = packet.bytes[packet.offsets[index]!]!;
  const isLong = isLongExtendedNumber(container);
  const header = isLong ? 2 : 1;
  const first = valueAt(packet, packet.offsets[index]!);
  if (first.length < header) {
    add(into, unknownName([container]), hexOf(first));
    return index;
  }
  const number = first[0]!;
  const parts = [first.subarray(header)];
  let last = index;
  for (let more = isLong && (first[1]! & 0x80) !== 0; more; ) {
    const offset = packet.offsets[last + 1];
    const next = offset === undefined || packet.bytes[offset] !== container ? undefined : valueAt(packet, offset);
    if (next === undefined || next.length < header || next[0] !== number) break;
    parts.push(next.subarray(header));
    last += 1;
    more = (next[1]! & 0x80) !== 0;
  }
  const whole = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  if (number === attributeNumber.vendorSpecific && whole.length >= 5) {
    add(into, unknownName([container, number, whole.readUInt32BE(0), whole[4]!]), hexOf(whole.subarray(5)));
  } else addValue(into, extendedSpace(container)?.get(number), whole, [container, number]);
  return last;
};
