import { formatInstant, type schemas } from "@gatehouse-aaa/contract";
import type { Static } from "typebox";
import { mergePatch, shallowMerge } from "../../../kernel/merge-patch.ts";
import { emptyToNull, presentInstant, readInstant } from "../../../kernel/nullable-values.ts";
import type { OrganizationTree } from "../../foundation/organizations/index.ts";
import type { AccountFields } from "./account-draft.ts";
import { type Account, roleOf } from "./user.ts";

type Input = Static<typeof schemas.UserInput>;
type Patch = Static<typeof schemas.UserPatch>;
type JsonObject = Record<string, unknown>;

/** An account as `/user/` shows it: the organization by slug, and the older document's `profile` beside the newer fields. */
export const presentUser = (user: Account, tree: OrganizationTree): Static<typeof schemas.User> => ({
  id: user.id,
  username: user.username,
  email: user.email,
  first_name: user.firstName,
  last_name: user.lastName,
  organization: tree.get(user.organizationId).slug,
  is_active: user.isActive,
  last_login: presentInstant(user.lastLoginMs),
  date_joined: formatInstant(user.dateJoinedMs),
  groups: [...user.groups],
  aaa_profile: user.aaaProfile,
  external_id: user.externalId,
  klass: user.klass,
  description: user.description,
  avatar_url: user.avatarUrl,
  expiration: presentInstant(user.expirationMs),
  first_login: presentInstant(user.firstLoginMs),
  last_change: formatInstant(user.lastChangeMs),
  profile: {
    first_name: user.firstName,
    last_name: user.lastName,
    role: roleOf(user.aaaProfile),
    created_at: formatInstant(user.dateJoinedMs),
    updated_at: formatInstant(user.lastChangeMs),
    last_login: presentInstant(user.lastLoginMs),
  },
});

/** What a body of `/user/` says of an account, for POST and PATCH: what it does not name is left alone. */
export const readUserBody = (body: Input | Patch, isMergePatch = false): AccountFields => ({
  ...readAccountFields(body),
  firstName: body.first_name !== undefined ? body.first_name : body.profile?.first_name,
  lastName: body.last_name !== undefined ? body.last_name : body.profile?.last_name,
  groups: body.groups,
  aaaProfile: readAaaProfile(body, isMergePatch),
});

/** The fields that both views take under the same names. */
export const readAccountFields = (
  body: Pick<
    Patch,
    | "username"
    | "password"
    | "password_scheme"
    | "email"
    | "first_name"
    | "last_name"
    | "organization"
    | "external_id"
    | "klass"
    | "description"
    | "avatar_url"
    | "is_active"
    | "expiration"
  >,
): AccountFields => ({
  username: body.username,
  password: body.password,
  passwordScheme: body.password_scheme,
  email: emptyToNull(body.email),
  firstName: body.first_name,
  lastName: body.last_name,
  organization: body.organization,
  externalId: emptyToNull(body.external_id),
  klass: body.klass,
  description: body.description,
  avatarUrl: emptyToNull(body.avatar_url),
  isActive: body.is_active,
  expirationMs: readInstant(body.expiration),
});

const readAaaProfile = (body: Input | Patch, isMergePatch: boolean): AccountFields["aaaProfile"] => {
  const { aaa_profile: named, profile } = body;
  if (named) return (present) => (isMergePatch ? mergePatch({ ...present }, named) : shallowMerge({ ...present }, named));
  if (profile?.role === undefined) return undefined;
  const role: JsonObject = { role: profile.role };
  return (present) => (isMergePatch ? mergePatch({ ...present }, role) : shallowMerge({ ...present }, role));
};

/** What a PUT of `/user/` says: what this view's document shows returns to its default when left out. */
export const readUserReplacement = (body: Input): AccountFields => {
  const fields = readUserBody(body);
  const { aaaProfile } = fields;
  return {
    ...fields,
    email: fields.email ?? null,
    firstName: fields.firstName ?? null,
    lastName: fields.lastName ?? null,
    groups: fields.groups ?? [],
    aaaProfile: () => (aaaProfile ? aaaProfile({}) : {}),
  };
};
