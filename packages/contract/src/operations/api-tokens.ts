import { operation } from "../operation.ts";
import { ApiToken, ApiTokenInput, ApiTokenListQuery, ApiTokenPage, ApiTokenPatch, ApiTokenWithSecret } from "../schemas/api-token.ts";
import { plainQuery } from "../schemas/page.ts";
import { idInPath } from "../schemas/path.ts";

const tag = "api_token";
const byId = idInPath("The token's id.", 7);

export const apiTokenList = operation({
  operationId: "api_token_list",
  tag,
  method: "GET",
  path: "/api_token/",
  scope: "api_token:read",
  summary: "List API tokens",
  description: "The tokens of the organizations in sight, by id, without their secrets. Revoked tokens are not shown.",
  query: ApiTokenListQuery,
  success: { status: 200, description: "A page of API tokens.", schema: ApiTokenPage },
  errors: [],
  retry: "safe",
});

export const apiTokenCreate = operation({
  operationId: "api_token_create",
  tag,
  method: "POST",
  path: "/api_token/",
  scope: "api_token:write",
  summary: "Create an API token",
  description: "Makes a token and answers its secret, this once. A token never exceeds the scopes, the tree and the lifetime of its maker.",
  query: plainQuery(),
  body: ApiTokenInput,
  success: { status: 201, description: "The token that was made, with its secret.", schema: ApiTokenWithSecret },
  errors: ["api_token.exceeds_caller"],
  retry: "unsafe",
});

export const apiTokenRead = operation({
  operationId: "api_token_read",
  tag,
  method: "GET",
  path: "/api_token/{id}/",
  scope: "api_token:read",
  summary: "Read an API token",
  description: "One token by its id, without its secret.",
  params: byId,
  query: plainQuery(),
  success: { status: 200, description: "The token.", schema: ApiToken },
  errors: ["api_token.not_found"],
  retry: "safe",
});

export const apiTokenPartialUpdate = operation({
  operationId: "api_token_partial_update",
  tag,
  method: "PATCH",
  path: "/api_token/{id}/",
  scope: "api_token:write",
  summary: "Change an API token",
  description: "Changes the name, scopes or expiry of a token that holds no more than the one that asks, and to no more than that.",
  params: byId,
  query: plainQuery(),
  body: ApiTokenPatch,
  success: { status: 200, description: "The token as it now stands.", schema: ApiToken },
  errors: ["api_token.not_found", "api_token.exceeds_caller"],
  retry: "idempotent",
});

export const apiTokenDelete = operation({
  operationId: "api_token_delete",
  tag,
  method: "DELETE",
  path: "/api_token/{id}/",
  scope: "api_token:write",
  summary: "Revoke an API token",
  description: "Revokes the token at once; on other nodes within a second. A token cannot revoke one that holds more than itself.",
  params: byId,
  query: plainQuery(),
  success: { status: 204, description: "The token is revoked." },
  errors: ["api_token.not_found", "api_token.exceeds_caller"],
  retry: "idempotent",
});

export const apiTokenOperations = [apiTokenList, apiTokenCreate, apiTokenRead, apiTokenPartialUpdate, apiTokenDelete];
