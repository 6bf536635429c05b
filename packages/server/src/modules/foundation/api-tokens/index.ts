export { type ApiToken, type ApiTokenStore, createApiTokenStore, imageOfToken } from "./api-token.store.ts";
export { type Authenticator, createAuthenticator } from "./authenticator.ts";
export { generateToken, hashToken, looksGenerated } from "./token-format.ts";
