import type { Caller } from "../../../kernel/caller.ts";
import { DomainError, Faults, type FieldFaults } from "../../../kernel/errors.ts";
import type { IdSource } from "../../../kernel/ids.ts";
import { inTurns } from "../../../kernel/in-turns.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Transaction, Work } from "../../../kernel/unit-of-work.ts";
import { type Precondition, requireVersion } from "../../../kernel/version.ts";
import {
  type OrganizationDirectory,
  type OrganizationTree,
  payingOrganization,
  shareOfCaller,
} from "../../foundation/organizations/index.ts";
import type { PasswordHasher } from "../passwords/index.ts";
import { type AccountDependent, balanceEntry, passwordsSet, recordChange, type UserStores, writeChanges } from "./account-change.ts";
import { type PlannedDraft, placeOf, settleDrafts } from "./account-draft.checks.ts";
import { type AccountDraft, type AccountFields, blankUser, checkDrafts, clearPasswordLength } from "./account-draft.ts";
import { type AccountSelector, lockAll, selectAccount, withBalances, withoutBalances } from "./account-selection.ts";
import type { UserRecord } from "./user.store.ts";
import { type Account, type User, usernameKey } from "./user.ts";

export interface UserServiceDependencies<Stores extends UserStores> {
  readonly work: Work<Stores>;
  readonly ids: IdSource<"user">;
  readonly directory: OrganizationDirectory;
  readonly passwords: PasswordHasher;
  readonly dependents: readonly AccountDependent<Stores>[];
}

export interface ChangeRequest {
  readonly selector: AccountSelector;
  readonly fields: AccountFields;
  readonly precondition?: Precondition;
  readonly prefix?: string;
}

/** What a request wants of an account, with the account that it means; without one it would be made. */
export interface JudgedDraft {
  readonly prefix: string;
  readonly fields: AccountFields;
  readonly selector?: AccountSelector | undefined;
}

export type UserService = ReturnType<typeof createUserService>;

