import { maxPacketLength, maxValueLength } from "../packet/packet.ts";
import { attributeNumber } from "../packet/packet-code.ts";
import type { AttributeDefinition, Vendor } from "./attribute-definition.ts";
import { isExtendedNumber, isLongExtendedNumber } from "./dictionary.ts";

type Place = Pick<AttributeDefinition, "path" | "vendor">;

/** The container of an extended attribute, 241 to 246; undefined for all others. */
export const containerOf = ({ path, vendor }: Place): number | undefined =>
  vendor === undefined && isExtendedNumber(path[0]!) ? path[0] : undefined;

/** Whether the attribute is an Extended-Vendor-Specific one (RFC 6929 §2.4). */
export const isExtendedVendorSpecific = (place: Place): boolean =>
  containerOf(place) !== undefined && place.path[1] === attributeNumber.vendorSpecific;

/** How many numbers of a path name the attribute itself; the others lie in TLVs within it. */
export const ownDepth = (place: Place): number => {
  if (containerOf(place) === undefined) return 1;
  return isExtendedVendorSpecific(place) ? 4 : 2;
};

/** How many octets a vendor's attribute begins with: the vendor's id, type, length, continuation. */
export const vendorHeaderLength = ({ typeOctets = 1, lengthOctets = 1, hasContinuation }: Vendor): number =>
  4 + typeOctets + lengthOctets + (hasContinuation ? 1 : 0);

/** How many octets stand before the value in one attribute. */
const headerLength = (place: Place): number => {
  if (place.vendor) return vendorHeaderLength(place.vendor);
  const container = containerOf(place);
  if (container === undefined) return 0;
  return 1 + (isLongExtendedNumber(container) ? 1 : 0) + (isExtendedVendorSpecific(place) ? 5 : 0);
};

/** Whether a value may go on in the next attribute. */
const isUnbounded = (place: Place): boolean => {
  const container = containerOf(place);
  return place.vendor?.hasContinuation === true || (container !== undefined && isLongExtendedNumber(container));
};

/** How many octets of TLVs within it one attribute holds. */
export const roomForTlvs = (definition: AttributeDefinition): number =>
  isUnbounded(definition) ? maxPacketLength / 2 : maxValueLength - headerLength(definition);

/** How many octets a value may have: what headers, TLVs around it, tag and hiding leave of the attribute. */
export const roomFor = (definition: AttributeDefinition): number => {
  const tlvDepth = definition.path.length - ownDepth(definition);
  // A TLV's length is one octet. What may go on is bounded by the packet, with much room for what else it holds.
  const room = tlvDepth > 0 ? Math.min(roomForTlvs(definition), 255) - 2 * tlvDepth : roomForTlvs(definition);
  const tag = definition.isTagged && (definition.hiding === "salted" || definition.type !== "integer") ? 1 : 0;
  return definition.hiding === "salted" ? Math.floor((room - tag - 2) / 16) * 16 - 1 : room - tag;
};
