import { BoundedCache } from "../../kernel/bounded-cache.ts";
import type { AttributeDefinition } from "./attribute-definition.ts";
import { type AttributeSpace, definitionByName, extendedSpace, isExtendedNumber, standardAttribute, vendorSpace } from "./dictionary.ts";

/** An attribute as a name means it: the definition, and the tag where the name carries one (RFC 2868 §3.1). */
export interface NamedAttribute {
  readonly definition: AttributeDefinition;
  /** 1 to 31. */
  readonly tag: number | undefined;
}

const vendorSpecific = 26;

/** The name of an attribute that no dictionary knows, as FreeRADIUS writes it: `Attr-` and its numbers. */
export const unknownName = (numbers: readonly number[]): string => `Attr-${numbers.join(".")}`;

/** Names that were looked for, with what was found: answers carry the same few again and again. */
const lookedFor = new BoundedCache<string, NamedAttribute>(2048);

/** Finds an attribute by its FreeRADIUS name, such as `Tunnel-Type:1` or `Attr-26.9.1`, whatever its case. */
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
  const definition = definitionByName(plain) ?? unknownAttribute(plain);
  if (definition === undefined || (tag !== undefined && (!definition.isTagged || Number(tag) > 31))) return undefined;
  return { definition, tag: tag === undefined || Number(tag) === 0 ? undefined : Number(tag) };
};

/** What an `Attr-…` name means: octets at those numbers. Where a dictionary knows them, its rules on where they may stand hold. */
const unknownAttribute = (name: string): AttributeDefinition | undefined => {
  const [, text] = /^attr-(\d{1,10}(?:\.\d{1,10}){0,7})$/i.exec(name) ?? [];
  const numbers = text?.split(".").map(Number);
  const place = numbers && placeOf(numbers);
  if (!place) return undefined;
  const known = place.known;
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
    return { vendor, path: rest, ...knownAt(space?.attributes, rest) };
  }
  if (first! < 1 || first! > 255) return undefined;
  if (!isExtendedNumber(first!))
    return second === undefined ? { vendor: undefined, path: [first!], ...knownAs(standardAttribute(first!)) } : undefined;
  if (second === undefined || isNoOctet(second)) return undefined;
  // Extended-Vendor-Specific (RFC 6929 §2.4): the vendor's id, then one octet of type.
  const isVendor = second === vendorSpecific;
  if (isVendor ? rest.length !== 2 || rest[0]! > 0xffffff || isNoOctet(rest[1]!) : rest.some(isNoOctet)) return undefined;
  return { vendor: undefined, path: numbers, ...knownAt(extendedSpace(first!), numbers.slice(1)) };
};

const isNoOctet = (number: number): boolean => number > 255;

const knownAs = (known: AttributeDefinition | undefined) => (known === undefined ? {} : { known });

const knownAt = (space: AttributeSpace | undefined, path: readonly number[]) => {
  let known = space?.get(path[0]!);
  for (const number of path.slice(1)) known = known?.children.get(number);
  return knownAs(known);
};
