import { networkBits, type parseAddress } from "@gatehouse-aaa/contract";
import { storedNetwork } from "../address-grants/index.ts";

/** What stands at networks, by their lengths, narrow ones before wide ones. */
export interface Range<Value> {
  readonly version: 4 | 6;
  readonly prefixLength: number;
  readonly byBits: ReadonlyMap<bigint, readonly Value[]>;
}

/** A single address. */
export type Address = NonNullable<ReturnType<typeof parseAddress>>;

/** What stands at the networks that hold an address, the narrowest first. */
export function* holding<Value>(ranges: readonly Range<Value>[], address: Address): Generator<readonly Value[]> {
  for (const range of ranges) {
    if (range.version !== address.version) continue;
    const values = range.byBits.get(networkBits(address, range.prefixLength));
    if (values) yield values;
  }
}

/** Sorts values by their networks, so that those of an address take one look for each prefix length. */
export const rangesOf = <Value>(entries: readonly { readonly network: string; readonly value: Value }[]): Range<Value>[] => {
  const ranges = new Map<string, { version: 4 | 6; prefixLength: number; byBits: Map<bigint, Value[]> }>();
  for (const { network, value } of entries) {
    const { version, prefixLength, bits } = storedNetwork(network);
    const key = `${version}/${prefixLength}`;
    const range = ranges.get(key) ?? { version, prefixLength, byBits: new Map() };
    ranges.set(key, range);
    const standing = range.byBits.get(bits);
    if (standing) standing.push(value);
    else range.byBits.set(bits, [value]);
  }
  return [...ranges.values()].sort((a, b) => b.prefixLength - a.prefixLength);
};
