import type { AttributeItem } from "../words/attributes.ts";

/**
 * Puts the reply attributes of several profiles together as FreeRADIUS does: `:=` replaces what stands there under the
 * same name and tag, `=` counts only where nothing does, `+=` adds one more. Other operators compare, and a reply
 * compares nothing: they are left out.
 */
export const mergeReply = (items: readonly AttributeItem[]): AttributeItem[] => {
  let merged: AttributeItem[] = [];
  for (const item of items) {
    const isSame = (other: AttributeItem) => other.attribute.toLowerCase() === item.attribute.toLowerCase();
    if (item.op === ":=") merged = [...merged.filter((other) => !isSame(other)), item];
    else if (item.op === "+=" || (item.op === "=" && !merged.some(isSame))) merged.push(item);
  }
  return merged;
};

/** The number that an attribute of a reply gives; undefined where it is not there or no whole number above 0. */
export const numberOf = (reply: readonly AttributeItem[], lowerCaseName: string): number | undefined => {
  const value = reply.find((item) => item.attribute.toLowerCase() === lowerCaseName)?.value;
  const number = value !== undefined && /^\d{1,10}$/.test(value) ? Number(value) : 0;
  return number >= 1 ? number : undefined;
};

/** The reply with one attribute set, at the place where it stood or at the end; undefined takes it out. */
export const withAttribute = (reply: readonly AttributeItem[], attribute: string, number: number | undefined): AttributeItem[] => {
  const rest = reply.filter((item) => item.attribute.toLowerCase() !== attribute.toLowerCase());
  return number === undefined ? rest : [...rest, { attribute, op: ":=", value: String(number) }];
};