/** The rules of accounts. Everything that writes is one unit of work with its ledger rows and changes. */
export const createUserService = <Stores extends UserStores>(deps: UserServiceDependencies<Stores>) => {
  const { work, ids, directory, dependents } = deps;

  /** Looks drafts through for everything that is faulty about them, and changes nothing. */
  const judge = async (caller: Caller, drafts: readonly JudgedDraft[]): Promise<Faults> => {
    const faults = new Faults();
    checkDrafts(drafts, faults);
    const stores = work.for(caller.scope);
    const tree = await directory.resolving(
      drafts.map((draft) => draft.fields.organization),
      caller.scope,
    );
    const planned: PlannedDraft[] = [];
    // Asked for together they travel together.
    const present = await Promise.all(
      drafts.map(({ selector }) => selector && selectAccount(withBalances(stores), tree, caller.scope, selector)),
    );
    for (const [index, draft] of drafts.entries()) {
      const before = present[index];
      const isNew = before === undefined;
      if (isNew && draft.selector) placeOf({ tree, scope: caller.scope }, { ...draft, before: blankUser(0, 0), isNew }, faults);
      else planned.push({ ...draft, before: before ?? blankUser(0, 0), isNew });
    }
    await settleDrafts({ stores, tree, scope: caller.scope }, planned, faults);
    return faults;
  };

  /**
   * Checks what needs no database and hashes passwords, those of an array in turns at the caller's expense: nobody waits
   * behind it, and it ends when nobody waits for it. `judgeAll` adds the other faults where there is one already.
   */
  const prepare = async (caller: Caller, drafts: readonly AccountDraft[], judgeAll?: () => Promise<Faults>): Promise<AccountDraft[]> => {
    const faults = new Faults();
    checkDrafts(drafts, faults);
    if (!faults.isEmpty) (judgeAll ? await judgeAll() : faults).throwIfAny();
    const tree = await directory.current();
    const longest = tree.longestMinPasswordLength(caller.scope.organizationId);
    // No hash is made of a password that is too short.
    if (judgeAll && drafts.some(({ fields }) => (clearPasswordLength(fields) ?? longest) < longest)) (await judgeAll()).throwIfAny();
    const share = shareOfCaller(tree, caller);
    return inTurns(drafts, deps.passwords.atOnce, async (draft) => {
      const { password, passwordScheme } = draft.fields;
      return password
        ? { ...draft, passwordHash: await deps.passwords.toStored(password, passwordScheme, { share, isWanted: caller.isWaiting }) }
        : { ...draft, passwordHash: password as null | undefined };
    });
  };

  /** What is wrong at the doors of these accounts is refused no sooner than at the step that covers their hashes. */
  const seeHashes = (tree: OrganizationTree, settled: readonly { readonly user: User }[]): void => {
    for (const { user } of settled) {
      if (user.passwordHash !== null) deps.passwords.dearest.see(payingOrganization(tree, user.organizationId), user.passwordHash);
    }
  };

  return {
    /** The faulty fields of drafts by name, for a request that the schema has refused already. */
    findFaults: async (caller: Caller, drafts: readonly JudgedDraft[]): Promise<FieldFaults> => (await judge(caller, drafts)).fields,

    /** An account as most views show it. */
    async get(scope: TenantScope, selector: AccountSelector): Promise<Account> {
      const stores = work.for(scope);
      if ("id" in selector) return (await stores.users.findAccount(selector.id)) ?? notFound();
      return (await selectAccount(withoutBalances(stores), await directory.current(), scope, selector)) ?? notFound();
    },

    async getWithBalance(scope: TenantScope, id: number): Promise<User> {
      return (await work.for(scope).users.find(id)) ?? notFound();
    },

    /** Creates all accounts or none. `prefixes` says where the request named each. */
    async create(caller: Caller, operation: string, rows: readonly { prefix: string; fields: AccountFields }[]): Promise<User[]> {
      const drafts = await prepare(caller, rows, () => judge(caller, rows));
      const userIds = await ids.takeMany("user", drafts.length);
      const tree = await directory.resolving(
        rows.map((row) => row.fields.organization),
        caller.scope,
      );
      return work.run(caller, async (tx) => {
        const faults = new Faults();
        const planned = drafts.map((draft, index) => ({ ...draft, isNew: true, before: blankUser(userIds[index]!, tx.nowMs) }));
        const settled = await settleDrafts({ stores: tx, tree, scope: caller.scope }, planned, faults);
        faults.throwIfAny();
        seeHashes(tree, settled);
        const records = settled.map((record) => ({ ...record, user: { ...record.user, version: 1 } }));
        await tx.users.insert(records);
        const opening = records.filter(({ user }) => user.seconds !== null);
        await tx.timeLedger.append(opening.map(({ user }) => balanceEntry(null, user, "opening credit", caller.actor, tx.nowMs)));
        const withPasswords = records.map(({ user }, index) => ({ user, password: drafts[index]!.fields }));
        await passwordsSet(
          tx,
          dependents,
          withPasswords.filter(({ password }) => password.password),
        );
        for (const { user } of records) recordChange(tx, operation, null, user, user.passwordHash !== null);
        return records.map((record) => record.user);
      });
    },

    /** Changes all accounts or none, and returns them as they now stand. */
    async change(caller: Caller, operation: string, requests: readonly ChangeRequest[]): Promise<User[]> {
      const wanted = requests.map(({ fields, prefix = "", selector }) => ({ fields, prefix, selector }));
      const drafts = await prepare(caller, wanted, () => judge(caller, wanted));
      const tree = await directory.resolving(
        requests.map((request) => request.fields.organization),
        caller.scope,
      );
      return work.run(caller, async (tx) => {
        const found = await lockAll(
          tx,
          requests.map((request) => request.selector),
          (selector) => selectAccount(withoutBalances(tx), tree, caller.scope, selector),
        );
        const records = await settleChanges({ tx, tree, caller }, requests, drafts, found);
        seeHashes(
          tree,
          records.map(({ record }) => record),
        );
        const ordered = inWritingOrder(records);
        const written = await writeChanges(
          tx,
          { operation, dependents },
          ordered.map(([index, change]) => ({ ...change, password: drafts[index]!.fields })),
        );
        const changed = new Map(ordered.map(([index], position) => [index, written[position]!]));
        return records.map((_, index) => changed.get(index)!);
      });
    },

    /** The rules of one account's change for a service above, which runs them inside a unit of its own. */
    within: {
      /** Checks what needs no database and hashes the password: before the unit. */
      async prepare(caller: Caller, fields: AccountFields): Promise<AccountDraft> {
        const [draft] = await prepare(caller, [{ prefix: "", fields }]);
        return draft!;
      },

      /** Checks a change of an account whose row is locked, and says what would be written. Throws naming every fault. */
      async settle(tx: Transaction<Stores>, tree: OrganizationTree, before: User, draft: AccountDraft): Promise<UserRecord> {
        const faults = new Faults();
        const [record] = await settleDrafts({ stores: tx, tree, scope: tx.caller.scope }, [{ ...draft, before, isNew: false }], faults);
        faults.throwIfAny();
        seeHashes(tree, [record!]);
        return record!;
      },

      /** Writes what `settle` gave of the draft's fields. */
      async write(tx: Transaction<Stores>, operation: string, before: User, record: UserRecord, fields: AccountFields): Promise<User> {
        const [user] = await writeChanges(tx, { operation, dependents }, [{ before, record, password: fields }]);
        return user!;
      },
    },

    /** Deletes an account. Its ledger stays for the books under a pseudonym. */
    async remove(caller: Caller, operation: string, selector: AccountSelector, precondition: Precondition): Promise<void> {
      const tree = await directory.current();
      await work.run(caller, async (tx) => {
        const [user] = await lockAll(tx, [selector], (one) => selectAccount(withoutBalances(tx), tree, caller.scope, one));
        if (!user) return notFound();
        requireVersion(precondition, String(user.id), user.version);
        const pseudonym = crypto.randomUUID();
        for (const dependent of dependents) await dependent.removed(tx, { operation, user, pseudonym });
        await tx.timeLedger.pseudonymize(user.nameSpaceId, user.id, pseudonym);
        await tx.users.delete(user);
        recordChange(tx, operation, user, null, false);
      });
    },

    /** Adds seconds to a balance, or takes them away; the balance never falls below 0. */
    async topUp(caller: Caller, operation: string, id: number, seconds: number, reason: string | null): Promise<User> {
      return work.run(caller, async (tx) => {
        const user = (await tx.users.lock(id, "together")) ?? notFound();
        if (user.seconds === null)
          throw new DomainError("time_ledger.not_metered", "The account has no time balance. Set user_time first.");
        const balance = user.seconds + seconds;
        if (balance < 0)
          throw new DomainError("time_ledger.insufficient", `The balance is ${user.seconds} seconds; it cannot fall below 0.`);
        if (balance > Number.MAX_SAFE_INTEGER) throw new DomainError("time_ledger.too_large", "The balance would pass 2^53 - 1 seconds.");
        const after = { ...user, seconds: balance, version: user.version + 1, lastChangeMs: tx.nowMs };
        await tx.users.update([{ before: user, user: after, profiles: [] }]);
        await tx.timeLedger.append([balanceEntry(user.seconds, after, reason, caller.actor, tx.nowMs)]);
        recordChange(tx, operation, user, after, false);
        return after;
      });
    },
  };
};

