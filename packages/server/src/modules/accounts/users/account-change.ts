import { formatInstant } from "@gatehouse-aaa/contract";
import { actorLabel } from "../../../kernel/actor.ts";
import { type Image, recordChange } from "../../../kernel/change.ts";
import type { Transaction } from "../../../kernel/unit-of-work.ts";
import type { AaaProfileStore } from "../aaa-profiles/index.ts";
import { classifyPassword } from "../passwords/index.ts";
import type { NewLedgerEntry, TimeLedgerStore } from "../time-ledger/index.ts";
import type { AccountChange } from "./account-draft.checks.ts";
import type { UserStore } from "./user.store.ts";
import { type User, usernameKey } from "./user.ts";
import { isSameAccount } from "./user-row.store.ts";

export interface UserStores {
  readonly users: UserStore;
  readonly timeLedger: TimeLedgerStore;
  readonly aaaProfiles: AaaProfileStore;
}

/** What happens to other modules' records when an account changes, in the same unit. Composition lists the modules that have some. */
export interface AccountHooks<Stores> {
  /** Before the account is deleted. The pseudonym replaces it in what is kept for the books. */
  onDelete(tx: Transaction<Stores>, event: { operation: string; user: User; pseudonym: string }): Promise<void>;
  /** After accounts moved to other organizations of their namespaces: all of a unit at once, by as many statements as for one. */
  onMove(tx: Transaction<Stores>, operation: string, moves: readonly AccountMove[]): Promise<void>;
  /** After passwords were set or removed: all of a unit at once, by as many statements as for one. */
  onPasswordsSet?(tx: Transaction<Stores>, passwords: readonly NewPassword[]): Promise<void>;
}

/** An account before and after it moved to another organization. */
export interface AccountMove {
  readonly before: User;
  readonly after: User;
}

/** A password of an account. `clear` is null where it was removed or came as a hash. */
export interface NewPassword {
  readonly user: User;
  readonly clear: string | null;
}

/** The operation that writes accounts, and the hooks that follow it. */
export interface AccountWrite<Stores> {
  readonly operation: string;
  readonly hooks: readonly AccountHooks<Stores>[];
}

/** Writes new accounts with their first ledger rows and their Changes. Returns them in the same order. */
export const insertAccounts = async <Stores extends UserStores>(
  tx: Transaction<Stores>,
  { operation, hooks }: AccountWrite<Stores>,
  changes: readonly AccountChange[],
): Promise<User[]> => {
  const inserted = changes.map((change) => ({ ...change, user: { ...change.user, version: 1 } }));
  const users = inserted.map(({ user }) => user);
  await tx.users.insert(inserted);
  const metered = users.filter(({ seconds }) => seconds !== null);
  await tx.timeLedger.append(metered.map((user) => balanceEntry(tx, null, user, "opening credit")));
  const withPasswords = inserted.filter(({ fields }) => fields.password);
  if (withPasswords.length > 0) await runPasswordHooks(tx, hooks, withPasswords);
  for (const user of users) {
    recordChange(tx, { operation, resource: "user", record: user, before: null, after: imageOf(user, user.passwordHash !== null) });
  }
  return users;
};

/**
 * Writes changed accounts with their ledger rows and their Changes; an account that stays the same is not written. Returns all of them in
 * the same order, and the changes that store a password hash anew or below another payer.
 */
export const updateAccounts = async <Stores extends UserStores>(
  tx: Transaction<Stores>,
  { operation, hooks }: AccountWrite<Stores>,
  changes: readonly AccountChange[],
): Promise<{ readonly users: User[]; readonly hashed: readonly AccountChange[] }> => {
  const updated: AccountChange[] = [];
  const users: User[] = [];
  for (const change of changes) {
    const { before, user, fields } = change;
    const isSame = fields.password === undefined && user.seconds === before.seconds && isSameAccount(before, user);
    const after = isSame ? before : { ...user, version: before.version + 1, lastChangeMs: tx.nowMs };
    if (!isSame) updated.push({ ...change, user: after });
    users.push(after);
  }
  if (updated.length > 1) updated.sort(byWritingOrder);
  const entries: NewLedgerEntry[] = [];
  const moved: AccountChange[] = [];
  const withPasswords: AccountChange[] = [];
  for (const change of updated) {
    const { before, user, fields } = change;
    const images = { before: imageOf(before), after: imageOf(user, fields.password !== undefined) };
    if (user.seconds !== before.seconds) entries.push(balanceEntry(tx, before.seconds, user, "balance set"));
    if (user.organizationId !== before.organizationId) moved.push(change);
    if (fields.password !== undefined) withPasswords.push(change);
    recordChange(tx, { operation, resource: "user", record: user, ...images });
  }
  await tx.users.update(updated);
  await tx.timeLedger.append(entries);
  if (moved.length > 0) await runMoveHooks(tx, { operation, hooks }, moved);
  if (withPasswords.length > 0) await runPasswordHooks(tx, hooks, withPasswords);
  return { users, hashed: [...moved, ...withPasswords] };
};

/**
 * One order for all units, whatever the order of the request: by the new names, which another array may claim at the same time, then by
 * the ids.
 */
const byWritingOrder = (one: AccountChange, other: AccountChange): number => {
  const [oneName, otherName] = [newNameOf(one), newNameOf(other)];
  if (oneName === otherName) return one.before.id - other.before.id;
  return oneName < otherName ? -1 : 1;
};

const newNameOf = ({ before, user }: AccountChange): string => (before.username === user.username ? "" : usernameKey(user.username));

const runMoveHooks = async <Stores>(
  tx: Transaction<Stores>,
  { operation, hooks }: AccountWrite<Stores>,
  moved: readonly AccountChange[],
): Promise<void> => {
  const moves = moved.map(({ before, user }) => ({ before, after: user }));
  for (const { onMove } of hooks) await onMove(tx, operation, moves);
};

const runPasswordHooks = async <Stores>(
  tx: Transaction<Stores>,
  hooks: readonly AccountHooks<Stores>[],
  changed: readonly AccountChange[],
): Promise<void> => {
  const passwords = changed.map(({ user, fields: { password, passwordScheme } }) => ({
    user,
    clear: typeof password === "string" && classifyPassword(password, passwordScheme).kind === "clear" ? password : null,
  }));
  for (const { onPasswordsSet } of hooks) await onPasswordsSet?.(tx, passwords);
};

/** The ledger row of a balance that was set. */
export const balanceEntry = (tx: Transaction<unknown>, before: number | null, user: User, reason: string | null): NewLedgerEntry => ({
  namespaceId: user.namespaceId,
  organizationId: user.organizationId,
  userId: user.id,
  delta: (user.seconds ?? 0) - (before ?? 0),
  balanceAfter: user.seconds,
  reason,
  actor: actorLabel(tx.caller.actor),
  createdAtMs: tx.nowMs,
});

/** The account as the audit trail keeps it. Of the password it shows whether there is one, and whether it changed. */
export const imageOf = (user: User, passwordChanged = false): Image => ({
  organization: user.organizationId,
  username: user.username,
  password: user.passwordHash === null ? null : passwordChanged ? "*** (changed)" : "***",
  email: user.email,
  first_name: user.firstName,
  last_name: user.lastName,
  external_id: user.externalId,
  klass: user.klass,
  description: user.description,
  avatar_url: user.avatarUrl,
  is_active: user.isActive,
  groups: user.groups,
  aaa_profile: user.aaaProfile,
  profile: user.profileNames,
  expiration: user.expirationMs === null ? null : formatInstant(user.expirationMs),
  user_time: user.seconds,
});
