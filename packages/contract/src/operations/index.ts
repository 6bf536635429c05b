import type { Operation } from "../operation.ts";
import { aaaAccountingOperations } from "./aaa-accounting.ts";
import { aaaClientOperations } from "./aaa-clients.ts";
import { aaaProfileOperations } from "./aaa-profiles.ts";
import { accessDecisionOperations } from "./access-decisions.ts";
import { addressGrantOperations } from "./address-grants.ts";
import { apiTokenOperations } from "./api-tokens.ts";
import { deviceAppUserAuthenticateOperations } from "./device-app-user-authenticate.ts";
import { deviceAppUserUpdateOperations } from "./device-app-user-update.ts";
import { deviceOperations } from "./devices.ts";
import { freeradiusOperations } from "./freeradius.ts";
import { organizationOperations } from "./organizations.ts";
import { userExtraOperations } from "./user-extras.ts";
import { userTokenOperations } from "./user-tokens.ts";
import { userOperations } from "./users.ts";

export * from "./aaa-accounting.ts";
export * from "./aaa-clients.ts";
export * from "./aaa-profiles.ts";
export * from "./access-decisions.ts";
export * from "./address-grants.ts";
export * from "./api-tokens.ts";
export * from "./device-app-user-authenticate.ts";
export * from "./device-app-user-update.ts";
export * from "./devices.ts";
export * from "./freeradius.ts";
export * from "./organizations.ts";
export * from "./user-extras.ts";
export * from "./user-tokens.ts";
export * from "./users.ts";

/** Every operation that Gatehouse offers: the table that routes, documentation and tests are made from. */
export const allOperations: readonly Operation[] = [
  ...userOperations,
  ...userTokenOperations,
  ...userExtraOperations,
  ...deviceAppUserUpdateOperations,
  ...deviceAppUserAuthenticateOperations,
  ...deviceOperations,
  ...aaaProfileOperations,
  ...addressGrantOperations,
  ...aaaClientOperations,
  ...accessDecisionOperations,
  ...aaaAccountingOperations,
  ...freeradiusOperations,
  ...organizationOperations,
  ...apiTokenOperations,
];
