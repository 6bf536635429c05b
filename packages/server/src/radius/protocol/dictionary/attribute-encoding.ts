import { randomInt } from "node:crypto";
import { hideSalted } from "../packet/hidden-value.ts";
import { maxValueLength } from "../packet/packet.ts";
import { attributeNumber } from "../packet/packet-code.ts";
import type { SharedSecret } from "../packet/shared-secret.ts";
import type { AttributeDefinition, Vendor } from "./attribute-definition.ts";
import { checkValue } from "./attribute-faults.ts";
import type { NamedAttribute } from "./attribute-names.ts";
import { containerOf, isExtendedVendorSpecific, ownDepth, roomForTlvs, vendorHeaderLength } from "./attribute-place.ts";
import { resolveAttribute } from "./attribute-resolving.ts";
import { isLongExtendedNumber } from "./dictionary.ts";

/** An attribute by its FreeRADIUS name with the text of its value. */
export interface AttributeText {
  readonly name: string;
  readonly value: string;
}

/** What values that travel hidden are hidden with: the peer's secret and the authenticator of its request, 16 octets. */
export interface HidingContext {
  readonly secret: Pick<SharedSecret, "bytes">;
  readonly requestAuthenticator: Buffer;
}

/** Octets of attributes as they stand in a packet, or the sentence that says which attribute cannot be written, and why. */
export type Encoded = { readonly octets: Buffer } | { readonly fault: string };

/** An attribute's own octets, and what of them lies within its outermost TLV. */
interface Piece {
  readonly definition: AttributeDefinition;
  readonly value: Buffer;
}

/**
 * Writes attributes in order, each into an attribute of its own; neighbours within the same TLV share it, for they belong
 * together. Values that must travel hidden need the context. Nothing is left out: one that does not fit is a fault.
 */
export const encodeAttributes = (attributes: readonly AttributeText[], context?: HidingContext): Encoded => {
  const pieces: Piece[] = [];
  for (const { name, value } of attributes) {
    const found = resolveAttribute(name, value);
    if (found === undefined) return { fault: `${name} is not in the dictionary.` };
    const octets = valueOctets(found, found.text, context);
    if (typeof octets === "string") return { fault: `${name}: ${octets}` };
    const piece = { definition: found.definition, value: withinTlv(found.definition, octets) };
    const before = pieces.at(-1);
    const isOne = before && sharesTlv(before.definition, piece.definition);
    if (isOne && before.value.length + piece.value.length <= roomForTlvs(piece.definition)) {
      pieces[pieces.length - 1] = { ...before, value: Buffer.concat([before.value, piece.value]) };
    } else pieces.push(piece);
  }
  const written = pieces.flatMap(({ definition, value }) => outermost(definition, value));
  const [only] = written;
  return { octets: written.length === 1 ? only! : Buffer.concat(written) };
};

/** Writes one attribute. */
export const encodeAttribute = (name: string, value: string, context?: HidingContext): Encoded =>
  encodeAttributes([{ name, value }], context);

let salt = randomInt(0x8000);

/** The octets of a value with its tag, hidden where it must be; a sentence where it does not fit. */
const valueOctets = ({ definition, tag }: NamedAttribute, text: string, context: HidingContext | undefined): Buffer | string => {
  if (definition.use === "control") return "It instructs the decision, and never travels.";
  if (definition.hiding === "password") return "It is hidden by the request that carries it, and written there alone.";
  const checked = checkValue(definition, text);
  if ("sentence" in checked) return checked.sentence;
  const { octets } = checked;
  if (definition.hiding === "salted") {
    if (context === undefined) throw new Error(`${definition.name} travels hidden, and there is nothing to hide it with.`);
    salt = (salt + 1) & 0x7fff;
    const hidden = hideSalted(octets, salt, context.requestAuthenticator, context.secret);
    return definition.isTagged ? Buffer.concat([Buffer.from([tag ?? 0]), hidden]) : hidden;
  }
  if (!definition.isTagged) return octets;
  if (definition.type === "integer") {
    // The tag takes the first of the integer's four octets (RFC 2868 §3.1).
    octets[0] = tag ?? 0;
    return octets;
  }
  // Without a tag, a text whose first octet would be read as one gets an empty tag.
  return tag === undefined && (octets[0] ?? 0x20) > 0x1f ? octets : Buffer.concat([Buffer.from([tag ?? 0]), octets]);
};

