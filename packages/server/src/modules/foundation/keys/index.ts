export { KeyRefused, loadSecretKey, requireKeptKey, requireSameKey } from "./key-custody.ts";
export { createSecretBox, type SecretBox } from "./secret-key.ts";
