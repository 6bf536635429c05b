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
  /** The account belongs to another organization of its name space now. */
  moved(tx: Transaction<Stores>, event: { operation: string; before: User; after: User }): Promise<void>;
  /** A password was set or removed. `clear` is null where it was removed or came as a hash. */
  passwordSet?(tx: Transaction<Stores>, event: { user: User; clear: string | null }): Promise<void>;
}

export interface AccountChange<Stores> {
  readonly before: User;
  readonly record: UserRecord;
  /** The draft's password, with its scheme: null when it was removed, undefined when it stays. */
  readonly password: Pick<AccountFields, "password" | "passwordScheme">;
  readonly dependents: readonly AccountDependent<Stores>[];
}

/** Writes changed accounts in this order, their ledger rows and their changes; a request that changes nothing of one writes nothing of it. */
export const writeChanges = async <Stores extends UserStores>(
  tx: Transaction<Stores>,
  operation: string,
  changes: readonly AccountChange<Stores>[],
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
  for (const { before, user, password, dependents } of changed) {
    const passwordChanged = password.password !== undefined;
    recordChange(tx, operation, before, user, passwordChanged);
    if (user.organizationId !== before.organizationId) {
      for (const dependent of dependents) await dependent.moved(tx, { operation, before, after: user });
    }
    if (passwordChanged) await passwordSet(tx, dependents, user, password);
  }
  return settled.map(({ user }) => user);
};

/** Tells who must know of a password that was set, in the unit that stores its hash. */
export const passwordSet = async <Stores>(
  tx: Transaction<Stores>,
  dependents: readonly AccountDependent<Stores>[],
  user: User,
  { password, passwordScheme }: AccountChange<Stores>["password"],
): Promise<void> => {
  const clear = typeof password === "string" && classifyPassword(password, passwordScheme).kind === "clear" ? password : null;
  for (const dependent of dependents) await dependent.passwordSet?.(tx, { user, clear });
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
