export * from "./errors.ts";
export * from "./formats.ts";
export * from "./instant.ts";
export * from "./openapi.ts";
export * from "./operation.ts";
export * as operations from "./operations/index.ts";
export { allOperations } from "./operations/index.ts";
export * as schemas from "./schemas/index.ts";
export * from "./scopes.ts";
