export * from "./countries.ts";
export * from "./errors.ts";
export * from "./formats.ts";
export * from "./host-name.ts";
export * from "./instant.ts";
export * from "./network-address.ts";
export * from "./openapi.ts";
export * from "./operation.ts";
export * as operations from "./operations/index.ts";
export { allOperations } from "./operations/index.ts";
export { accessReasons, type accessSources } from "./schemas/access-decision.ts";
// Checked inside a string, where no document can refer to it: not a component.
export { DeviceAppUserAuthenticateData } from "./schemas/device-app-user-authenticate.ts";
export { DeviceAppUserUpdateData } from "./schemas/device-app-user-update.ts";
export type { FreeradiusAttribute } from "./schemas/freeradius.ts";
export * as schemas from "./schemas/index.ts";
export * from "./scopes.ts";
