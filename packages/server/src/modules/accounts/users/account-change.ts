import { actorLabel } from "../../../kernel/caller.ts";
import { recordChange } from "../../../kernel/change.ts";
import type { Transaction } from "../../../kernel/unit-of-work.ts";
import type { AaaProfileStore } from "../aaa-profiles/index.ts";
import { classifyPassword } from "../passwords/index.ts";
import type { NewLedgerEntry, TimeLedgerStore } from "../time-ledger/index.ts";
import type { AccountFields } from "./account-draft.ts";
import type { UserStore } from "./user.store.ts";
import { imageOf, type User, usernameKey } from "./user.ts";
import type { UserRecord } from "./user-links.store.ts";
import { isSameUser } from "./user-row.store.ts";

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

/** An account that is to be written, with the fields of its draft. */
export interface AccountChange extends UserRecord {
  readonly before: User;
  readonly fields: AccountFields;
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
  await runPasswordHooks(
    tx,
    hooks,
    inserted.filter(({ fields }) => fields.password),
  );
  for (const user of users) {
    recordChange(tx, { operation, resource: "user", record: user, before: null, after: imageOf(user, user.passwordHash !== null) });
  }
  return users;
};

/**
 * Writes changed accounts with their ledger rows and their Changes; an account that stays the same is not written. Returns all of them
 * in the same order.
 */
export const updateAccounts = async <Stores extends UserStores>(
  tx: Transaction<Stores>,
  { operation, hooks }: AccountWrite<Stores>,
  changes: readonly AccountChange[],
): Promise<User[]> => {
  const updated: AccountChange[] = [];
  const users: User[] = [];
  for (const change of changes) {
    const { before, user, fields } = change;
    const isSame = fields.password === undefined && isSameUser(before, user);
    const after = isSame ? before : { ...user, version: before.version + 1, lastChangeMs: tx.nowMs };
    if (!isSame) updated.push({ ...change, user: after });
    users.push(after);
  }
  if (updated.length > 1) updated.sort(byWritingOrder);
  await tx.users.update(updated);
  const entries: NewLedgerEntry[] = [];
  for (const { before, user } of updated) {
    if (user.seconds !== before.seconds) entries.push(balanceEntry(tx, before.seconds, user, "balance set"));
  }
  await tx.timeLedger.append(entries);
  for (const { before, user, fields } of updated) {
    const after = imageOf(user, fields.password !== undefined);
    recordChange(tx, { operation, resource: "user", record: user, before: imageOf(before), after });
  }
  await runMoveHooks(
    tx,
    { operation, hooks },
    updated.filter(({ before, user }) => user.organizationId !== before.organizationId),
  );
  await runPasswordHooks(
    tx,
    hooks,
    updated.filter(({ fields }) => fields.password !== undefined),
  );
  return users;
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
  if (moved.length === 0) return;
  const moves = moved.map(({ before, user }) => ({ before, after: user }));
  for (const { onMove } of hooks) await onMove(tx, operation, moves);
};

const runPasswordHooks = async <Stores>(
  tx: Transaction<Stores>,
  hooks: readonly AccountHooks<Stores>[],
  changed: readonly AccountChange[],
): Promise<void> => {
  if (changed.length === 0) return;
  const passwords = changed.map(({ user, fields: { password, passwordScheme } }) => ({
    user,
    clear: typeof password === "string" && classifyPassword(password, passwordScheme).kind === "clear" ? password : null,
  }));
  for (const { onPasswordsSet } of hooks) await onPasswordsSet?.(tx, passwords);
};

/** The ledger row of a balance that was set. */
export const balanceEntry = (tx: Transaction<unknown>, before: number | null, user: User, reason: string | null): NewLedgerEntry => ({
  nameSpaceId: user.nameSpaceId,
  organizationId: user.organizationId,
  userId: user.id,
  delta: (user.seconds ?? 0) - (before ?? 0),
  balanceAfter: user.seconds,
  reason,
  actor: actorLabel(tx.caller.actor),
  createdAtMs: tx.nowMs,
});
