import { networkBits, parseAddress, parseNetwork } from "@gatehouse-aaa/contract";

/** Which addresses of this machine and its link orders may go to. */
export type LocalOrders = "none" | "loopback" | "all";

const kinds: readonly (readonly [kind: string, networks: readonly string[]])[] = [
  ["loopback", ["127.0.0.0/8", "::1"]],
  ["link-local", ["169.254.0.0/16", "fe80::/10"]],
  ["multicast", ["224.0.0.0/4", "ff00::/8"]],
  ["broadcast", ["255.255.255.255"]],
  ["unspecified", ["0.0.0.0/8", "::"]],
];

const known = kinds.map(([kind, networks]) => ({ kind, networks: networks.map((text) => parseNetwork(text)!) }));

/** Why no order goes to an address, as a sentence; undefined where one may. IPv4 inside of IPv6 is IPv4. */
export const orderAddressFault = (text: string, local: LocalOrders): string | undefined => {
  const address = parseAddress(text.split("%", 1)[0]!);
  if (!address) return "This is no address that anything is sent to.";
  const kind = known.find(({ networks }) =>
    networks.some(({ version, prefixLength, bits }) => version === address.version && networkBits(address, prefixLength) === bits),
  )?.kind;
  if (kind === undefined || local === "all") return kind === "loopback" || kind === "link-local" || !kind ? undefined : refused(kind);
  return kind === "loopback" && local === "loopback" ? undefined : refused(kind);
};

const refused = (kind: string): string =>
  `Nothing is sent to a ${kind} address${kind === "loopback" || kind === "link-local" ? " unless GATEHOUSE_COA_LOCAL says so" : ""}.`;
