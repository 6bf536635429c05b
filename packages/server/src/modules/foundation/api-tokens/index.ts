export { apiTokenRoutes } from "./api-token.routes.ts";
export { type ApiTokenService, createApiTokenService } from "./api-token.service.ts";
export { type ApiToken, type ApiTokenStore, apiTokenStore, imageOfToken } from "./api-token.store.ts";
export { type Authenticator, createAuthenticator } from "./authenticator.ts";
export { generateToken, hashToken } from "./token-format.ts";
export { createTokenRecall, type TokenRecall } from "./token-recall.ts";
