export { createCryptThreads } from "./crypt-threads.ts";
export { createDearestHashes, type DearestHashes } from "./dearest-hashes.ts";
export { classifyPassword, type PasswordScheme } from "./password-hash.rules.ts";
export { createPasswordHasher, createPasswordTurnstile, type PasswordHasher } from "./password-hasher.ts";
export { isReadWhole } from "./password-schemes.ts";
export { createPasswordVerifier, type PasswordClaim, type PasswordVerdict, type PasswordVerifier } from "./password-verifier.ts";
export type { Asking as PasswordAsking, Turnstile as PasswordTurnstile } from "./turnstile.ts";
