/** A RADIUS attribute of a profile or of a reply, with FreeRADIUS' operator. */
export interface AttributeItem {
  readonly attribute: string;
  readonly op: string;
  readonly value: string;
}

/** The attributes of a request: FreeRADIUS' names, and for each the texts of its values in order. */
export type AttributeValues = Readonly<Record<string, readonly string[]>>;

/** The first value of an attribute; undefined where the request has none, or an empty one. */
export const firstOf = (attributes: AttributeValues, name: string): string | undefined => {
  const value = Object.hasOwn(attributes, name) ? attributes[name]?.[0] : undefined;
  return value === "" ? undefined : value;
};

/** Every Class of a request (RFC 2865 §5.25). It is octets; FreeRADIUS sends them in hexadecimal. */
export const classesOf = (attributes: AttributeValues): string[] =>
  (attributes["Class"] ?? []).map((value) =>
    /^0x(?:[\da-f]{2})+$/i.test(value) ? Buffer.from(value.slice(2), "hex").toString("latin1") : value,
  );

/**
 * The device of a request in one spelling: the digits of a hardware address, else Calling-Station-Id in lower case; empty
 * where it says none. Sessions are counted by it, so it is what a column can hold: otherwise a device that cannot be stored
 * would be counted as another one.
 */
export const stationOf = (callingStationId: string | undefined): string =>
  callingStationId === undefined ? "" : (macKey(callingStationId) ?? storableText(callingStationId)!.toLowerCase());

const maxTextLength = 253;

/** A text of a request as a column takes it: well formed, without U+0000, and no longer than an attribute can be. */
export const storableText = (text: string | undefined): string | null =>
  text === undefined ? null : text.slice(0, maxTextLength).toWellFormed().replaceAll("\u0000", "\uFFFD");

/** The first values of several attributes, each as a column takes it; null where the request has none. */
export const textsOf = <Name extends string>(attributes: AttributeValues, names: readonly Name[]): Record<Name, string | null> => {
  const texts = {} as Record<Name, string | null>;
  for (const name of names) texts[name] = storableText(firstOf(attributes, name));
  return texts;
};

/** Whether a column can hold a text unchanged. A text that no column can hold names nothing that is stored. */
export const isStorable = (text: string): boolean => text.length <= maxTextLength && text.isWellFormed() && !text.includes("\u0000");

const macSpellings = [
  /^[\da-f]{2}(?::[\da-f]{2}){5}$/i,
  /^[\da-f]{2}(?:-[\da-f]{2}){5}$/i,
  /^[\da-f]{4}(?:\.[\da-f]{4}){2}$/i,
  /^[\da-f]{6}-[\da-f]{6}$/i,
  /^[\da-f]{12}$/i,
];

const couldBeAddress = /^[\da-f:.-]{12,17}$/i;

/** The twelve digits of a hardware address in any of its five spellings; undefined for anything else. */
export const macKey = (text: string): string | undefined =>
  couldBeAddress.test(text) && macSpellings.some((spelling) => spelling.test(text))
    ? text.replaceAll(/[:.-]/g, "").toLowerCase()
    : undefined;

/** The five spellings of a hardware address of these twelve digits, in lower case: an account may be named by any of them. */
export const macSpellingsOf = (key: string): string[] => {
  const pairs = key.match(/../g)!;
  return [pairs.join(":"), pairs.join("-"), key.match(/..../g)!.join("."), `${key.slice(0, 6)}-${key.slice(6)}`, key];
};
