import type { AttributeFamily } from "../attribute-definition.ts";

const proof = { isSecret: true, use: "protocol" } as const;

/** Microsoft: MS-CHAP, the keys of MPPE (which WPA Enterprise uses, too), and name servers for dial-in. */
export const microsoft: AttributeFamily = {
  source: "RFC 2548",
  vendor: { id: 311, name: "Microsoft" },
  rows: [
    [1, "MS-CHAP-Response", "octets", proof],
    [2, "MS-CHAP-Error", "string", { use: "protocol" }],
    [3, "MS-CHAP-CPW-1", "octets", proof],
    [4, "MS-CHAP-CPW-2", "octets", proof],
    [5, "MS-CHAP-LM-Enc-PW", "octets", proof],
    [6, "MS-CHAP-NT-Enc-PW", "octets", proof],
    [7, "MS-MPPE-Encryption-Policy", "integer", { use: "answers", values: { "Encryption-Allowed": 1, "Encryption-Required": 2 } }],
    [
      8,
      "MS-MPPE-Encryption-Types",
      "integer",
      {
        aliases: ["MS-MPPE-Encryption-Type"],
        use: "answers",
        values: { "RC4-40bit-Allowed": 1, "RC4-128bit-Allowed": 2, "RC4-40or128-bit-Allowed": 6 },
      },
    ],
    [9, "MS-RAS-Vendor", "integer", { use: "requests" }],
    [10, "MS-CHAP-Domain", "string", { use: "protocol" }],
    [11, "MS-CHAP-Challenge", "octets", proof],
    [12, "MS-CHAP-MPPE-Keys", "octets", { hiding: "password", isSecret: true, use: "protocol" }],
    [13, "MS-BAP-Usage", "integer", { use: "answers", values: { "Not-Allowed": 0, Allowed: 1, Required: 2 } }],
    [14, "MS-Link-Utilization-Threshold", "integer", { use: "answers" }],
    [15, "MS-Link-Drop-Time-Limit", "integer", { use: "answers" }],
    [16, "MS-MPPE-Send-Key", "octets", { hiding: "salted", isSecret: true, use: "answers" }],
    [17, "MS-MPPE-Recv-Key", "octets", { hiding: "salted", isSecret: true, use: "answers" }],
    [18, "MS-RAS-Version", "string"],
    [19, "MS-Old-ARAP-Password", "octets", proof],
    [20, "MS-New-ARAP-Password", "octets", proof],
    [
      21,
      "MS-ARAP-PW-Change-Reason",
      "integer",
      {
        use: "protocol",
        values: { "Just-Change-Password": 1, "Expired-Password": 2, "Admin-Requires-Password-Change": 3, "Password-Too-Short": 4 },
      },
    ],
    [22, "MS-Filter", "octets", { use: "answers" }],
    [23, "MS-Acct-Auth-Type", "integer", { use: "requests", values: { PAP: 1, CHAP: 2, "MS-CHAP-1": 3, "MS-CHAP-2": 4, EAP: 5 } }],
    [24, "MS-Acct-EAP-Type", "integer", { use: "requests", values: { MD5: 4, OTP: 5, "Generic-Token-Card": 6, TLS: 13 } }],
    [25, "MS-CHAP2-Response", "octets", proof],
    [26, "MS-CHAP2-Success", "octets", proof],
    [27, "MS-CHAP2-CPW", "octets", proof],
    [28, "MS-Primary-DNS-Server", "ipaddr"],
    [29, "MS-Secondary-DNS-Server", "ipaddr"],
    [30, "MS-Primary-NBNS-Server", "ipaddr"],
    [31, "MS-Secondary-NBNS-Server", "ipaddr"],
    [34, "MS-RAS-Client-Name", "string", { use: "requests" }],
    [35, "MS-RAS-Client-Version", "string", { use: "requests" }],
    [
      47,
      "MS-Network-Access-Server-Type",
      "integer",
      {
        use: "requests",
        values: {
          Unspecified: 0,
          "Terminal-Server-Gateway": 1,
          "Remote-Access-Server": 2,
          "DHCP-Server": 3,
          "Wireless-Access-Point": 4,
          HRA: 5,
          "HCAP-Server": 6,
        },
      },
    ],
    [50, "MS-Machine-Name", "string", { use: "requests" }],
  ],
};
