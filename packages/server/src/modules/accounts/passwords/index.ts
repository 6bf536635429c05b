export type { HashCosts } from "./hash-costs.ts";
export type { HashingRequest } from "./hashing-queue.ts";
export { classifyPassword, type PasswordScheme } from "./password-hash.rules.ts";
export type { PasswordHasher } from "./password-hasher.ts";
export { isReadWhole } from "./password-matching.ts";
export type { PasswordVerifier } from "./password-verifier.ts";
