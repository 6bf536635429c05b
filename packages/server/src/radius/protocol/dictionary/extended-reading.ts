import { type RadiusPacket, valueAt } from "../packet/packet.ts";
import { attributeNumber } from "../packet/packet-code.ts";
import { extendedSpace, isLongExtendedNumber } from "./dictionary.ts";
import { type AttributeTexts, addUnknown, addValue, stretchOf } from "./value-gathering.ts";

/** Reads the extended attribute at an index (RFC 6929 §2.1, §2.2); returns the index of the last one that its value took. */
export const readExtended = (into: AttributeTexts, packet: RadiusPacket, index: number): number => {
  const container = packet.bytes[packet.offsets[index]!]!;
  const isLong = isLongExtendedNumber(container);
  const header = isLong ? 2 : 1;
  const first = valueAt(packet, packet.offsets[index]!);
  if (first.length < header) {
    addUnknown(into, [container], stretchOf(first));
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
    // Extended-Vendor-Specific (RFC 6929 §2.4); no dictionary of ours has any.
    addUnknown(into, [container, number, whole.readUInt32BE(0), whole[4]!], stretchOf(whole.subarray(5)));
  } else addValue(into, extendedSpace(container)?.get(number), stretchOf(whole), [container], number);
  return last;
};
