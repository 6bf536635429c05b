import { type Actor, actorLabel } from "../../../kernel/caller.ts";
import type { Transaction } from "../../../kernel/unit-of-work.ts";
import type { AaaProfileStore } from "../aaa-profiles/index.ts";
import { classifyPassword } from "../passwords/index.ts";
import type { NewLedgerEntry, TimeLedgerStore } from "../time-ledger/index.ts";
import type { AccountFields } from "./account-draft.ts";
import { isSameUser } from "./user.row.ts";
import type { UserRecord, UserStore } from "./user.store.ts";
import { imageOf, type User } from "./user.ts";

export interface UserStores {
  readonly users: UserStore;
  readonly timeLedger: TimeLedgerStore;
  readonly aaaProfiles: AaaProfileStore;
}

/** What must happen to other records when an account changes, in the same unit; app.ts lists who asks for it. */
export interface AccountDependent<Stores> {
  /** The account is about to be deleted; the pseudonym stands for it in what is kept for the books. */
  removed(tx: Transaction<Stores>, event: { operation: string; user: User; pseudonym: string }): Promise<void>;
  /** Accounts belong to other organizations of their name spaces now: all those of a unit, by as many statements as for one. */
  moved(tx: Transaction<Stores>, operation: string, moves: readonly AccountMove[]): Promise<void>;
  /** Passwords were set or removed: all those of a unit, by as many statements as for one. */
  passwordsSet?(tx: Transaction<Stores>, passwords: readonly NewPassword[]): Promise<void>;
}

/** An account before and after it came to another organization. */
export interface AccountMove {
  readonly before: User;
  readonly after: User;
}

/** A password of an account. `clear` is null where it was removed or came as a hash. */
export interface NewPassword {
  readonly user: User;
  readonly clear: string | null;
}

export interface AccountChange {
  readonly before: User;
  readonly record: UserRecord;
  /** The draft's password, with its scheme: null when it was removed, undefined when it stays. */
  readonly password: DraftPassword;
}

type DraftPassword = Pick<AccountFields, "password" | "passwordScheme">;

/** The operation that changes accounts, and who must hear of it. */
export interface Changing<Stores> {
  readonly operation: string;
  readonly dependents: readonly AccountDependent<Stores>[];
}

/** Writes changed accounts in this order, their ledger rows and their changes; a request that changes nothing of one writes nothing of it. */
export const writeChanges = async <Stores extends UserStores>(
  tx: Transaction<Stores>,
  { operation, dependents }: Changing<Stores>,
  changes: readonly AccountChange[],
): Promise<User[]> => {
  const settled = changes.map((change) => {
    const { before, record, password } = change;
    const isSame = password.password === undefined && isSameUser(before, record.user);
    return { ...change, isSame, user: isSame ? before : { ...record.user, version: before.version + 1, lastChangeMs: tx.nowMs } };
  });
  const changed = settled.filter(({ isSame }) => !isSame);
  await tx.users.update(changed.map(({ before, record, user }) => ({ ...record, before, user })));
  const balanced = changed.filter(({ before, user }) => user.seconds !== before.seconds);
  await tx.timeLedger.append(
    balanced.map(({ before, user }) => balanceEntry(before.seconds, user, "balance set", tx.caller.actor, tx.nowMs)),
  );
  for (const { before, user, password } of changed) recordChange(tx, operation, before, user, password.password !== undefined);
  const moves = changed.filter(({ before, user }) => user.organizationId !== before.organizationId);
  if (moves.length > 0) {
    for (const dependent of dependents) {
      await dependent.moved(
        tx,
        operation,
        moves.map(({ before, user }) => ({ before, after: user })),
      );
    }
  }
  await passwordsSet(
    tx,
    dependents,
    changed.filter(({ password }) => password.password !== undefined),
  );
  return settled.map(({ user }) => user);
};

/** Tells who must know of passwords that were set, in the unit that stores their hashes. */
export const passwordsSet = async <Stores>(
  tx: Transaction<Stores>,
  dependents: readonly AccountDependent<Stores>[],
  set: readonly { readonly user: User; readonly password: DraftPassword }[],
): Promise<void> => {
  if (set.length === 0) return;
  const passwords = set.map(({ user, password: { password, passwordScheme } }) => ({
    user,
    clear: typeof password === "string" && classifyPassword(password, passwordScheme).kind === "clear" ? password : null,
  }));
  for (const dependent of dependents) await dependent.passwordsSet?.(tx, passwords);
};

export const balanceEntry = (before: number | null, user: User, reason: string | null, actor: Actor, nowMs: number): NewLedgerEntry => ({
  nameSpaceId: user.nameSpaceId,
  organizationId: user.organizationId,
  userId: user.id,
  delta: (user.seconds ?? 0) - (before ?? 0),
  balanceAfter: user.seconds,
  reason,
  actor: actorLabel(actor),
  createdAtMs: nowMs,
});

export const recordChange = (
  tx: Transaction<unknown>,
  operation: string,
  before: User | null,
  after: User | null,
  passwordChanged: boolean,
): void => {
  const user = (after ?? before)!;
  tx.record({
    operation,
    resource: "user",
    resourceId: user.id,
    nameSpaceId: user.nameSpaceId,
    organizationId: user.organizationId,
    before: before && imageOf(before),
    after: after && imageOf(after, passwordChanged),
  });
};
