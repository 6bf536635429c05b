import type { Operation } from "../operation.ts";
import { aaaProfileOperations } from "./aaa-profiles.ts";
import { apiTokenOperations } from "./api-tokens.ts";
import { organizationOperations } from "./organizations.ts";
import { userTokenOperations } from "./user-tokens.ts";
import { userOperations } from "./users.ts";

export * from "./aaa-profiles.ts";
export * from "./api-tokens.ts";
export * from "./organizations.ts";
export * from "./user-tokens.ts";
export * from "./users.ts";

/** Every operation that Gatehouse offers: the table that routes, documentation and tests are made from. */
export const allOperations: readonly Operation[] = [
  ...organizationOperations,
  ...apiTokenOperations,
  ...aaaProfileOperations,
  ...userOperations,
  ...userTokenOperations,
];
