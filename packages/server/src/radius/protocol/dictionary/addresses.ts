/** An IPv4 address as four octets; undefined for anything else. Leading zeros are refused, for some read them as octal. */
export const parseIpv4 = (text: string): Buffer | undefined => {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return undefined;
  return Buffer.from(parts.map(Number));
};

export const formatIpv4 = (bytes: Buffer, at = 0): string => `${bytes[at]!}.${bytes[at + 1]!}.${bytes[at + 2]!}.${bytes[at + 3]!}`;

const groupsOf = (text: string): number[] | undefined => {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    const quad = index === parts.length - 1 ? parseIpv4(part) : undefined;
    if (quad) groups.push(quad.readUInt16BE(0), quad.readUInt16BE(2));
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
};

/** An IPv6 address as sixteen octets (RFC 4291 §2.2); undefined for anything else, zones included. */
export const parseIpv6 = (text: string): Buffer | undefined => {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(groupsOf);
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  // A dotted quad stands at the very end only.
  if (halves.length === 2 && halves[0]!.includes(".")) return undefined;
  const bytes = Buffer.alloc(16);
  for (const [index, group] of [...head, ...Array.from({ length: missing }, () => 0), ...(tail ?? [])].entries()) {
    bytes.writeUInt16BE(group, index * 2);
  }
  return bytes;
};

/** Sixteen octets in the form of RFC 5952: lower case, the longest run of two or more zero groups as `::`. */
export const formatIpv6 = (bytes: Buffer): string => {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2));
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start += 1) {
    let end = start;
    while (end < 8 && groups[end] === 0) end += 1;
    if (end - start > best.length) best = { start, length: end - start };
  }
  const written = (some: readonly number[]): string => some.map((group) => group.toString(16)).join(":");
  if (best.length < 2) return written(groups);
  return `${written(groups.slice(0, best.start))}::${written(groups.slice(best.start + best.length))}`;
};

/** Parses `address/length`; the length may be left out where the whole address is meant. */
const parsePrefix = (
  text: string,
  bits: number,
  parse: (address: string) => Buffer | undefined,
): { readonly address: Buffer; readonly length: number } | undefined => {
  const [address, length, ...others] = text.split("/");
  if (others.length > 0 || (length !== undefined && !/^(?:0|[1-9]\d{0,2})$/.test(length))) return undefined;
  const bytes = parse(address!);
  const count = length === undefined ? bits : Number(length);
  if (bytes === undefined || count > bits || !isClearFrom(bytes, count)) return undefined;
  return { address: bytes, length: count };
};

/** Whether the bits beyond a prefix are zero, as they must be (RFC 3162 §2.3, RFC 8044 §3.10). */
const isClearFrom = (bytes: Buffer, bit: number): boolean => {
  const cleared = Buffer.from(bytes);
  clearFrom(cleared, bit);
  return cleared.equals(bytes);
};

const clearFrom = (bytes: Buffer, bit: number): void => {
  for (let index = bit; index < bytes.length * 8; index += 1) bytes[index >> 3]! &= ~(0x80 >> (index & 7));
};

/** An IPv6 prefix: a reserved octet, the length in bits, and all sixteen octets (RFC 3162 §2.3). */
export const parseIpv6Prefix = (text: string): Buffer | undefined => {
  const prefix = parsePrefix(text, 128, parseIpv6);
  return prefix && Buffer.concat([Buffer.from([0, prefix.length]), prefix.address]);
};

/** The text of an IPv6 prefix, of which trailing octets may be left out; undefined where lengths do not fit. */
export const formatIpv6Prefix = (bytes: Buffer): string | undefined => {
  const length = bytes[1]!;
  if (bytes.length < 2 || bytes.length > 18 || length > 128 || (bytes.length - 2) * 8 < length) return undefined;
  const address = Buffer.alloc(16);
  bytes.copy(address, 0, 2);
  clearFrom(address, length);
  return `${formatIpv6(address)}/${length}`;
};

/** An IPv4 prefix: a reserved octet, the length in bits, four octets (RFC 8044 §3.11). */
export const parseIpv4Prefix = (text: string): Buffer | undefined => {
  const prefix = parsePrefix(text, 32, parseIpv4);
  return prefix && Buffer.concat([Buffer.from([0, prefix.length]), prefix.address]);
};

export const formatIpv4Prefix = (bytes: Buffer): string | undefined => {
  if (bytes.length !== 6 || bytes[1]! > 32) return undefined;
  return `${formatIpv4(bytes, 2)}/${bytes[1]!}`;
};
