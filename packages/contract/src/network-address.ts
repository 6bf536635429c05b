/** An address or a range of addresses. */
export interface Network {
  /** The one way in which it is written: IPv4 in decimal, IPv6 as RFC 5952 says, with `/length` unless it is a single address. */
  readonly canonical: string;
  readonly version: 4 | 6;
  /** How many leading bits are fixed. */
  readonly prefixLength: number;
  readonly bits: bigint;
}

const width = { 4: 32, 6: 128 } as const;

/**
 * Reads an IPv4 or IPv6 address, or a range of them as address/length whose bits beyond the length are 0. Undefined for
 * anything else. An IPv4 address inside of IPv6 (`::ffff:192.0.2.1`) is the IPv4 address.
 */
export const parseNetwork = (text: string): Network | undefined => {
  const [addressText, lengthText, ...rest] = text.split("/");
  if (rest.length > 0 || (lengthText !== undefined && !/^(?:0|[1-9]\d{0,2})$/.test(lengthText))) return undefined;
  const address = parseAddress(addressText!);
  if (!address) return undefined;
  const { version, bits } = address;
  const isMapped = addressText!.includes(":") && version === 4;
  const prefixLength = lengthText === undefined ? width[version] : Number(lengthText) - (isMapped ? 96 : 0);
  if (prefixLength < 0 || prefixLength > width[version] || (bits & hostMask(version, prefixLength)) !== 0n) return undefined;
  const shown = showAddress(version, bits);
  return { version, bits, prefixLength, canonical: prefixLength === width[version] ? shown : `${shown}/${prefixLength}` };
};

const hostMask = (version: 4 | 6, prefixLength: number): bigint => (1n << BigInt(width[version] - prefixLength)) - 1n;

/** The first bits of an address, which a range of this length that holds it has, too. */
export const networkBits = ({ version, bits }: Pick<Network, "version" | "bits">, prefixLength: number): bigint =>
  bits & ~hostMask(version, prefixLength);

/** Reads a single address. */
export const parseAddress = (text: string): Pick<Network, "version" | "bits"> | undefined => {
  if (text.length > 45) return undefined;
  const four = parseIpv4(text);
  if (four !== undefined) return { version: 4, bits: four };
  const six = parseIpv6(text);
  if (six === undefined) return undefined;
  return six >> 32n === 0xffffn ? { version: 4, bits: six & 0xffff_ffffn } : { version: 6, bits: six };
};

const parseIpv4 = (text: string): bigint | undefined => {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
};

const parseIpv6 = (text: string): bigint | undefined => {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = [groupsOf(halves[0]!, halves.length === 1), groupsOf(halves[1] ?? "", true)];
  if (!head || !tail) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  return [...head, ...Array<bigint>(halves.length === 1 ? 0 : missing).fill(0n), ...tail].reduce(
    (bits, group) => (bits << 16n) | group,
    0n,
  );
};

/** The groups of 16 bits of one side of `::`; at the end of the whole an IPv4 address may stand for the last two. */
const groupsOf = (text: string, isEnd: boolean): bigint[] | undefined => {
  if (text === "") return [];
  const groups: bigint[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    const four = isEnd && index === parts.length - 1 && part.includes(".") ? parseIpv4(part) : undefined;
    if (four !== undefined) groups.push(four >> 16n, four & 0xffffn);
    else if (/^[\da-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
};

const showAddress = (version: 4 | 6, bits: bigint): string => {
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join(".");
  const groups = Array.from({ length: 8 }, (_, index) => Number((bits >> BigInt(112 - 16 * index)) & 0xffffn));
  const { from, length } = maxZeros(groups);
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  // RFC 5952 §4.2.2: a single group of zeros is not shortened.
  return length < 2 ? hex(groups) : `${hex(groups.slice(0, from))}::${hex(groups.slice(from + length))}`;
};

/** The longest run of groups that are 0, the first of several. */
const maxZeros = (groups: readonly number[]): { from: number; length: number } => {
  let best = { from: 0, length: 0 };
  for (let from = 0; from < groups.length; from += 1) {
    let length = 0;
    while (groups[from + length] === 0) length += 1;
    if (length > best.length) best = { from, length };
  }
  return best;
};
