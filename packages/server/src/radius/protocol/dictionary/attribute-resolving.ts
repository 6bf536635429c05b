import type { AttributeDefinition } from "./attribute-definition.ts";
import { findAttribute, type NamedAttribute } from "./attribute-names.ts";
import { describeValue, hexOf, parseValue } from "./value-text.ts";

/** An attribute with the text of a value as its type writes it. */
export interface ResolvedAttribute extends NamedAttribute {
  readonly text: string;
}

const octetsForm = /^0x(?:[0-9a-f]{2})*$/i;

/**
 * What an attribute and its value mean; undefined where no dictionary knows the name. After the numbers of a known attribute
 * `0x…` are its octets on the wire, tag included, as FreeRADIUS has it: `Attr-27 := 0x0000003c` is a Session-Timeout of 60.
 */
export const resolveAttribute = (name: string, text: string): ResolvedAttribute | undefined => {
  const found = findAttribute(name);
  if (found === undefined) return undefined;
  const isRaw = found.isByNumber && found.definition.type !== "octets" && octetsForm.test(text);
  return isRaw ? fromOctets(found, name, text) : { ...found, text };
};

const fromOctets = (found: NamedAttribute, name: string, text: string): ResolvedAttribute => {
  const { definition } = found;
  const { tag = found.tag, octets } = withoutTag(found, Buffer.from(text.slice(2), "hex"));
  const own = describeValue(definition, octets);
  if (own !== undefined && parseValue(definition, own)?.equals(octets)) return { ...found, tag, text: own };
  // Octets that are no text stay octets. A hidden one goes the way of its name, for FreeRADIUS would send octets in clear.
  if (definition.type !== "string" || definition.hiding !== undefined) return { ...found, text };
  const asOctets: AttributeDefinition = { ...definition, name: name.split(":", 1)[0]!, type: "octets" };
  return { definition: asOctets, tag, isByNumber: false, text: hexOf(octets) };
};

/** A tag is the first octet of an integer, or of a text where it is no character (RFC 2868 §3.1). */
const withoutTag = ({ definition, tag }: NamedAttribute, octets: Buffer): { readonly tag?: number; readonly octets: Buffer } => {
  const first = octets[0];
  if (!definition.isTagged || tag !== undefined || first === undefined || first > 0x1f) return { octets };
  const rest = definition.type === "integer" ? Buffer.concat([Buffer.of(0), octets.subarray(1)]) : octets.subarray(1);
  return first === 0 ? { octets: rest } : { tag: first, octets: rest };
};

const patterns: readonly string[] = ["=~", "!~"];

/**
 * An attribute of a profile by its name where it was given by its numbers, its value as the name has it; all others, and those
 * whose octets no text can say, as they stand.
 */
export const nameAttribute = <Item extends { readonly attribute: string; readonly op: string; readonly value: string }>(
  item: Item,
): Item => {
  const found = findAttribute(item.attribute);
  if (found?.isByNumber !== true) return item;
  // A pattern is no value, whatever it looks like.
  const { definition, tag, text } = patterns.includes(item.op)
    ? { ...found, text: item.value }
    : resolveAttribute(item.attribute, item.value)!;
  return definition === found.definition ? { ...item, attribute: nameWithTag({ definition, tag }), value: text } : item;
};

/** The name as the dictionary writes it, with its tag. */
export const nameWithTag = ({ definition, tag }: Pick<NamedAttribute, "definition" | "tag">): string =>
  tag === undefined ? definition.name : `${definition.name}:${tag}`;
