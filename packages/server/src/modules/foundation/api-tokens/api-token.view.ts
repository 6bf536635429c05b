import { formatInstant, type schemas } from "@gatehouse-aaa/contract";
import type { Static } from "typebox";
import { presentInstant, readInstant } from "../../../kernel/nullable-values.ts";
import type { ApiTokenFields, NewApiTokenFields } from "./api-token.service.ts";
import type { ApiToken } from "./api-token.store.ts";

export const presentApiToken = (token: ApiToken): Static<typeof schemas.ApiToken> => ({
  id: token.id,
  name: token.name,
  organization: token.organizationId,
  scopes: [...token.scopes],
  expires_at: presentInstant(token.expiresAtMs),
  created_at: formatInstant(token.createdAtMs),
  last_used_at: presentInstant(token.lastUsedAtMs),
  last_change: formatInstant(token.lastChangeMs),
});

/** What a PATCH says of a token: what it does not name is left alone. */
export const readApiTokenPatch = (body: Static<typeof schemas.ApiTokenPatch>): ApiTokenFields => ({
  name: body.name,
  organization: body.organization,
  scopes: body.scopes,
  expiresAtMs: readInstant(body.expires_at),
});

/** What a POST says of a token. */
export const readApiTokenBody = (body: Static<typeof schemas.ApiTokenInput>): NewApiTokenFields => ({
  ...readApiTokenPatch(body),
  name: body.name,
  scopes: body.scopes,
});
