import { Type } from "typebox";
import { scopes as knownScopes, type Scope } from "../scopes.ts";
import { filter, listQuery, pageOf } from "./page.ts";
import {
  closed,
  id,
  instant,
  nullableFormat,
  nullableInstant,
  optionalFields,
  organizationReference,
  readOnly,
  requiredText,
} from "./vocabulary.ts";

const name = requiredText({ description: "What the token is for.", example: "Captive portal" });
const scopes = Type.Unsafe<Scope[]>({
  type: "array",
  items: { type: "string", enum: [...knownScopes] },
  minItems: 1,
  uniqueItems: true,
  description: "What the token may do; never more than the token that makes or changes it. `admin` implies every other scope.",
  example: ["user_token:read", "user_token:write"],
});
const writable = {
  name,
  organization: organizationReference({
    description:
      "The organization whose tree the token sees: its id (an integer or a string of digits) or its slug. Default: the organization of the token that makes it; fixed at creation.",
  }),
  scopes,
  expires_at: nullableFormat("instant", {
    description: "When the token stops working; null is never. A token that expires cannot make one that lives longer.",
    example: "2124-12-31T23:59:59Z",
  }),
};
const { name: _name, scopes: _scopes, ...optional } = writable;

const unread = {
  id: readOnly("The token's id."),
  created_at: readOnly("When the token was made."),
  last_used_at: readOnly("The last use."),
  last_change: readOnly("The last change."),
};

export const ApiTokenInput = closed(
  { name, scopes, ...optionalFields(optional), ...unread },
  { description: "An API token as `/api_token/` takes it." },
);
export const ApiTokenPatch = closed(
  { ...optionalFields(writable), ...unread },
  { description: "The fields of an API token to change; the others stay." },
);

const shown = {
  id: id("The token's id.", 7),
  name: Type.String({ description: "What the token is for.", example: "Captive portal" }),
  organization: id("The id of the organization whose tree the token sees.", 12345),
  scopes: Type.Array(Type.Enum([...knownScopes]), {
    description: "What the token may do.",
    example: ["user_token:read", "user_token:write"],
  }),
  expires_at: nullableInstant("When the token stops working; null is never.", null),
  created_at: instant("When the token was made."),
  last_used_at: nullableInstant("The last use, to within a minute; null when it was never used."),
  last_change: instant("The last change; a use is none."),
};

export const ApiToken = Type.Object(shown, { description: "An API token, without its secret." });

export const ApiTokenWithSecret = Type.Object(
  {
    ...shown,
    token: Type.String({
      description: "The secret to send as `Authorization: Bearer`. It is shown this once; only its hash is kept.",
      example: "gate_<46 letters and digits>",
    }),
  },
  { description: "An API token that was just made, with its secret." },
);

export const ApiTokenPage = pageOf(ApiToken, "A page of API tokens.");

export const ApiTokenListQuery = listQuery({ organization: filter.organization() });
