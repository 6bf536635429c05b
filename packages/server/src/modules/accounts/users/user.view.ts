import { formatInstant, type schemas } from "@gatehouse-aaa/contract";
import type { Static } from "typebox";
import { mergePatch, shallowMerge } from "../../../kernel/merge-patch.ts";
import { emptyToNull, presentInstant, readInstant } from "../../../kernel/nullable-values.ts";
import type { OrganizationTree } from "../../foundation/organizations/index.ts";
import type { LedgerEntry } from "../time-ledger/index.ts";
import type { AccountFields } from "./account-draft.ts";
import { type Account, roleOf, type User } from "./user.ts";

type Input = Static<typeof schemas.UserInput>;
type Patch = Static<typeof schemas.UserPatch>;
type TokenInput = Static<typeof schemas.UserTokenInput>;
type TokenPatch = Static<typeof schemas.UserTokenPatch>;
type UserToken = Static<typeof schemas.UserToken>;
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

/** An account as `/user_token/` shows it: the organization by id, the AAA profiles as a list, the balance when asked. */
export const presentUserToken = (user: User, options: { balance: boolean }): UserToken =>
  options.balance ? { ...presentAccount(user), user_time: user.seconds } : presentAccount(user);

/** The same without the balance. */
export const presentAccount = (user: Account): UserToken => ({
  id: user.id,
  username: user.username,
  external_id: user.externalId,
  klass: user.klass,
  email: user.email,
  first_name: user.firstName,
  last_name: user.lastName,
  is_active: user.isActive,
  organization: user.organizationId,
  description: user.description,
  date_joined: formatInstant(user.dateJoinedMs),
  first_login: presentInstant(user.firstLoginMs),
  last_login: presentInstant(user.lastLoginMs),
  last_change: formatInstant(user.lastChangeMs),
  expiration: presentInstant(user.expirationMs),
  avatar_url: user.avatarUrl,
  profile: [...user.profileNames],
});

/** What a body of `/user_token/` says of an account, for POST and PATCH: what it does not name is left alone. */
export const readUserTokenBody = (body: TokenInput | TokenPatch): AccountFields => ({
  ...readAccountFields(body),
  profileNames: body.profile,
  userTime: body.user_time,
});

/** What a PUT of `/user_token/` says: what this view's document shows returns to its default when left out. */
export const readUserTokenReplacement = (body: TokenInput): AccountFields => {
  const fields = readUserTokenBody(body);
  return {
    ...fields,
    email: fields.email ?? null,
    firstName: fields.firstName ?? null,
    lastName: fields.lastName ?? null,
    externalId: fields.externalId ?? null,
    klass: fields.klass ?? null,
    description: fields.description ?? null,
    avatarUrl: fields.avatarUrl ?? null,
    expirationMs: fields.expirationMs ?? null,
    profileNames: fields.profileNames ?? [],
  };
};

export const presentLedgerEntry = (entry: LedgerEntry): Static<typeof schemas.TimeLedgerEntry> => ({
  id: entry.id,
  user: entry.userId,
  delta: entry.delta,
  balance_after: entry.balanceAfter,
  reason: entry.reason,
  actor: entry.actor,
  created_at: formatInstant(entry.createdAtMs),
  session: entry.sessionId,
  last_burn: presentInstant(entry.lastBurnMs),
  is_growing: entry.isGrowing,
});
