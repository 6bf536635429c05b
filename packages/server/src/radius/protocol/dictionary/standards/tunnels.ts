import type { AttributeFamily } from "../attribute-definition.ts";

const tagged = { isTagged: true } as const;

/** Attributes for tunnels. Switches and access points use them for VLANs (RFC 3580 §3.31). */
export const rfc2868: AttributeFamily = {
  source: "RFC 2868",
  rows: [
    [
      64,
      "Tunnel-Type",
      "integer",
      {
        isTagged: true,
        values: {
          PPTP: 1,
          L2F: 2,
          L2TP: 3,
          ATMP: 4,
          VTP: 5,
          AH: 6,
          IP: 7,
          "MIN-IP": 8,
          ESP: 9,
          GRE: 10,
          DVS: 11,
          "IP-in-IP": 12,
          VLAN: 13,
        },
      },
    ],
    [
      65,
      "Tunnel-Medium-Type",
      "integer",
      {
        isTagged: true,
        values: {
          IPv4: 1,
          IP: 1,
          IPv6: 2,
          NSAP: 3,
          HDLC: 4,
          "BBN-1822": 5,
          // "All 802 media"; FreeRADIUS' configurations write IEEE-802.
          "IEEE-802": 6,
          "E.163": 7,
          "E.164": 8,
          "F.69": 9,
          "X.121": 10,
          IPX: 11,
          Appletalk: 12,
          "DecNet-IV": 13,
          "Banyan-Vines": 14,
          "E.164-NSAP": 15,
        },
      },
    ],
    [66, "Tunnel-Client-Endpoint", "string", tagged],
    [67, "Tunnel-Server-Endpoint", "string", tagged],
    [69, "Tunnel-Password", "string", { isTagged: true, hiding: "salted", isSecret: true, use: "answers" }],
    [81, "Tunnel-Private-Group-Id", "string", tagged],
    [82, "Tunnel-Assignment-Id", "string", { isTagged: true, use: "answers" }],
    [83, "Tunnel-Preference", "integer", tagged],
    [90, "Tunnel-Client-Auth-Id", "string", tagged],
    [91, "Tunnel-Server-Auth-Id", "string", tagged],
  ],
};
