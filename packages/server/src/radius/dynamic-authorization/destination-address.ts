import { networkBits, parseAddress, parseNetwork } from "@gatehouse-aaa/contract";

/** Which addresses of this machine and its link requests may go to. */
export type LocalDestinations = "none" | "loopback" | "all";

const kinds = (
  [
    ["loopback", ["127.0.0.0/8", "::1"]],
    ["link-local", ["169.254.0.0/16", "fe80::/10"]],
    ["multicast", ["224.0.0.0/4", "ff00::/8"]],
    ["broadcast", ["255.255.255.255"]],
    ["unspecified", ["0.0.0.0/8", "::"]],
  ] as const
).map(([kind, networks]) => ({ kind, networks: networks.map((text) => parseNetwork(text)!) }));

/** Why no request goes to an address, as a sentence; undefined where one may. IPv4 inside of IPv6 is IPv4. */
export const destinationFault = (text: string, local: LocalDestinations): string | undefined => {
  const address = parseAddress(text.split("%", 1)[0]!);
  if (!address) return "This is no address that anything is sent to.";
  const kind = kinds.find(({ networks }) =>
    networks.some(({ version, prefixLength, bits }) => version === address.version && networkBits(address, prefixLength) === bits),
  )?.kind;
  if (kind === undefined) return undefined;
  const isLocal = kind === "loopback" || kind === "link-local";
  if (isLocal && (local === "all" || (local === "loopback" && kind === "loopback"))) return undefined;
  return `Nothing is sent to a ${kind} address${isLocal ? " unless GATEHOUSE_COA_LOCAL says so" : ""}.`;
};
