import { isUtf8 } from "node:buffer";
import { parseInstant } from "@gatehouse-aaa/contract";
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
export const textOf = (bytes: Buffer, start = 0, end: number = bytes.length): string => {
  const text = bytes.toString("utf8", start, end);
  const honest = text.includes("\uFFFD") && !isUtf8(bytes.subarray(start, end)) ? bytes.toString("latin1", start, end) : text;
  if (!honest.includes("\0")) return honest;
  return honest.replace(/\0+$/, "").replaceAll("\0", "\\000");
};

/** Octets as `0x…`. */
export const hexOf = (bytes: Buffer, start = 0, end: number = bytes.length): string => `0x${bytes.toString("hex", start, end)}`;

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
  /** The text of the octets from start to end; undefined where their length does not fit. No piece is cut out: packets are read often. */
  readonly format: (bytes: Buffer, start: number, end: number) => string | undefined;
}

/** An integer in digits; undefined where it is none or beyond the bounds. Hexadecimal ones are refused, for others who compare the text read digits. */
const parseInteger = (text: string, lowest: number, highest: number): number | undefined => {
  if (!/^-?\d{1,20}$/.test(text)) return undefined;
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
  if (!/^\d{1,20}$/.test(text) || BigInt(text) >= 1n << 64n) return undefined;
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

const fixed =
  (length: number, format: (bytes: Buffer, start: number) => string): ValueCodec["format"] =>
  (bytes, start, end) =>
    end - start === length ? format(bytes, start) : undefined;

/** For types that are rare, by a piece of their own. */
const cut =
  (format: (bytes: Buffer) => string | undefined): ValueCodec["format"] =>
  (bytes, start, end) =>
    format(bytes.subarray(start, end));

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
  integer: { ...unsigned(4), format: fixed(4, (bytes, at) => String(bytes.readUInt32BE(at))) },
  short: { ...unsigned(2), format: fixed(2, (bytes, at) => String(bytes.readUInt16BE(at))) },
  byte: { ...unsigned(1), format: fixed(1, (bytes, at) => String(bytes[at]!)) },
  integer64: {
    expects: "an integer from 0 to 18446744073709551615",
    parse: parseInteger64,
    format: fixed(8, (bytes, at) => String(bytes.readBigUInt64BE(at))),
  },
  signed: {
    expects: "an integer from -2147483648 to 2147483647",
    parse: parseSigned,
    format: fixed(4, (bytes, at) => String(bytes.readInt32BE(at))),
  },
  date: {
    expects: "a time such as 2026-01-05T10:00:00Z, from 1970 to 2106",
    parse: (text) => {
      const seconds = parseDate(text);
      return seconds === undefined ? undefined : unsigned(4).parse(String(seconds));
    },
    format: fixed(4, (bytes, at) => `${new Date(bytes.readUInt32BE(at) * 1000).toISOString().slice(0, 19)}Z`),
  },
  ipaddr: { expects: "an IPv4 address such as 192.0.2.1", parse: parseIpv4, format: fixed(4, formatIpv4) },
  ipv4prefix: {
    expects: "an IPv4 prefix such as 192.0.2.0/24, zeros beyond its length",
    parse: parseIpv4Prefix,
    format: cut(formatIpv4Prefix),
  },
  ipv6addr: {
    expects: "an IPv6 address such as 2001:db8::1",
    parse: parseIpv6,
    format: cut((bytes) => (bytes.length === 16 ? formatIpv6(bytes) : undefined)),
  },
  ipv6prefix: {
    expects: "an IPv6 prefix such as 2001:db8::/56, zeros beyond its length",
    parse: parseIpv6Prefix,
    format: cut(formatIpv6Prefix),
  },
  "combo-ip": {
    expects: "an IPv4 or IPv6 address",
    parse: (text) => parseIpv4(text) ?? parseIpv6(text),
    format: cut((bytes) => (bytes.length === 4 ? formatIpv4(bytes) : bytes.length === 16 ? formatIpv6(bytes) : undefined)),
  },
  ifid: {
    expects: "an interface id such as 0:0:0:1, four groups of up to four hexadecimal digits",
    parse: (text) => {
      const groups = text.split(":");
      if (groups.length !== 4 || !groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
      return Buffer.from(groups.map((group) => group.padStart(4, "0")).join(""), "hex");
    },
    format: fixed(8, (bytes, at) => [0, 2, 4, 6].map((step) => bytes.readUInt16BE(at + step).toString(16)).join(":")),
  },
  ether: {
    expects: "a MAC address such as 00:11:22:aa:bb:cc",
    parse: (text) => (/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i.test(text) ? Buffer.from(text.replaceAll(":", ""), "hex") : undefined),
    format: fixed(6, (bytes, at) => bytes.toString("hex", at, at + 6).replace(/(..)(?=.)/g, "$1:")),
  },
};

/**
 * The text of a value's octets from start to end, tag and hiding already gone: named values by their names. Undefined where
 * they do not fit the type.
 */
export const describeValue = (
  definition: AttributeDefinition,
  bytes: Buffer,
  start = 0,
  end: number = bytes.length,
): string | undefined => {
  const { type, nameOfNumber } = definition;
  if (type === "tlv") return hexOf(bytes, start, end);
  const text = codecs[type].format(bytes, start, end);
  if (text === undefined || nameOfNumber.size === 0) return text;
  return nameOfNumber.get(Number(text)) ?? text;
};

/** The octets of a value's text, tag and hiding still to come; undefined where it does not fit the type. */
export const parseValue = (definition: AttributeDefinition, text: string): Buffer | undefined => {
  if (definition.type === "tlv") return undefined;
  const named = definition.numberOfName.size === 0 ? undefined : definition.numberOfName.get(text.toLowerCase());
  return codecs[definition.type].parse(named === undefined ? text : String(named));
};

/** What the texts of a type must be, to follow "Enter". */
export const expectedText = (type: AttributeType): string => (type === "tlv" ? "one of the attributes within it" : codecs[type].expects);
