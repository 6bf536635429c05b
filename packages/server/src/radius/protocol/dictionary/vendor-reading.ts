import type { RadiusPacket } from "../packet/packet.ts";
import { attributeNumber } from "../packet/packet-code.ts";
import type { Vendor } from "./attribute-definition.ts";
import { vendorSpace } from "./dictionary.ts";
import { type AttributeTexts, addUnknown, addValue, type Stretch, stretchOf } from "./value-gathering.ts";

/** One vendor attribute within a Vendor-Specific. */
interface VendorAttribute {
  readonly number: number;
  readonly stretch: Stretch;
  /** Whether its value goes on in the next Vendor-Specific. */
  readonly goesOn: boolean;
}

/** A Vendor-Specific: whose it is, and what stands in it; undefined where it is too short to be one. */
interface VendorSpecific {
  readonly id: number;
  readonly body: Stretch;
}

const vendorSpecificAt = (packet: RadiusPacket, index: number): VendorSpecific | undefined => {
  const { bytes, offsets } = packet;
  const at = offsets[index];
  if (at === undefined || bytes[at] !== attributeNumber.vendorSpecific || bytes[at + 1]! < 7) return undefined;
  return { id: bytes.readUInt32BE(at + 2), body: { bytes, start: at + 6, end: at + bytes[at + 1]! } };
};

const ordinary: Vendor = { id: 0, name: "" };

/** The attributes of a vendor, one after another; undefined where lengths do not add up (RFC 2865 §5.26). */
const readVendorAttributes = (vendor: Vendor | undefined, { bytes, start, end }: Stretch): VendorAttribute[] | undefined => {
  const { typeOctets = 1, lengthOctets = 1, hasContinuation = false } = vendor ?? ordinary;
  const header = typeOctets + lengthOctets + (hasContinuation ? 1 : 0);
  const found: VendorAttribute[] = [];
  let at = start;
  do {
    if (at + header > end) return undefined;
    const length = lengthOctets === 0 ? end - at : bytes.readUIntBE(at + typeOctets, lengthOctets);
    if (length < header || at + length > end) return undefined;
    const goesOn = hasContinuation && (bytes[at + header - 1]! & 0x80) !== 0;
    found.push({ number: bytes.readUIntBE(at, typeOctets), stretch: { bytes, start: at + header, end: at + length }, goesOn });
    at += length;
  } while (at < end);
  return found;
};

/** Reads the Vendor-Specific at an index of the packet's attributes; returns the index of the last one that its value took. */
export const readVendorSpecific = (into: AttributeTexts, packet: RadiusPacket, index: number): number => {
  const specific = vendorSpecificAt(packet, index);
  if (specific === undefined) {
    const at = packet.offsets[index]!;
    addUnknown(into, [attributeNumber.vendorSpecific], { bytes: packet.bytes, start: at + 2, end: at + packet.bytes[at + 1]! });
    return index;
  }
  const { id, body } = specific;
  const space = vendorSpace(id);
  const around = [attributeNumber.vendorSpecific, id];
  const inner = readVendorAttributes(space?.vendor, body);
  if (inner === undefined) {
    addUnknown(into, around, body);
    return index;
  }
  const [first] = inner;
  // A value goes on only from the end of one attribute to the next.
  if (inner.length === 1 && first!.goesOn) {
    const { whole, last } = continued(packet, index, first!, space!.vendor);
    addValue(into, space!.attributes.get(first!.number), stretchOf(whole), around, first!.number);
    return last;
  }
  for (const { number, stretch } of inner) addValue(into, space?.attributes.get(number), stretch, around, number);
  return index;
};

/** A value with what follows of it in the next attributes, and the index of the last of these. */
const continued = (packet: RadiusPacket, index: number, first: VendorAttribute, vendor: Vendor): { whole: Buffer; last: number } => {
  const parts = [first.stretch];
  let last = index;
  for (let more = true; more; ) {
    const specific = vendorSpecificAt(packet, last + 1);
    const inner = specific?.id === vendor.id ? readVendorAttributes(vendor, specific.body) : undefined;
    const next = inner?.length === 1 && inner[0]!.number === first.number ? inner[0]! : undefined;
    if (next === undefined) break;
    parts.push(next.stretch);
    last += 1;
    more = next.goesOn;
  }
  return { whole: Buffer.concat(parts.map(({ bytes, start, end }) => bytes.subarray(start, end))), last };
};
