export { classifyPassword } from "./password-hash.rules.ts";
export { createPasswordHasher, type PasswordHasher } from "./password-hasher.ts";
