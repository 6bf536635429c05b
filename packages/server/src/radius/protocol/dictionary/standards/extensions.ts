import type { AttributeFamily } from "../attribute-definition.ts";

const requests = { use: "requests" } as const;
const answers = { use: "answers" } as const;
const protocol = { use: "protocol" } as const;

/** RADIUS Extensions. */
export const rfc2869: AttributeFamily = {
  source: "RFC 2869",
  rows: [
    [52, "Acct-Input-Gigawords", "integer", requests],
    [53, "Acct-Output-Gigawords", "integer", requests],
    [55, "Event-Timestamp", "date", requests],
    [70, "ARAP-Password", "octets", { isSecret: true, use: "protocol" }],
    [71, "ARAP-Features", "octets", answers],
    [
      72,
      "ARAP-Zone-Access",
      "integer",
      { use: "answers", values: { "Default-Zone": 1, "Zone-Filter-Inclusive": 2, "Zone-Filter-Exclusive": 4 } },
    ],
    [73, "ARAP-Security", "integer", protocol],
    [74, "ARAP-Security-Data", "string", { isSecret: true, use: "protocol" }],
    [75, "Password-Retry", "integer", answers],
    [76, "Prompt", "integer", { use: "answers", values: { "No-Echo": 0, Echo: 1 } }],
    [77, "Connect-Info", "string", requests],
    [78, "Configuration-Token", "string", answers],
    [79, "EAP-Message", "octets", { isSecret: true, use: "protocol" }],
    [80, "Message-Authenticator", "octets", { isSecret: true, use: "protocol" }],
    [84, "ARAP-Challenge-Response", "octets", { isSecret: true, use: "protocol" }],
    [85, "Acct-Interim-Interval", "integer", answers],
    [87, "NAS-Port-Id", "string", requests],
    [88, "Framed-Pool", "string", answers],
  ],
};

/** Single attributes of several RFCs. */
export const laterAttributes: AttributeFamily = {
  source: "RFC 4072, 4372, 4675, 4849, 5607",
  rows: [
    [56, "Egress-VLANID", "integer"],
    [57, "Ingress-Filters", "integer", { values: { Enabled: 1, Disabled: 2 } }],
    [58, "Egress-VLAN-Name", "string"],
    [59, "User-Priority-Table", "octets"],
    [89, "Chargeable-User-Identity", "octets"],
    [92, "NAS-Filter-Rule", "string", answers],
    [102, "EAP-Key-Name", "octets", { isSecret: true, use: "protocol" }],
    [133, "Framed-Management", "integer", { values: { SNMP: 1, "Web-Based": 2, Netconf: 3, FTP: 4, TFTP: 5, SFTP: 6, RCP: 7, SCP: 8 } }],
    [
      134,
      "Management-Transport-Protection",
      "integer",
      { values: { "No-Protection": 1, "Integrity-Protection": 2, "Integrity-Confidentiality-Protection": 3 } },
    ],
    [135, "Management-Policy-Id", "string", answers],
    [136, "Management-Privilege-Level", "integer", answers],
  ],
};

/** Dynamic Authorization: why a Disconnect or CoA was refused (RFC 5176 §3.5). */
export const rfc5176: AttributeFamily = {
  source: "RFC 5176",
  rows: [
    [
      101,
      "Error-Cause",
      "integer",
      {
        use: "protocol",
        values: {
          "Residual-Context-Removed": 201,
          "Invalid-EAP-Packet": 202,
          "Unsupported-Attribute": 401,
          "Missing-Attribute": 402,
          "NAS-Identification-Mismatch": 403,
          "Invalid-Request": 404,
          "Unsupported-Service": 405,
          "Unsupported-Extension": 406,
          "Invalid-Attribute-Value": 407,
          "Administratively-Prohibited": 501,
          "Proxy-Request-Not-Routable": 502,
          "Session-Context-Not-Found": 503,
          "Session-Context-Not-Removable": 504,
          "Proxy-Processing-Error": 505,
          "Resources-Unavailable": 506,
          "Request-Initiated": 507,
          "Multiple-Session-Selection-Unsupported": 508,
        },
      },
    ],
  ],
};
