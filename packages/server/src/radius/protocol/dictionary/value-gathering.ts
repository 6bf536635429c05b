import type { AttributeDefinition } from "./attribute-definition.ts";
import { unknownName } from "./attribute-names.ts";
import { describeValue, hexOf } from "./value-text.ts";

/** The texts of a packet, by attribute name. */
export type AttributeTexts = Record<string, string[]>;

/** Octets within a packet, not cut out of it. */
export interface Stretch {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

export const stretchOf = (bytes: Buffer): Stretch => ({ bytes, start: 0, end: bytes.length });

/** Adds a text under a name. */
const addText = (into: AttributeTexts, name: string, text: string): void => {
  const present = into[name];
  if (present === undefined) into[name] = [text];
  else present.push(text);
};

/** Adds octets under numbers. */
export const addUnknown = (into: AttributeTexts, numbers: readonly number[], { bytes, start, end }: Stretch): void =>
  addText(into, unknownName(numbers), hexOf(bytes, start, end));

/**
 * Adds one value under its name; under its number, below those around it, where the definition is missing or does not fit.
 * A secret value is not added at all.
 */
export const addValue = (
  into: AttributeTexts,
  definition: AttributeDefinition | undefined,
  stretch: Stretch,
  around: readonly number[],
  number: number,
): void => {
  if (definition === undefined) {
    addUnknown(into, [...around, number], stretch);
    return;
  }
  if (definition.isSecret) return;
  const isAdded = definition.type === "tlv" ? addWithin(into, definition, stretch, [...around, number]) : addOwn(into, definition, stretch);
  if (!isAdded) addUnknown(into, [...around, number], stretch);
};

const addOwn = (into: AttributeTexts, definition: AttributeDefinition, { bytes, start, end }: Stretch): boolean => {
  if (definition.isTagged) return addTagged(into, definition, { bytes, start, end });
  const text = describeValue(definition, bytes, start, end);
  if (text !== undefined) addText(into, definition.name, text);
  return text !== undefined;
};

/** A tag is the first octet of an integer, or of a text where it is no character (RFC 2868 §3.1). */
const addTagged = (into: AttributeTexts, definition: AttributeDefinition, { bytes, start, end }: Stretch): boolean => {
  const first = start < end ? bytes[start]! : 0x20;
  const hasTag = first <= 0x1f;
  const octets = Buffer.from(bytes.subarray(start, end));
  if (hasTag && definition.type === "integer") octets[0] = 0;
  const text = describeValue(definition, hasTag && definition.type !== "integer" ? octets.subarray(1) : octets);
  if (text !== undefined) addText(into, hasTag && first > 0 ? `${definition.name}:${first}` : definition.name, text);
  return text !== undefined;
};

/** Adds what lies within a TLV; false, and nothing added, where its lengths do not add up. */
const addWithin = (
  into: AttributeTexts,
  definition: AttributeDefinition,
  { bytes, start, end }: Stretch,
  numbers: readonly number[],
): boolean => {
  const inner: { readonly number: number; readonly stretch: Stretch }[] = [];
  for (let at = start; at < end; ) {
    const length = at + 1 < end ? bytes[at + 1]! : 0;
    if (length < 2 || at + length > end) return false;
    inner.push({ number: bytes[at]!, stretch: { bytes, start: at + 2, end: at + length } });
    at += length;
  }
  for (const { number, stretch } of inner) addValue(into, definition.children.get(number), stretch, numbers, number);
  return true;
};
