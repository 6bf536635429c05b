import { BlockList, isIP, isIPv6 } from "node:net";
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";

type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

const ofMany = new BlockList();
// Multicast, the class without a use, and the broadcast address in it (RFC 1112 §4); multicast of IPv6.
ofMany.addSubnet("224.0.0.0", 3, "ipv4");
ofMany.addSubnet("ff00::", 8, "ipv6");

/** Whether an address is many machines' and no one's: the system binds it, and nobody would ever reach us there. */
export const isOfMany = (address: string, interfaces: Interfaces = networkInterfaces()): boolean => {
  const bare = address.replace(/%.*$/, "");
  if (isIP(bare) === 0) return false;
  if (ofMany.check(bare, isIPv6(bare) ? "ipv6" : "ipv4")) return true;
  return all(interfaces).some((one) => one.family === "IPv4" && one.address !== bare && broadcastOf(one) === bare);
};

/** Whether a host is reachable from this machine alone. */
export const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);

/** Whether this machine has IPv6: a kernel may be without it, or have it switched off. */
export const hasIPv6 = (interfaces: Interfaces = networkInterfaces()): boolean => all(interfaces).some(({ family }) => family === "IPv6");

const all = (interfaces: Interfaces): NetworkInterfaceInfo[] => Object.values(interfaces).flatMap((found) => found ?? []);

/** The last address of a network, which means all of its machines; a network of two has none (RFC 3021). */
const broadcastOf = ({ address, netmask }: NetworkInterfaceInfo): string | undefined => {
  const [mask, own] = [octets(netmask), octets(address)];
  if (mask[3]! >= 254) return undefined;
  return own.map((octet, index) => octet | (255 - mask[index]!)).join(".");
};

const octets = (address: string): number[] => address.split(".").map(Number);
