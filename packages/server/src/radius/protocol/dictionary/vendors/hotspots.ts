import type { AttributeFamily } from "../attribute-definition.ts";

/** RouterOS: hotspot, PPP and wireless. Rates stand in one string, limits in octets with a second attribute for what lies above 4 GiB. */
export const mikrotik: AttributeFamily = {
  source: "MikroTik, RouterOS RADIUS client manual",
  vendor: { id: 14988, name: "Mikrotik" },
  rows: [
    [1, "Mikrotik-Recv-Limit", "integer"],
    [2, "Mikrotik-Xmit-Limit", "integer"],
    [3, "Mikrotik-Group", "string"],
    [4, "Mikrotik-Wireless-Forward", "integer"],
    [5, "Mikrotik-Wireless-Skip-Dot1x", "integer"],
    [
      6,
      "Mikrotik-Wireless-Enc-Algo",
      "integer",
      { values: { "No-encryption": 0, "40-bit-WEP": 1, "104-bit-WEP": 2, "AES-CCM": 3, TKIP: 4 } },
    ],
    [7, "Mikrotik-Wireless-Enc-Key", "string", { isSecret: true }],
    [8, "Mikrotik-Rate-Limit", "string"],
    [9, "Mikrotik-Realm", "string"],
    [10, "Mikrotik-Host-IP", "ipaddr", { use: "requests" }],
    [11, "Mikrotik-Mark-Id", "string"],
    [12, "Mikrotik-Advertise-URL", "string"],
    [13, "Mikrotik-Advertise-Interval", "integer"],
    [14, "Mikrotik-Recv-Limit-Gigawords", "integer"],
    [15, "Mikrotik-Xmit-Limit-Gigawords", "integer"],
    [16, "Mikrotik-Wireless-PSK", "string", { isSecret: true }],
    [17, "Mikrotik-Total-Limit", "integer"],
    [18, "Mikrotik-Total-Limit-Gigawords", "integer"],
    [19, "Mikrotik-Address-List", "string"],
    [20, "Mikrotik-Wireless-MPKey", "string", { isSecret: true }],
    [21, "Mikrotik-Wireless-Comment", "string"],
    [22, "Mikrotik-Delegated-IPv6-Pool", "string"],
    [23, "Mikrotik-DHCP-Option-Set", "string"],
    [24, "Mikrotik-DHCP-Option-Param-STR1", "string"],
    [25, "Mikrotik-DHCP-Option-ParamSTR2", "string", { aliases: ["Mikrotik-DHCP-Option-Param-STR2"] }],
    [26, "Mikrotik-Wireless-VLANID", "integer"],
    [27, "Mikrotik-Wireless-VLANID-Type", "integer", { aliases: ["Mikrotik-Wireless-VLANIDtype"], values: { "802.1q": 0, "802.1ad": 1 } }],
    [28, "Mikrotik-Wireless-Minsignal", "string"],
    [29, "Mikrotik-Wireless-Maxsignal", "string"],
    [30, "Mikrotik-Switching-Filter", "string"],
  ],
};

/** Wireless ISP roaming: what most captive portals understand. Rates are in bits a second. */
export const wispr: AttributeFamily = {
  source: "Wi-Fi Alliance, WISPr best current practices 1.0",
  vendor: { id: 14122, name: "WISPr" },
  rows: [
    [1, "WISPr-Location-ID", "string"],
    [2, "WISPr-Location-Name", "string"],
    [3, "WISPr-Logoff-URL", "string"],
    [4, "WISPr-Redirection-URL", "string"],
    [5, "WISPr-Bandwidth-Min-Up", "integer"],
    [6, "WISPr-Bandwidth-Min-Down", "integer"],
    [7, "WISPr-Bandwidth-Max-Up", "integer"],
    [8, "WISPr-Bandwidth-Max-Down", "integer"],
    [9, "WISPr-Session-Terminate-Time", "string"],
    [10, "WISPr-Session-Terminate-End-Of-Day", "string"],
    [11, "WISPr-Billing-Class-Of-Service", "string"],
  ],
};

