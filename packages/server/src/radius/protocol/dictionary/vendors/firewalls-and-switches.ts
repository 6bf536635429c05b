import type { AttributeFamily } from "../attribute-definition.ts";

/** FortiGate: groups of VPN and portal users, and what it tells of its wireless clients. */
export const fortinet: AttributeFamily = {
  source: "Fortinet, RADIUS vendor-specific attributes",
  vendor: { id: 12356, name: "Fortinet" },
  rows: [
    [1, "Fortinet-Group-Name", "string"],
    [2, "Fortinet-Client-IP-Address", "ipaddr"],
    [3, "Fortinet-Vdom-Name", "string"],
    [4, "Fortinet-Client-IPv6-Address", "octets"],
    [5, "Fortinet-Interface-Name", "string"],
    [6, "Fortinet-Access-Profile", "string"],
    [7, "Fortinet-SSID", "string"],
    [8, "Fortinet-AP-Name", "string"],
    [23, "Fortinet-WirelessController-Device-MAC", "ether"],
    [24, "Fortinet-WirelessController-WTP-ID", "string"],
    [25, "Fortinet-WirelessController-Assoc-Time", "date"],
  ],
};

/** ProCurve and ArubaOS switches. */
export const hp: AttributeFamily = {
  source: "HPE, ArubaOS-Switch access security guide",
  vendor: { id: 11, name: "HP" },
  rows: [
    [1, "HP-Privilege-Level", "integer"],
    [2, "HP-Command-String", "string"],
    [3, "HP-Command-Exception", "integer", { values: { "Permit-List": 0, "Deny-List": 1 } }],
    [10, "HP-Port-Client-Limit-Dot1x", "integer"],
    [11, "HP-Port-Client-Limit-MA", "integer"],
    [12, "HP-Port-Client-Limit-WA", "integer"],
    [13, "HP-Port-Auth-Mode-Dot1x", "integer", { values: { "Port-Based": 1, "User-Based": 2 } }],
    [14, "HP-Port-MA-Port-Mode", "integer"],
    [23, "HP-Port-Bounce-Host", "integer"],
    [24, "HP-Captive-Portal-URL", "string"],
    [25, "HP-User-Role", "string"],
    [27, "HP-CPPM-Role", "string"],
    [40, "HP-Cos", "string", { aliases: ["HP-Port-Priority-Regeneration-Table"] }],
    [46, "HP-Bandwidth-Max-Ingress", "integer"],
    [48, "HP-Bandwidth-Max-Egress", "integer"],
    [61, "HP-Nas-Filter-Rule", "string", { aliases: ["HP-Ip-Filter-Raw"] }],
    [62, "HP-Access-Profile", "string"],
    [63, "HP-Nas-Rules-IPv6", "integer"],
    [64, "HP-Egress-VLANID", "integer"],
    [65, "HP-Egress-VLAN-Name", "string"],
  ],
};

/** Ascend's, which dial-in and PPPoE equipment of many makers still takes for name servers and rates. */
export const ascend: AttributeFamily = {
  source: "Lucent, TAOS RADIUS guide and reference",
  vendor: { id: 529, name: "Ascend" },
  rows: [
    [135, "Ascend-Client-Primary-DNS", "ipaddr"],
    [136, "Ascend-Client-Secondary-DNS", "ipaddr"],
    [137, "Ascend-Client-Assign-DNS", "integer", { values: { "DNS-Assign-No": 0, "DNS-Assign-Yes": 1 } }],
    [197, "Ascend-Data-Rate", "integer"],
    [218, "Ascend-Assign-IP-Pool", "integer"],
    [244, "Ascend-Idle-Limit", "integer"],
    [255, "Ascend-Xmit-Rate", "integer"],
  ],
};

/** SonicWall: groups and privileges of users. */
export const sonicWall: AttributeFamily = {
  source: "SonicWall, RADIUS attributes",
  vendor: { id: 8741, name: "SonicWall" },
  rows: [
    [
      1,
      "SonicWall-User-Privilege",
      "integer",
      {
        aliases: ["SS3-Firewall-User-Privilege"],
        values: {
          "Remote-Access": 1,
          "Bypass-Filters": 2,
          "VPN-Client-Access": 3,
          "Access-To-VPN": 4,
          "Limited-Management": 5,
          "L2TP-Client-Access": 6,
          "Wireless-Guest": 7,
          "Wireless-Add-ACL": 8,
          "Internet-Access": 9,
        },
      },
    ],
    [3, "SonicWall-User-Group", "string"],
  ],
};
