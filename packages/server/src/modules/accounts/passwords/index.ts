export { createCryptThreads } from "./crypt-threads.ts";
export { createHashCosts, type HashCosts } from "./hash-costs.ts";
export type { HashingRequest } from "./hashing-queue.ts";
export { classifyPassword, type PasswordScheme } from "./password-hash.rules.ts";
export { createPasswordHasher, createPasswordQueue, type PasswordHasher } from "./password-hasher.ts";
export { isReadWhole } from "./password-schemes.ts";
export { createPasswordVerifier, type PasswordClaim, type PasswordVerifier } from "./password-verifier.ts";
