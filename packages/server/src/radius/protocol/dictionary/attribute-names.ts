import { BoundedCache } from "../../../kernel/bounded-cache.ts";
import type { AttributeDefinition } from "./attribute-definition.ts";
import { type AttributeSpace, definitionByName, extendedSpace, isExtendedNumber, standardAttribute, vendorSpace } from "./dictionary.ts";

/** An attribute as a name means it: the definition, and the tag where the name carries one (RFC 2868 §3.1). */
export interface NamedAttribute {
  readonly definition: AttributeDefinition;
  /** 1 to 31. */
  readonly tag: number | undefined;
  /** Whether a dictionary knows it and the name yet says its numbers, so that octets in hexadecimal mean those on the wire. */
  readonly isByNumber: boolean;
}

const vendorSpecific = 26;

/** The name of an attribute that no dictionary knows, as FreeRADIUS writes it: `Attr-` and its numbers. */
export const unknownName = (numbers: readonly number[]): string => `Attr-${numbers.join(".")}`;

/** Names that were looked for, with what was found: answers carry the same few again and again. */
const lookedFor = new BoundedCache<string, NamedAttribute>(2048);

/**
 * Finds an attribute by its FreeRADIUS name, such as `Tunnel-Type:1`, or its numbers, such as `Attr-26.9.1`, whatever its case.
 * Numbers that a dictionary knows are that attribute: with its type, its tags, and the hiding that it travels under.
 */
export const findAttribute = (name: string): NamedAttribute | undefined => {
  const known = lookedFor.get(name);
  if (known !== undefined) return known;
  const found = resolveName(name);
  if (found !== undefined) lookedFor.set(name, found);
  return found;
};

const resolveName = (name: string): NamedAttribute | undefined => {
  const [, plain, tag] = /^([^:]*)(?::(\d{1,2}))?$/.exec(name) ?? [];
  if (plain === undefined) return undefined;
  const named = definitionByName(plain);
  const definition = named ?? attributeOfNumbers(plain);
  if (definition === undefined || (tag !== undefined && (!definition.isTagged || Number(tag) > 31))) return undefined;
  const isByNumber = named === undefined && !definition.name.startsWith("Attr-");
  return { definition, tag: tag === undefined || Number(tag) === 0 ? undefined : Number(tag), isByNumber };
};

/**
 * What an `Attr-…` name means: the attribute that a dictionary has at those numbers, else octets. What only holds others is
 * octets, too, for it is given whole; the dictionary's rules on where it may stand hold.
 */
const attributeOfNumbers = (name: string): AttributeDefinition | undefined => {
  const [, text] = /^attr-(\d{1,10}(?:\.\d{1,10}){0,7})$/i.exec(name) ?? [];
  const numbers = text?.split(".").map(Number);
  const place = numbers && placeOf(numbers);
  if (!place) return undefined;
  const known = place.known;
  if (known !== undefined && known.type !== "tlv") return known;
  return {
    name: unknownName(numbers),
    type: "octets",
    vendor: place.vendor,
    path: place.path,
    isTagged: false,
    hiding: undefined,
    isSecret: known?.isSecret ?? false,
    use: known?.use ?? "anywhere",
    numberOfName: new Map(),
    nameOfNumber: new Map(),
    children: new Map(),
  };
};

/** Whose an attribute of these numbers is, its path there, and what a dictionary knows of it; undefined where it cannot be written. */
const placeOf = (
  numbers: readonly number[],
): (Pick<AttributeDefinition, "vendor" | "path"> & { known?: AttributeDefinition }) | undefined => {
  const [first, second, ...rest] = numbers;
  if (first === vendorSpecific) {
    if (second === undefined || second > 0xffffff || rest.length === 0) return undefined;
    const space = vendorSpace(second);
    const vendor = space?.vendor ?? { id: second, name: String(second) };
    const highest = 2 ** (8 * (vendor.typeOctets ?? 1)) - 1;
    if (rest[0]! > highest || rest.slice(1).some(isNoOctet)) return undefined;
    return placeIn(space?.attributes, rest, { vendor, path: rest });
  }
  if (first! < 1 || first! > 255) return undefined;
  if (!isExtendedNumber(first!))
    return second === undefined ? { vendor: undefined, path: [first!], ...knownAs(standardAttribute(first!)) } : undefined;
  if (second === undefined || isNoOctet(second)) return undefined;
  // Extended-Vendor-Specific (RFC 6929 §2.4): the vendor's id, then one octet of type.
  const isVendor = second === vendorSpecific;
  if (isVendor ? rest.length !== 2 || rest[0]! > 0xffffff || isNoOctet(rest[1]!) : rest.some(isNoOctet)) return undefined;
  return placeIn(extendedSpace(first!), numbers.slice(1), { vendor: undefined, path: numbers });
};

const isNoOctet = (number: number): boolean => number > 255;

const knownAs = (known: AttributeDefinition | undefined) => (known === undefined ? {} : { known });

/** Nothing lies within an attribute that a dictionary knows to hold a value: it would go out in clear within a hidden one. */
const placeIn = <Place extends object>(space: AttributeSpace | undefined, path: readonly number[], place: Place) => {
  let known = space?.get(path[0]!);
  for (const number of path.slice(1)) {
    if (known !== undefined && known.type !== "tlv") return undefined;
    known = known?.children.get(number);
  }
  return { ...place, ...knownAs(known) };
};
