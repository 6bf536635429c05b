export { KeyRefused, loadSecretKey, requireSameKey } from "./key-custody.ts";
export { createSecretBox, type SecretBox } from "./secret-key.ts";
