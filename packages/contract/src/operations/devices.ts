import { operation } from "../operation.ts";
import { DeviceListQuery, DeviceMoveListQuery, DeviceMovePage, DevicePage, Device as DeviceSchema } from "../schemas/device.ts";
import { plainQuery } from "../schemas/page.ts";
import { idInPath } from "../schemas/path.ts";

const tag = "device";
const byId = idInPath("The device's id.", 7);
const read = { tag, method: "GET", scope: "device:read", retry: "safe" } as const;

export const deviceList = operation({
  ...read,
  operationId: "device_list",
  path: "/device/",
  summary: "List devices",
  description:
    "The devices and device identifiers that the token sees, by id, narrowed by the filters given. They are assigned through `/user_extra/` and `/device_app_user_update/`.",
  query: DeviceListQuery,
  success: { status: 200, description: "A page of devices.", schema: DevicePage },
  errors: [],
});

export const deviceRead = operation({
  ...read,
  operationId: "device_read",
  path: "/device/{id}/",
  summary: "Read a device",
  description: "One device by its id.",
  params: byId,
  query: plainQuery(),
  success: { status: 200, description: "The device.", schema: DeviceSchema },
  errors: ["device.not_found"],
});

export const deviceHistoryList = operation({
  ...read,
  operationId: "device_history_list",
  path: "/device/{id}/history/",
  summary: "List who had a device",
  description: "Who had the device from when until when, oldest first, as far as the token sees those users.",
  params: byId,
  query: DeviceMoveListQuery,
  success: { status: 200, description: "A page of the history.", schema: DeviceMovePage },
  errors: ["device.not_found"],
});

export const deviceOperations = [deviceList, deviceRead, deviceHistoryList];
