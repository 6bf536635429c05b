export { type ApiToken, imageOfToken } from "./api-token.store.ts";
export { generateToken, hashToken } from "./token-format.ts";
