import type { AttributeFamily } from "../attribute-definition.ts";

const requests = { use: "requests" } as const;

/** Mobile networks: what a gateway tells of subscriber, equipment and place. */
export const mobile3gpp: AttributeFamily = {
  source: "3GPP TS 29.061 §16.4.7",
  vendor: { id: 10415, name: "3GPP" },
  rows: [
    [1, "3GPP-IMSI", "string"],
    [2, "3GPP-Charging-ID", "integer"],
    [3, "3GPP-PDP-Type", "integer"],
    [4, "3GPP-Charging-Gateway-Address", "ipaddr"],
    [5, "3GPP-GPRS-Negotiated-QoS-profile", "string"],
    [6, "3GPP-SGSN-Address", "ipaddr"],
    [7, "3GPP-GGSN-Address", "ipaddr"],
    [8, "3GPP-IMSI-MCC-MNC", "string"],
    [9, "3GPP-GGSN-MCC-MNC", "string"],
    [10, "3GPP-NSAPI", "string"],
    [11, "3GPP-Session-Stop-Indicator", "byte"],
    [12, "3GPP-Selection-Mode", "string"],
    [13, "3GPP-Charging-Characteristics", "string"],
    [14, "3GPP-Charging-Gateway-IPv6-Address", "ipv6addr"],
    [15, "3GPP-SGSN-IPv6-Address", "ipv6addr"],
    [16, "3GPP-GGSN-IPv6-Address", "ipv6addr"],
    [17, "3GPP-IPv6-DNS-Servers", "octets"],
    [18, "3GPP-SGSN-MCC-MNC", "string"],
    [19, "3GPP-Teardown-Indicator", "byte"],
    [20, "3GPP-IMEISV", "string"],
    [
      21,
      "3GPP-RAT-Type",
      "byte",
      {
        values: {
          UTRAN: 1,
          GERAN: 2,
          WLAN: 3,
          GAN: 4,
          "HSPA-Evolution": 5,
          EUTRAN: 6,
          Virtual: 7,
          "IEEE-802.16e": 101,
          "3GPP2-eHRPD": 102,
          "3GPP2-HRPD": 103,
          "3GPP2-1xRTT": 104,
        },
      },
    ],
    [22, "3GPP-User-Location-Info", "octets", { aliases: ["3GPP-Location-Info"] }],
    [23, "3GPP-MS-Time-Zone", "octets"],
    [25, "3GPP-Packet-Filter", "octets"],
    [26, "3GPP-Negotiated-DSCP", "byte"],
    [
      27,
      "3GPP-Allocate-IP-Type",
      "byte",
      {
        values: {
          "Do-Not-Allocate": 0,
          "Allocate-IPv4-Address": 1,
          "Allocate-IPv6-Prefix": 2,
          "Allocate-IPv4-and-IPv6": 3,
        },
      },
    ],
  ],
};

/** Cisco's (once Starent's) gateways, with two octets for type and length. */
export const starent: AttributeFamily = {
  source: "Cisco, ASR 5000 AAA interface administration and reference",
  vendor: { id: 8164, name: "Starent", typeOctets: 2, lengthOctets: 2 },
  rows: [
    [1, "SN-VPN-ID", "integer"],
    [2, "SN-VPN-Name", "string"],
    [5, "SN-Primary-DNS-Server", "ipaddr"],
    [6, "SN-Secondary-DNS-Server", "ipaddr"],
    [8, "SN-IP-Pool-Name", "string"],
    [10, "SN-IP-Filter-In", "string"],
    [11, "SN-IP-Filter-Out", "string"],
    [13, "SN-Local-IP-Address", "ipaddr"],
    [17, "SN-IP-In-ACL", "string"],
    [18, "SN-IP-Out-ACL", "string"],
    [94, "SN-Virtual-APN-Name", "string"],
  ],
};

/** WiMAX Forum; a third octet says whether a value goes on in the next attribute. What is not here travels as Attr-26.24757.n. */
export const wimax: AttributeFamily = {
  source: "WiMAX Forum, NWG stage 3",
  vendor: { id: 24757, name: "WiMAX", hasContinuation: true },
  rows: [
    [1, "WiMAX-Capability", "tlv"],
    ["1.1", "WiMAX-Release", "string"],
    ["1.2", "WiMAX-Accounting-Capabilities", "byte", { values: { "No-Accounting": 0, "IP-Session-Based": 1, "Flow-Based": 2 } }],
    [
      "1.3",
      "WiMAX-Hotlining-Capabilities",
      "byte",
      {
        values: { "Not-Supported": 0, "Hotline-Profile-Id": 1, "NAS-Filter-Rule": 2, "HTTP-Redirection": 4, "IP-Redirection": 8 },
      },
    ],
    ["1.4", "WiMAX-Idle-Mode-Notification-Cap", "byte", { values: { "Not-Supported": 0, Supported: 1 } }],
    [3, "WiMAX-GMT-Timezone-offset", "signed"],
    [4, "WiMAX-AAA-Session-Id", "octets"],
    [5, "WiMAX-MSK", "octets", { hiding: "salted", isSecret: true, use: "protocol" }],
    [21, "WiMAX-Session-Continue", "integer", requests],
    [22, "WiMAX-Beginning-Of-Session", "integer", requests],
    [23, "WiMAX-IP-Technology", "integer", { use: "requests", values: { PMIP4: 2, CMIP4: 3, CMIP6: 4, "Ethernet-CS": 5 } }],
    [46, "WiMAX-BS-Id", "octets", requests],
  ],
};

/** US Robotics' attributes have a type of four octets and no length. */
export const usr: AttributeFamily = {
  source: "3Com, Total Control RADIUS attributes",
  vendor: { id: 429, name: "USR", typeOctets: 4, lengthOctets: 0 },
  rows: [
    [0x00e9, "USR-Last-Callers-Number-ANI", "string", requests],
    [0x9842, "USR-Modem-Training-Time", "integer", requests],
  ],
};

/** Lucent's, whose type has two octets. */
export const lucent: AttributeFamily = {
  source: "Lucent, NavisRadius dictionary",
  vendor: { id: 4846, name: "Lucent", typeOctets: 2 },
  rows: [[2, "Lucent-Max-Shared-Users", "integer"]],
};
