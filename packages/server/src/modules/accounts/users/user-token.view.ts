import { formatInstant, type schemas } from "@gatehouse-aaa/contract";
import type { Static } from "typebox";
import { presentInstant } from "../../../kernel/nullable-values.ts";
import type { LedgerEntry } from "../time-ledger/index.ts";
import type { AccountFields } from "./account-draft.ts";
import type { Account, User } from "./user.ts";
import { readAccountFields } from "./user.view.ts";

type Input = Static<typeof schemas.UserTokenInput>;
type Patch = Static<typeof schemas.UserTokenPatch>;

type Shown = Static<typeof schemas.UserToken>;

/** An account as `/user_token/` shows it: the organization by id, the AAA profiles as a list, the balance when asked. */
export const presentUserToken = (user: User, options: { balance: boolean }): Shown =>
  options.balance ? { ...presentAccount(user), user_time: user.seconds } : presentAccount(user);

/** The same without the balance. */
export const presentAccount = (user: Account): Shown => ({
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
export const readUserTokenBody = (body: Input | Patch): AccountFields => ({
  ...readAccountFields(body),
  profileNames: body.profile,
  userTime: body.user_time,
});

/** What a PUT of `/user_token/` says: what this view's document shows returns to its default when left out. */
export const readUserTokenReplacement = (body: Input): AccountFields => {
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
