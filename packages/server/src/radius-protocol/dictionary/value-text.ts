import { isUtf8 } from "node:buffer";
import { parseInstant } from "@gatehouse/contract";
import {
  formatIpv4,
  formatIpv4Prefix,
  formatIpv6,
  formatIpv6Prefix,
  parseIpv4,
  parseIpv4Prefix,
  parseIpv6,
  parseIpv6Prefix,
} from "./addresses.ts";
import type { AttributeDefinition, AttributeType } from "./attribute-definition.ts";

/**
 * The text of a string's octets. What is no UTF-8 is read as Latin-1, so that no octet is lost; U+0000, which no store takes,
 * is dropped at the end, where some equipment sends it, and written as \000 elsewhere, as FreeRADIUS does.
 */
export const textOf = (bytes: Buffer): string => {
  const text = bytes.toString("utf8");
  const honest = text.includes("\uFFFD") && !isUtf8(bytes) ? bytes.toString("latin1") : text;
  if (!honest.includes("\0")) return honest;
  return honest.replace(/\0+$/, "").replaceAll("\0", "\\000");
};

/** Octets as `0x…`. */
export const hexOf = (bytes: Buffer): string => `0x${bytes.toString("hex")}`;

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** Seconds since 1970 of a time: digits, ISO 8601, or as FreeRADIUS writes it, `Jan  5 2026 10:00:00 UTC`. */
const parseDate = (text: string): number | undefined => {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  const written = /^([A-Z][a-z]{2}) +(\d{1,2}) (\d{4}) (\d{2}):(\d{2}):(\d{2})(?: (?:UTC|GMT))?$/.exec(text);
  if (!written) {
    const milliseconds = parseInstant(text);
    return milliseconds === undefined ? undefined : milliseconds / 1000;
  }
  const [, month, ...numbers] = written;
  const [day, year, hour, minute, second] = numbers.map(Number) as [number, number, number, number, number];
  const index = months.indexOf(month!.toLowerCase());
  const at = Date.UTC(year, index, day, hour, minute, second);
  return index !== -1 && new Date(at).getUTCDate() === day && hour < 24 && minute < 60 && second < 60 ? at / 1000 : undefined;
};

/** How one type is written and read. */
interface ValueCodec {
  /** What a text must be, to follow "Enter". */
  readonly expects: string;
  /** The octets of a text; undefined where it does not fit. */
  readonly parse: (text: string) => Buffer | undefined;
  /** The text of octets; undefined where their length does not fit. */
  readonly format: (bytes: Buffer) => string | undefined;
}

/** An integer in digits or as 0x…; undefined where it is none or beyond the bounds. */
const parseInteger = (text: string, lowest: number, highest: number): number | undefined => {
  if (!/^(?:-?\d{1,20}|0x[0-9a-fA-F]{1,16})$/.test(text)) return undefined;
  const value = Number(text);
  return value >= lowest && value <= highest ? value : undefined;
};

const unsigned = (octets: 1 | 2 | 4): Pick<ValueCodec, "expects" | "parse"> => {
  const highest = 2 ** (8 * octets) - 1;
  return {
    expects: `an integer from 0 to ${highest}`,
    parse(text) {
      const value = parseInteger(text, 0, highest);
      if (value === undefined) return undefined;
      const bytes = Buffer.allocUnsafe(octets);
      bytes.writeUIntBE(value, 0, octets);
      return bytes;
    },
  };
};

const parseInteger64 = (text: string): Buffer | undefined => {
  if (!/^(?:\d{1,20}|0x[0-9a-fA-F]{1,16})$/.test(text) || BigInt(text) >= 1n << 64n) return undefined;
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(text));
  return bytes;
};