/** ChilliSpot, CoovaChilli and OpenWrt's uspot. Rates are in kilobits a second; the gigawords are CoovaChilli's. */
export const chilliSpot: AttributeFamily = {
  source: "CoovaChilli, dictionary and chilli-radius(5)",
  vendor: { id: 14559, name: "ChilliSpot" },
  rows: [
    [1, "ChilliSpot-Max-Input-Octets", "integer"],
    [2, "ChilliSpot-Max-Output-Octets", "integer"],
    [3, "ChilliSpot-Max-Total-Octets", "integer"],
    [4, "ChilliSpot-Bandwidth-Max-Up", "integer"],
    [5, "ChilliSpot-Bandwidth-Max-Down", "integer"],
    [6, "ChilliSpot-Config", "string"],
    [7, "ChilliSpot-Lang", "string"],
    [8, "ChilliSpot-Version", "string"],
    [9, "ChilliSpot-OriginalURL", "string"],
    [21, "ChilliSpot-Max-Input-Gigawords", "integer"],
    [22, "ChilliSpot-Max-Output-Gigawords", "integer"],
    [23, "ChilliSpot-Max-Total-Gigawords", "integer"],
    [100, "ChilliSpot-UAM-Allowed", "string"],
    [101, "ChilliSpot-MAC-Allowed", "string"],
    [102, "ChilliSpot-Interval", "integer"],
  ],
};

/** The captive portals of pfSense and OPNsense, beside the standard and WISPr attributes. */
export const pfSense: AttributeFamily = {
  source: "pfSense documentation, captive portal with RADIUS",
  vendor: { id: 13644, name: "pfSense" },
  rows: [
    [1, "pfSense-Bandwidth-Max-Up", "integer"],
    [2, "pfSense-Bandwidth-Max-Down", "integer"],
    [3, "pfSense-Max-Total-Octets", "integer"],
  ],
};

/** Gateways of hotels and conference centres. Rates are in kilobits a second. */
export const nomadix: AttributeFamily = {
  source: "Nomadix, Access Gateway user guide",
  vendor: { id: 3309, name: "Nomadix" },
  rows: [
    [1, "Nomadix-Bw-Up", "integer"],
    [2, "Nomadix-Bw-Down", "integer"],
    [3, "Nomadix-URL-Redirection", "string"],
    [4, "Nomadix-IP-Upsell", "integer", { values: { PrivatePool: 0, PublicPool: 1 } }],
    [5, "Nomadix-Expiration", "string"],
    [6, "Nomadix-Subnet", "string"],
    [7, "Nomadix-MaxBytesUp", "integer"],
    [8, "Nomadix-MaxBytesDown", "integer"],
    [9, "Nomadix-EndofSession", "integer"],
    [10, "Nomadix-Logoff-URL", "string"],
    [11, "Nomadix-Net-VLAN", "integer"],
    [12, "Nomadix-Config-URL", "string"],
    [13, "Nomadix-Goodbye-URL", "string"],
    [14, "Nomadix-Qos-Policy", "string"],
    [17, "Nomadix-SMTP-Redirect", "integer"],
    [18, "Nomadix-Centralized-Mgmt", "string"],
    [19, "Nomadix-Group-Policy-Id", "integer"],
    [20, "Nomadix-Group-Bw-Max-Up", "integer"],
    [21, "Nomadix-Group-Bw-Max-Down", "integer"],
  ],
};

/** Colubris and HP MSM access controllers; everything stands in the pairs. */
export const colubris: AttributeFamily = {
  source: "HP, MSM7xx controllers configuration guide",
  vendor: { id: 8744, name: "Colubris" },
  rows: [
    [0, "Colubris-AVPair", "string"],
    [1, "Colubris-Intercept", "integer"],
  ],
};

/** PPPoE concentrators of the name. */
export const roaringPenguin: AttributeFamily = {
  source: "Roaring Penguin, rp-pppoe",
  vendor: { id: 10055, name: "Roaring-Penguin" },
  rows: [
    [1, "RP-Upstream-Speed-Limit", "integer"],
    [2, "RP-Downstream-Speed-Limit", "integer"],
    [3, "RP-HURL", "string"],
    [4, "RP-MOTM", "string"],
    [5, "RP-Max-Sessions-Per-User", "integer"],
  ],
};
