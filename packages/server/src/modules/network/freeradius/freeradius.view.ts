import type { FreeradiusAttribute } from "@gatehouse-aaa/contract";
import type { AttributeItem } from "../../../aaa/words/attributes.ts";
import type { AaaClient } from "../aaa-clients/index.ts";

/** A request list as FreeRADIUS sent it. */
export type FreeradiusList = Readonly<Record<string, FreeradiusAttribute>>;

/** An attribute of an answer, as rlm_rest reads it. */
export interface AnsweredAttribute {
  readonly op: ":=" | "+=";
  readonly value: readonly string[];
  readonly do_xlat: false;
}

/** Attributes that are secret or would help to find a password: nothing is compared with them, and they are not stored. */
const secret = /^(?:User-Password|CHAP-Password|CHAP-Challenge|Cleartext-Password|Tunnel-Password|MS-CHAP.*|EAP-.*|Digest-.*|ARAP-.*)$/i;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * A text as the equipment sent it: FreeRADIUS 3.2 writes each byte of UTF-8 as a character of its own. A text with characters
 * beyond a byte, or with bytes that are no UTF-8, was not written that way.
 */
export const wholeText = (text: string): string => {
  if (!/[\u0080-\u00ff]/.test(text) || /[\u0100-\uffff]/.test(text)) return text;
  try {
    return utf8.decode(Buffer.from(text, "latin1"));
  } catch {
    return text;
  }
};

/** The bytes of a text, as the equipment sent them. */
export const bytesOf = (text: string): Buffer => (/[\u0100-\uffff]/.test(text) ? Buffer.from(text) : Buffer.from(text, "latin1"));

/** The values of an attribute as FreeRADIUS wrote them. */
export const rawValues = (list: FreeradiusList, name: string): string[] => {
  const value = Object.hasOwn(list, name) ? list[name]?.value : undefined;
  return value === undefined ? [] : [value].flat().map(String);
};

/** The attributes of a request by name, each with its values as the equipment sent them; nothing secret is among them. */
export const readAttributes = (list: FreeradiusList): Record<string, readonly string[]> => {
  const attributes: Record<string, readonly string[]> = Object.create(null);
  for (const name of Object.keys(list)) if (!secret.test(name)) attributes[name] = rawValues(list, name).map(wholeText);
  return attributes;
};

/** FreeRADIUS 3.2 reads a backslash in any value as an escape, and drops a value that ends in one. */
const answered = (op: AnsweredAttribute["op"], ...values: string[]): AnsweredAttribute => ({
  op,
  value: values.map((value) => value.replaceAll("\\", "\\\\")),
  do_xlat: false,
});

/** Octets are written in hexadecimal, so that none of them is read as anything else; FreeRADIUS wants that for `Attr-` names. */
const written = ({ attribute, value }: AttributeItem): string => {
  const encoding = attribute === "Class" ? "latin1" : attribute.startsWith("Attr-") ? "utf8" : undefined;
  return encoding === undefined || /^0x/i.test(value) ? value : `0x${Buffer.from(value, encoding).toString("hex")}`;
};

/** Reply attributes for FreeRADIUS: one value is set, several are added. */
export const replyFor = (reply: readonly AttributeItem[]): Record<string, AnsweredAttribute> => {
  const result: Record<string, AnsweredAttribute> = {};
  for (const [name, items] of Map.groupBy(reply, (item) => item.attribute)) {
    result[`reply:${name}`] = answered(items.length === 1 ? ":=" : "+=", ...items.map(written));
  }
  return result;
};

/** An attribute for FreeRADIUS' control list. */
export const controlFor = (name: string, value: string): Record<string, AnsweredAttribute> => ({
  [`control:${name}`]: answered(":=", value),
});

/** A client for FreeRADIUS' dynamic clients, at the address that it sends from: there each address of a range is its own client. */
export const clientFor = (client: AaaClient, address: string): Record<string, AnsweredAttribute> => ({
  ...controlFor(address.includes(":") ? "FreeRADIUS-Client-IPv6-Address" : "FreeRADIUS-Client-IP-Address", address),
  ...controlFor("FreeRADIUS-Client-Secret", client.secret),
  ...controlFor("FreeRADIUS-Client-Shortname", client.shortName),
  ...controlFor("FreeRADIUS-Client-Require-MA", client.requireMessageAuthenticator ? "yes" : "no"),
});
