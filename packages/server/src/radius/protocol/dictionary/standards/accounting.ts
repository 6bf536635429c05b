import type { AttributeFamily } from "../attribute-definition.ts";

const requests = { use: "requests" } as const;

/** RADIUS Accounting. */
export const rfc2866: AttributeFamily = {
  source: "RFC 2866",
  rows: [
    [
      40,
      "Acct-Status-Type",
      "integer",
      {
        use: "requests",
        values: {
          Start: 1,
          Stop: 2,
          "Interim-Update": 3,
          Alive: 3,
          "Accounting-On": 7,
          "Accounting-Off": 8,
          // RFC 2867 §3.
          "Tunnel-Start": 9,
          "Tunnel-Stop": 10,
          "Tunnel-Reject": 11,
          "Tunnel-Link-Start": 12,
          "Tunnel-Link-Stop": 13,
          "Tunnel-Link-Reject": 14,
          Failed: 15,
        },
      },
    ],
    [41, "Acct-Delay-Time", "integer", requests],
    [42, "Acct-Input-Octets", "integer", requests],
    [43, "Acct-Output-Octets", "integer", requests],
    [44, "Acct-Session-Id", "string", requests],
    [45, "Acct-Authentic", "integer", { use: "requests", values: { RADIUS: 1, Local: 2, Remote: 3, Diameter: 4 } }],
    [46, "Acct-Session-Time", "integer", requests],
    [47, "Acct-Input-Packets", "integer", requests],
    [48, "Acct-Output-Packets", "integer", requests],
    [
      49,
      "Acct-Terminate-Cause",
      "integer",
      {
        use: "requests",
        values: {
          "User-Request": 1,
          "Lost-Carrier": 2,
          "Lost-Service": 3,
          "Idle-Timeout": 4,
          "Session-Timeout": 5,
          "Admin-Reset": 6,
          "Admin-Reboot": 7,
          "Port-Error": 8,
          "NAS-Error": 9,
          "NAS-Request": 10,
          "NAS-Reboot": 11,
          "Port-Unneeded": 12,
          "Port-Preempted": 13,
          "Port-Suspended": 14,
          "Service-Unavailable": 15,
          Callback: 16,
          "User-Error": 17,
          "Host-Request": 18,
          // RFC 3580 §3.16.
          "Supplicant-Restart": 19,
          "Reauthentication-Failure": 20,
          "Port-Reinit": 21,
          "Port-Disabled": 22,
        },
      },
    ],
    [50, "Acct-Multi-Session-Id", "string", requests],
    [51, "Acct-Link-Count", "integer", requests],
  ],
};

/** Accounting for tunnels. */
export const rfc2867: AttributeFamily = {
  source: "RFC 2867",
  rows: [
    [68, "Acct-Tunnel-Connection", "string", requests],
    [86, "Acct-Tunnel-Packets-Lost", "integer", requests],
  ],
};