const notFound = (): never => {
  throw new DomainError("user.not_found", "There is no such user.");
};

/**
 * One order for everyone, whatever that of the request: by the names that accounts are given, which another array may give at the
 * same time, and by their ids.
 */
const inWritingOrder = (changes: readonly { readonly before: User; readonly record: UserRecord }[]) => {
  const named = [...changes.entries()].map(([index, change]) => {
    const { username } = change.record.user;
    return { index, change, name: change.before.username === username ? "" : usernameKey(username) };
  });
  named.sort((one, other) => (one.name === other.name ? one.change.before.id - other.change.before.id : one.name < other.name ? -1 : 1));
  return named.map(({ index, change }) => [index, change] as const);
};

interface ChangeContext<Stores> {
  readonly tx: Transaction<Stores>;
  readonly tree: OrganizationTree;
  readonly caller: Caller;
}

/** Checks all changes; refuses in the contract's order: faulty fields, then missing records, then versions. */
const settleChanges = async <Stores extends UserStores>(
  { tx, tree, caller }: ChangeContext<Stores>,
  requests: readonly ChangeRequest[],
  drafts: readonly AccountDraft[],
  found: readonly (User | undefined)[],
): Promise<{ before: User; record: UserRecord }[]> => {
  const faults = new Faults();
  const seen = new Set<number>();
  for (const [index, draft] of drafts.entries()) {
    // A record that is missing has its faulty fields told first, as far as they are faulty without it.
    if (!found[index]) placeOf({ tree, scope: caller.scope }, { ...draft, before: blankUser(0, tx.nowMs), isNew: true }, faults);
  }
  const planned = drafts.flatMap((draft, index) => {
    const before = found[index];
    if (before && seen.has(before.id)) faults.add(`${draft.prefix}id`, "This account stands twice in the array.");
    if (before) seen.add(before.id);
    return before ? [{ ...draft, before, isNew: false, request: requests[index]! }] : [];
  });
  const records = await settleDrafts({ stores: tx, tree, scope: caller.scope }, planned, faults);
  faults.throwIfAny();
  const missing = requests.findIndex((_, index) => !found[index]);
  if (missing !== -1) {
    const where = requests[missing]!.prefix === undefined ? "" : ` Row ${missing} names none.`;
    throw new DomainError("user.not_found", `There is no such user.${where}`);
  }
  for (const { before, request } of planned) requireVersion(request.precondition, String(before.id), before.version);
  return records.map((record, index) => ({ before: planned[index]!.before, record }));
};
