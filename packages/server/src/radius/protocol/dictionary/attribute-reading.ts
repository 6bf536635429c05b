import type { RadiusPacket } from "../packet/packet.ts";
import { attributeNumber } from "../packet/packet-code.ts";
import { isExtendedNumber, standardAttribute } from "./dictionary.ts";
import { readExtended } from "./extended-reading.ts";
import { type AttributeTexts, addValue } from "./value-gathering.ts";
import { readVendorSpecific } from "./vendor-reading.ts";

/** What a packet says: FreeRADIUS' names, with tags such as `Tunnel-Type:1`, and for each the texts of its values in order. */
export type AttributeValues = Readonly<Record<string, readonly string[]>>;

const topLevel: readonly number[] = [];

/**
 * Reads all attributes of a packet but those that would help to find a password. What no dictionary knows, or has a length
 * that its type cannot have, is given as octets under `Attr-…` (RFC 6929 §2.8): nothing is lost, and nothing is thrown.
 */
export const readAttributes = (packet: RadiusPacket): AttributeValues => {
  const values: AttributeTexts = Object.create(null) as AttributeTexts;
  const { offsets, bytes } = packet;
  for (let index = 0; index < offsets.length; index += 1) {
    const at = offsets[index]!;
    const number = bytes[at]!;
    if (number === attributeNumber.vendorSpecific) index = readVendorSpecific(values, packet, index);
    else if (isExtendedNumber(number)) index = readExtended(values, packet, index);
    else addValue(values, standardAttribute(number), { bytes, start: at + 2, end: at + bytes[at + 1]! }, topLevel, number);
  }
  return values;
};
