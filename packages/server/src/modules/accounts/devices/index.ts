export { type DeviceIds, type DeviceStores, type HoldRequest, holdExactly, takeDeviceIds } from "./device.service.ts";
export { type Device, type Holder, type IdentifierKind, identifierKinds, type WantedDevice } from "./device.ts";
