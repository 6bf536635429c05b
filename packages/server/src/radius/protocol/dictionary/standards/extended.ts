import type { AttributeFamily, AttributeRow } from "../attribute-definition.ts";

/** Ports that a carrier-grade NAT gave out: three groups with the same members, each under names of its own (RFC 8045 §3). */
const portGroup = (number: number, prefix: string): AttributeRow[] => [
  [`241.${number}.1`, `${prefix}-Type`, "integer"],
  [`241.${number}.2`, `${prefix}-Limit`, "integer"],
  [`241.${number}.3`, `${prefix}-Ext-IPv4-Addr`, "ipaddr"],
  [`241.${number}.4`, `${prefix}-Int-IPv4-Addr`, "ipaddr"],
  [`241.${number}.5`, `${prefix}-Int-IPv6-Addr`, "ipv6addr"],
  [`241.${number}.6`, `${prefix}-Int-Port`, "integer"],
  [`241.${number}.7`, `${prefix}-Ext-Port`, "integer"],
  [`241.${number}.8`, `${prefix}-Alloc`, "integer", { values: { Reserved: 0, Allocation: 1, Deallocation: 2 } }],
  [`241.${number}.9`, `${prefix}-Range-Start`, "integer"],
  [`241.${number}.10`, `${prefix}-Range-End`, "integer"],
  [`241.${number}.11`, `${prefix}-Local-Id`, "string"],
];

/** Attributes in the extended spaces of RFC 6929. */
export const extended: AttributeFamily = {
  source: "RFC 7499, 7930, 8045, 8559",
  rows: [
    [
      "241.1",
      "Frag-Status",
      "integer",
      { use: "protocol", values: { Reserved: 0, "Fragmentation-Supported": 1, "More-Data-Pending": 2, "More-Data-Request": 3 } },
    ],
    ["241.2", "Proxy-State-Length", "integer", { use: "protocol" }],
    ["241.3", "Response-Length", "integer", { use: "protocol" }],
    ["241.4", "Original-Packet-Code", "integer", { use: "protocol" }],
    ["241.5", "IP-Port-Limit-Info", "tlv"],
    ...portGroup(5, "IP-Port"),
    ["241.6", "IP-Port-Range", "tlv"],
    ...portGroup(6, "IP-Port-Range"),
    ["241.7", "IP-Port-Forwarding-Map", "tlv"],
    ...portGroup(7, "IP-Port-Map"),
    ["241.8", "Operator-NAS-Identifier", "octets"],
  ],
};
