import type { AttributeFamily } from "../attribute-definition.ts";

const requests = { use: "requests" } as const;
const answers = { use: "answers" } as const;

/** Where a user is (RFC 5580), and what IEEE 802 networks tell (RFC 7268). */
export const wireless: AttributeFamily = {
  source: "RFC 5580, 7268",
  rows: [
    [126, "Operator-Name", "string"],
    [127, "Location-Information", "octets", requests],
    [128, "Location-Data", "octets", requests],
    [129, "Basic-Location-Policy-Rules", "octets"],
    [130, "Extended-Location-Policy-Rules", "string"],
    [
      131,
      "Location-Capable",
      "integer",
      { use: "requests", values: { "Civic-Location": 1, "Geo-Location": 2, "Users-Location": 4, "NAS-Location": 8 } },
    ],
    [
      132,
      "Requested-Location-Info",
      "integer",
      {
        use: "answers",
        values: { "Civic-Location": 1, "Geo-Location": 2, "Users-Location": 4, "NAS-Location": 8, "Future-Requests": 16, None: 32 },
      },
    ],
    [174, "Allowed-Called-Station-Id", "string", answers],
    [175, "EAP-Peer-Id", "octets"],
    [176, "EAP-Server-Id", "octets"],
    [177, "Mobility-Domain-Id", "integer", requests],
    [178, "Preauth-Timeout", "integer", answers],
    [179, "Network-Id-Name", "octets"],
    [180, "EAPoL-Announcement", "octets"],
    [181, "WLAN-HESSID", "string", requests],
    [182, "WLAN-Venue-Info", "integer", requests],
    [183, "WLAN-Venue-Language", "octets", requests],
    [184, "WLAN-Venue-Name", "string", requests],
    [185, "WLAN-Reason-Code", "integer", requests],
    [186, "WLAN-Pairwise-Cipher", "integer", requests],
    [187, "WLAN-Group-Cipher", "integer", requests],
    [188, "WLAN-AKM-Suite", "integer", requests],
    [189, "WLAN-Group-Mgmt-Cipher", "integer", requests],
    [190, "WLAN-RF-Band", "integer", requests],
  ],
};
