export { type DeviceIds, type DeviceStores, type HoldRequest, holdExactly, takeDeviceIds } from "./device.service.ts";
export { deviceStore } from "./device.store.ts";
export { type Device, type Holder, type IdentifierKind, identifierKinds, type WantedDevice } from "./device.ts";
export { deviceMoveStore } from "./device-move.store.ts";
