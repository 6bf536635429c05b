import type { AttributeFamily } from "../attribute-definition.ts";

const requests = { use: "requests" } as const;
const answers = { use: "answers" } as const;

/** RADIUS and IPv6, with delegated prefixes (RFC 4818), addresses and pools (RFC 6911) and DS-Lite (RFC 6519). */
export const ipv6: AttributeFamily = {
  source: "RFC 3162, 4818, 6519, 6911",
  rows: [
    [95, "NAS-IPv6-Address", "ipv6addr", requests],
    [96, "Framed-Interface-Id", "ifid"],
    [97, "Framed-IPv6-Prefix", "ipv6prefix"],
    [98, "Login-IPv6-Host", "ipv6addr"],
    [99, "Framed-IPv6-Route", "string", answers],
    [100, "Framed-IPv6-Pool", "string", answers],
    [123, "Delegated-IPv6-Prefix", "ipv6prefix"],
    [144, "DS-Lite-Tunnel-Name", "string"],
    [168, "Framed-IPv6-Address", "ipv6addr"],
    [169, "DNS-Server-IPv6-Address", "ipv6addr"],
    [170, "Route-IPv6-Information", "ipv6prefix"],
    [171, "Delegated-IPv6-Prefix-Pool", "string", answers],
    [172, "Stateful-IPv6-Address-Pool", "string", answers],
  ],
};