const parseSigned = (text: string): Buffer | undefined => {
  const value = parseInteger(text, -(2 ** 31), 2 ** 31 - 1);
  if (value === undefined) return undefined;
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

const fixed = (length: number, format: (bytes: Buffer) => string) => (bytes: Buffer) =>
  bytes.length === length ? format(bytes) : undefined;

const codecs: Readonly<Record<Exclude<AttributeType, "tlv">, ValueCodec>> = {
  string: { expects: "a text", parse: (text) => Buffer.from(text), format: textOf },
  octets: {
    expects: "octets as 0x followed by pairs of hexadecimal digits, or a text",
    parse: (text) => {
      if (!/^0x/i.test(text)) return Buffer.from(text);
      return /^0x(?:[0-9a-f]{2})*$/i.test(text) ? Buffer.from(text.slice(2), "hex") : undefined;
    },
    format: hexOf,
  },
  integer: { ...unsigned(4), format: fixed(4, (bytes) => String(bytes.readUInt32BE(0))) },
  short: { ...unsigned(2), format: fixed(2, (bytes) => String(bytes.readUInt16BE(0))) },
  byte: { ...unsigned(1), format: fixed(1, (bytes) => String(bytes[0]!)) },
  integer64: {
    expects: "an integer from 0 to 18446744073709551615",
    parse: parseInteger64,
    format: fixed(8, (bytes) => String(bytes.readBigUInt64BE(0))),
  },
  signed: {
    expects: "an integer from -2147483648 to 2147483647",
    parse: parseSigned,
    format: fixed(4, (bytes) => String(bytes.readInt32BE(0))),
  },
  date: {
    expects: "a time such as 2026-01-05T10:00:00Z, from 1970 to 2106",
    parse: (text) => {
      const seconds = parseDate(text);
      return seconds === undefined ? undefined : unsigned(4).parse(String(seconds));
    },
    format: fixed(4, (bytes) => `${new Date(bytes.readUInt32BE(0) * 1000).toISOString().slice(0, 19)}Z`),
  },
  ipaddr: { expects: "an IPv4 address such as 192.0.2.1", parse: parseIpv4, format: fixed(4, (bytes) => formatIpv4(bytes)) },
  ipv4prefix: { expects: "an IPv4 prefix such as 192.0.2.0/24, zeros beyond its length", parse: parseIpv4Prefix, format: formatIpv4Prefix },
  ipv6addr: { expects: "an IPv6 address such as 2001:db8::1", parse: parseIpv6, format: fixed(16, formatIpv6) },
  ipv6prefix: {
    expects: "an IPv6 prefix such as 2001:db8::/56, zeros beyond its length",
    parse: parseIpv6Prefix,
    format: formatIpv6Prefix,
  },
  "combo-ip": {
    expects: "an IPv4 or IPv6 address",
    parse: (text) => parseIpv4(text) ?? parseIpv6(text),
    format: (bytes) => (bytes.length === 4 ? formatIpv4(bytes) : bytes.length === 16 ? formatIpv6(bytes) : undefined),
  },
  ifid: {
    expects: "an interface id such as 0:0:0:1, four groups of up to four hexadecimal digits",
    parse: (text) => {
      const groups = text.split(":");
      if (groups.length !== 4 || !groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
      return Buffer.from(groups.map((group) => group.padStart(4, "0")).join(""), "hex");
    },
    format: fixed(8, (bytes) => [0, 2, 4, 6].map((at) => bytes.readUInt16BE(at).toString(16)).join(":")),
  },
  ether: {
    expects: "a MAC address such as 00:11:22:aa:bb:cc",
    parse: (text) => (/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i.test(text) ? Buffer.from(text.replaceAll(":", ""), "hex") : undefined),
    format: fixed(6, (bytes) => bytes.toString("hex").replace(/(..)(?=.)/g, "$1:")),
  },
};

/** The text of a value's octets, tag and hiding already gone: named values by their names. Undefined where they do not fit the type. */
export const describeValue = (definition: AttributeDefinition, bytes: Buffer): string | undefined => {
  if (definition.type === "tlv") return hexOf(bytes);
  const text = codecs[definition.type].format(bytes);
  if (text === undefined || definition.nameOfNumber.size === 0) return text;
  return definition.nameOfNumber.get(Number(text)) ?? text;
};

/** The octets of a value's text, tag and hiding still to come; undefined where it does not fit the type. */
export const parseValue = (definition: AttributeDefinition, text: string): Buffer | undefined => {
  if (definition.type === "tlv") return undefined;
  const named = definition.numberOfName.size === 0 ? undefined : definition.numberOfName.get(text.toLowerCase());
  return codecs[definition.type].parse(named === undefined ? text : String(named));
};

/** What the texts of a type must be, to follow "Enter". */
export const expectedText = (type: AttributeType): string => (type === "tlv" ? "one of the attributes within it" : codecs[type].expects);
