import type { Operation } from "../operation.ts";
import { userTokenOperations } from "./user-tokens.ts";
import { userOperations } from "./users.ts";

export * from "./user-tokens.ts";
export * from "./users.ts";

/** Every operation that Gatehouse offers: the table that routes, documentation and tests are made from. */
export const allOperations: readonly Operation[] = [...userOperations, ...userTokenOperations];
