import { DomainError } from "../../../kernel/errors.ts";
import { countAlone } from "../../../kernel/pagination.ts";
import type { Organization, OrganizationDirectory } from "../../foundation/organizations/index.ts";
import type { House } from "../../manifest.ts";
import { deviceRoutes } from "./device.routes.ts";
import { type DeviceStores, devicesOfAccounts } from "./device.service.ts";
import { deviceStore } from "./device.store.ts";
import { deviceMoveStore } from "./device-move.store.ts";

export interface Needs {
  readonly organizations: { readonly directory: OrganizationDirectory };
}

export const deviceModule = {
  name: "accounts/devices",
  needs: ["organizations"],
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
      count: async (stores: DeviceStores, organization: Organization) => (await stores.devices.list({ organization }, countAlone)).count,
    },
  ],
  build: ({ work }: House<DeviceStores>, { organizations: { directory } }: Needs) => ({
    routes: deviceRoutes({ directory, work }),
    onAccount: devicesOfAccounts,
  }),
} as const;
