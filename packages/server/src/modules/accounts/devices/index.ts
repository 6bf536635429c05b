export { deviceRoutes } from "./device.routes.ts";
export { type DeviceIds, type DeviceStores, devicesOfAccounts, type HoldRequest, holdExactly, takeDeviceIds } from "./device.service.ts";
export { type DeviceStore, deviceStore } from "./device.store.ts";
export { type Device, type Holder, type IdentifierKind, identifierKinds, type WantedDevice } from "./device.ts";
export { type DeviceMoveStore, deviceMoveStore } from "./device-move.store.ts";
export type { Holding } from "./device-settlement.ts";