const sharesTlv = (one: AttributeDefinition, other: AttributeDefinition): boolean => {
  if (one.path.length === 1 || other.path.length === 1) return false;
  const depth = ownDepth(one);
  if (one.path.length <= depth || other.path.length <= depth || one.vendor?.id !== other.vendor?.id) return false;
  return one.path.slice(0, depth).every((number, index) => number === other.path[index]);
};

const withinTlv = (definition: AttributeDefinition, octets: Buffer): Buffer => {
  if (definition.path.length === 1) return octets;
  const inner = definition.path.slice(ownDepth(definition));
  return inner.reduceRight((value, number) => Buffer.concat([Buffer.from([number, value.length + 2]), value]), octets);
};

const attribute = (number: number, header: Buffer | undefined, value: Buffer): Buffer => {
  const start = 2 + (header?.length ?? 0);
  const octets = Buffer.allocUnsafe(start + value.length);
  octets[0] = number;
  octets[1] = octets.length;
  header?.copy(octets, 2);
  value.copy(octets, start);
  return octets;
};

const slices = (value: Buffer, size: number): Buffer[] => {
  if (value.length <= size) return [value];
  const count = Math.ceil(value.length / size);
  return Array.from({ length: count }, (_, index) => value.subarray(index * size, (index + 1) * size));
};

/** Whether more of a value follows, as the first bit of an octet (RFC 6929 §2.2; WiMAX). */
const moreFlag = (isLast: boolean): number => (isLast ? 0 : 0x80);

/** The attributes that hold a value: one, or several where its kind may go on in the next. */
const outermost = (definition: AttributeDefinition, value: Buffer): Buffer[] => {
  const { path, vendor } = definition;
  if (vendor !== undefined)
    return isOrdinary(vendor) ? [ordinaryVendorAttribute(vendor, path[0]!, value)] : withinVendor(definition, value);
  const container = containerOf(definition);
  if (container === undefined) return slices(value, maxValueLength).map((slice) => attribute(path[0]!, undefined, slice));
  const isForVendor = isExtendedVendorSpecific(definition);
  const inner = isForVendor ? Buffer.concat([Buffer.from([0, ...threeOctets(path[2]!), path[3]!]), value]) : value;
  if (!isLongExtendedNumber(container)) return [attribute(container, Buffer.from([path[1]!]), inner)];
  const parts = slices(inner, maxValueLength - 2);
  return parts.map((part, index) => attribute(container, Buffer.from([path[1]!, moreFlag(index === parts.length - 1)]), part));
};

const threeOctets = (number: number): number[] => [(number >> 16) & 0xff, (number >> 8) & 0xff, number & 0xff];

const isOrdinary = ({ typeOctets = 1, lengthOctets = 1, hasContinuation }: Vendor): boolean =>
  typeOctets === 1 && lengthOctets === 1 && !hasContinuation;

/** As most vendors have it, and so in one step. */
const ordinaryVendorAttribute = (vendor: Vendor, number: number, value: Buffer): Buffer => {
  const octets = Buffer.allocUnsafe(8 + value.length);
  octets[0] = attributeNumber.vendorSpecific;
  octets[1] = octets.length;
  octets.writeUInt32BE(vendor.id, 2);
  octets[6] = number;
  octets[7] = value.length + 2;
  value.copy(octets, 8);
  return octets;
};

const withinVendor = ({ path, vendor }: AttributeDefinition, value: Buffer): Buffer[] => {
  const { id, typeOctets = 1, lengthOctets = 1, hasContinuation } = vendor!;
  const headerLength = vendorHeaderLength(vendor!);
  const parts = slices(value, maxValueLength - headerLength);
  return parts.map((part, index) => {
    const header = Buffer.alloc(headerLength);
    header.writeUInt32BE(id, 0);
    header.writeUIntBE(path[0]!, 4, typeOctets);
    if (lengthOctets > 0) header.writeUIntBE(headerLength - 4 + part.length, 4 + typeOctets, lengthOctets);
    if (hasContinuation) header[headerLength - 1] = moreFlag(index === parts.length - 1);
    return attribute(attributeNumber.vendorSpecific, header, part);
  });
};
