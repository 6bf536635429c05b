import { DomainError } from "../../../kernel/errors.ts";
import { countAlone } from "../../../kernel/pagination.ts";
import type { Organization } from "../../foundation/organizations/index.ts";
import { type DeviceStore, deviceStore } from "./device.store.ts";
import { deviceMoveStore } from "./device-move.store.ts";

export const deviceModule = {
  name: "accounts/devices",
  nouns: ["device", "device_move"],
  stores: { devices: deviceStore, deviceMoves: deviceMoveStore },
  refusals: {
    device__identifier: () =>
      new DomainError("device.held_elsewhere", "Another request assigned this device at the same moment. Try again."),
  },
  counts: { device: () => "device" },
  deletionBlockers: [
    {
      nouns: ["device", "devices"],
      count: async (stores: { readonly devices: DeviceStore }, organization: Organization) =>
        (await stores.devices.list({ organization }, countAlone)).count,
    },
  ],
} as const;
