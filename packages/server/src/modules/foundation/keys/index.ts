export { isBoundToKey, KeyRefused, loadSecretKey, requireKeptKey, requireSameKey } from "./key-custody.ts";
export { createSecretBox, createSigner, type SecretBox, type Signer } from "./secret-key.ts";
