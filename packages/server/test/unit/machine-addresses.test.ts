import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hasIPv6, isOfMany } from "../../src/config/machine-addresses.ts";

const own = (family: "IPv4" | "IPv6", address: string, netmask: string) => ({
  family,
  address,
  netmask,
  mac: "",
  internal: false,
  cidr: null,
  ...(family === "IPv6" ? { scopeid: 0 } : {}),
});
const interfaces = {
  lo: [own("IPv4", "127.0.0.1", "255.0.0.0")],
  eth0: [own("IPv4", "192.0.2.7", "255.255.255.0"), own("IPv4", "198.51.100.1", "255.255.255.254")],
  wg0: [own("IPv4", "203.0.113.255", "255.255.255.255")],
} as never;

describe("an address to listen on", () => {
  it("is none where it means many machines: multicast, broadcast, or the last of a network", () => {
    for (const address of ["224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "ff02::1", "ff02::1%eth0", "192.0.2.255"]) {
      assert.equal(isOfMany(address, interfaces), true, address);
    }
    assert.equal(isOfMany("127.255.255.255", interfaces), true);
    for (const address of [
      "0.0.0.0",
      "::",
      "::1",
      "127.0.0.1",
      "192.0.2.7",
      "198.51.100.1",
      "203.0.113.255",
      "fe80::1%eth0",
      "localhost",
    ]) {
      assert.equal(isOfMany(address, interfaces), false, address);
    }
  });

  it("is of IPv6 only where the machine has it", () => {
    assert.equal(hasIPv6(interfaces), false);
    assert.equal(hasIPv6({ lo: [own("IPv6", "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")] } as never), true);
    assert.equal(hasIPv6({}), false);
  });
});
