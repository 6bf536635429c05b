export { classifyPassword } from "./password-hash.rules.ts";
export { createPasswordHasher, createPasswordTurnstile, type PasswordHasher } from "./password-hasher.ts";
export { createPasswordVerifier, type PasswordClaim, type PasswordVerdict, type PasswordVerifier } from "./password-verifier.ts";
export type { Turnstile as PasswordTurnstile } from "./turnstile.ts";
