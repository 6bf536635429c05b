import { type Network, networkBits, parseNetwork } from "@gatehouse-aaa/contract";

const width = { 4: 32, 6: 128 } as const;

/** A network as text that sorts by its first address: of those that begin alike the widest comes first. */
export const addressKey = ({ version, bits, prefixLength }: Pick<Network, "version" | "bits" | "prefixLength">): string =>
  `${version}${bits.toString(16).padStart(width[version] / 4, "0")}${String(prefixLength).padStart(3, "0")}`;

/** The keys of a network and of all that hold it, the narrowest first. */
export const keysHolding = (network: Network): string[] =>
  Array.from({ length: network.prefixLength + 1 }, (_, wider) => {
    const prefixLength = network.prefixLength - wider;
    return addressKey({ version: network.version, prefixLength, bits: networkBits(network, prefixLength) });
  });

/** The first and the last key of the networks inside of a network, itself among them. */
export const keysInside = (network: Network): readonly [first: string, last: string] => {
  const { version, bits, prefixLength } = network;
  const last = bits | ((1n << BigInt(width[version] - prefixLength)) - 1n);
  return [addressKey(network), addressKey({ version, bits: last, prefixLength: width[version] })];
};

/** Whether a network lies inside of another, or is the same. */
export const isInside = (inner: Network, outer: Network): boolean =>
  inner.version === outer.version && inner.prefixLength >= outer.prefixLength && networkBits(inner, outer.prefixLength) === outer.bits;

/** A network that is stored: it was read before. */
export const storedNetwork = (canonical: string): Network => parseNetwork(canonical)!;
