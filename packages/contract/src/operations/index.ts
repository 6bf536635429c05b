import type { Operation } from "../operation.ts";
import { deviceAppUserUpdateOperations } from "./device-app-user-update.ts";
import { deviceOperations } from "./devices.ts";
import { userExtraOperations } from "./user-extras.ts";
import { userTokenOperations } from "./user-tokens.ts";
import { userOperations } from "./users.ts";

export * from "./device-app-user-update.ts";
export * from "./devices.ts";
export * from "./user-extras.ts";
export * from "./user-tokens.ts";
export * from "./users.ts";

/** Every operation that Gatehouse offers: the table that routes, documentation and tests are made from. */
export const allOperations: readonly Operation[] = [
  ...userOperations,
  ...userTokenOperations,
  ...userExtraOperations,
  ...deviceOperations,
  ...deviceAppUserUpdateOperations,
];
