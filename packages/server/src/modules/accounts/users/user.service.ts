import type { Caller } from "../../../kernel/caller.ts";
import { recordChange } from "../../../kernel/change.ts";
import { DomainError, Faults, type FieldFaults } from "../../../kernel/errors.ts";
import type { IdSource } from "../../../kernel/ids.ts";
import { inTurns } from "../../../kernel/in-turns.ts";
import { type Precondition, requireVersion } from "../../../kernel/precondition.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Transaction, Work } from "../../../kernel/unit-of-work.ts";
import {
  type OrganizationDirectory,
  type OrganizationTree,
  payingOrganization,
  shareOfCaller,
} from "../../foundation/organizations/index.ts";
import type { PasswordHasher } from "../passwords/index.ts";
import { type AccountHooks, balanceEntry, imageOf, insertAccounts, type UserStores, updateAccounts } from "./account-change.ts";
import { type AccountChange, applyChanges, applyDrafts, checkDrafts, type PlannedDraft, placeOf } from "./account-draft.checks.ts";
import { type AccountDraft, type AccountFields, blankUser } from "./account-draft.ts";
import { type AccountSelector, findSelected } from "./account-selection.ts";
import type { Account, User } from "./user.ts";

export interface UserServiceDependencies<Stores extends UserStores> {
  readonly work: Work<Stores>;
  readonly ids: IdSource<"user">;
  readonly directory: OrganizationDirectory;
  readonly passwords: PasswordHasher;
  readonly hooks: readonly AccountHooks<Stores>[];
}

/** An account that a request changes. */
export interface ChangeRequest extends AccountDraft {
  readonly selector: AccountSelector;
  readonly precondition?: Precondition;
}

export type UserService = ReturnType<typeof createUserService>;

/**
 * The rules of accounts. Every write is one unit of work with its ledger rows and Changes. `schemaFaults` are faults that are known
 * already: then nothing is written, and what is thrown names those that other records decide as well.
 */
export const createUserService = <Stores extends UserStores>(deps: UserServiceDependencies<Stores>) => {
  const { work, ids, directory, passwords, hooks } = deps;

  /** Everything that is faulty about drafts; it changes nothing. */
  const collectFaults = async (caller: Caller, drafts: readonly (AccountDraft & Partial<ChangeRequest>)[]): Promise<Faults> => {
    const { scope } = caller;
    const stores = work.for(scope);
    const tree = await directory.resolving(organizationsIn(drafts), scope);
    const faults = new Faults();
    checkDrafts(drafts, faults);
    // Together, the accounts cost one round trip.
    const accounts = await Promise.all(
      drafts.map(({ selector }) => selector && findSelected({ users: stores.users, tree, scope }, selector)),
    );
    const planned: PlannedDraft[] = [];
    for (const [index, draft] of drafts.entries()) {
      const account = accounts[index];
      const before = account ? { ...account, seconds: null } : blankUser(0, 0);
      if (!account && draft.selector) placeOf({ tree, scope }, { ...draft, before, isNew: true }, faults);
      else planned.push({ ...draft, before, isNew: !account });
    }
    await applyDrafts({ stores, tree, scope }, planned, faults);
    return faults;
  };

  /** Refuses faults that need no lock. A password that is too short somewhere below the caller is checked where it would be stored. */
  const refuseFaulty = async (caller: Caller, drafts: readonly AccountDraft[], schemaFaults: FieldFaults | undefined): Promise<void> => {
    const faults = new Faults();
    const minLength = checkDrafts(drafts, faults);
    const isShort = minLength !== undefined && minLength < (await directory.current()).maxMinPasswordLength(caller.scope.organizationId);
    if (schemaFaults || !faults.isEmpty || isShort) (await collectFaults(caller, drafts)).throwIfAny(schemaFaults);
  };

  /** Hashes passwords, those of an array in turns and at the caller's expense: nobody waits behind it, and it ends when its client hangs up. */
  const hashPasswords = async <Draft extends AccountDraft>(caller: Caller, drafts: readonly Draft[]): Promise<readonly Draft[]> => {
    if (!drafts.some(({ fields }) => fields.password)) return drafts;
    const share = shareOfCaller(await directory.current(), caller);
    return inTurns(drafts, passwords.atOnce, async (draft) => {
      const { password, passwordScheme } = draft.fields;
      if (!password) return draft;
      return { ...draft, passwordHash: await passwords.toStored(password, passwordScheme, { share, isWanted: caller.isWaiting }) };
    });
  };

  /** Remembers the cost of hashes that are stored, so that a wrong password for them is refused no sooner than their verification takes. */
  const noteHashCosts = (tree: OrganizationTree, changes: readonly AccountChange[]): void => {
    for (const { before, user, fields } of changes) {
      const isStored = fields.password !== undefined || before.organizationId !== user.organizationId;
      if (isStored && user.passwordHash !== null)
        passwords.hashCosts.note(payingOrganization(tree, user.organizationId), user.passwordHash);
    }
  };

  return {
    /** An account as most views show it. */
    async get(scope: TenantScope, selector: AccountSelector): Promise<Account> {
      const { users } = work.for(scope);
      if ("id" in selector) return (await users.findAccount(selector.id)) ?? notFound();
      return (await findSelected({ users, tree: await directory.current(), scope }, selector)) ?? notFound();
    },

    async getWithBalance(scope: TenantScope, id: number): Promise<User> {
      return (await work.for(scope).users.find(id)) ?? notFound();
    },

    /** Creates all accounts or none. */
    async create(caller: Caller, operation: string, rows: readonly AccountDraft[], schemaFaults?: FieldFaults): Promise<User[]> {
      await refuseFaulty(caller, rows, schemaFaults);
      const drafts = await hashPasswords(caller, rows);
      const userIds = await ids.takeMany("user", drafts.length);
      const tree = await directory.resolving(organizationsIn(drafts), caller.scope);
      return work.run(caller, async (tx) => {
        const planned = drafts.map((draft, index) => ({ ...draft, isNew: true, before: blankUser(userIds[index]!, tx.nowMs) }));
        const faults = new Faults();
        const changes = await applyDrafts({ stores: tx, tree, scope: caller.scope }, planned, faults);
        faults.throwIfAny();
        noteHashCosts(tree, changes);
        return insertAccounts(tx, { operation, hooks }, changes);
      });
    },

    /** Changes all accounts or none, and returns them as they are then. Refuses faulty fields first, then missing accounts, then versions. */
    async change(caller: Caller, operation: string, requests: readonly ChangeRequest[], schemaFaults?: FieldFaults): Promise<User[]> {
      await refuseFaulty(caller, requests, schemaFaults);
      const drafts = await hashPasswords(caller, requests);
      const tree = await directory.resolving(organizationsIn(drafts), caller.scope);
      return work.run(caller, async (tx) => {
        const accounts = await lockSelected(tx, tree, drafts);
        const changes = await applyChanges({ stores: tx, tree, scope: caller.scope }, drafts, accounts);
        const { users, hashed } = await updateAccounts(tx, { operation, hooks }, changes);
        if (hashed.length > 0) noteHashCosts(tree, hashed);
        return users;
      });
    },

    /** The stages of one account's change, for a service that runs them inside a unit of its own. */
    within: {
      /** Before the unit: checks what needs no database, and hashes the password. */
      async prepare(caller: Caller, fields: AccountFields): Promise<AccountDraft> {
        const faults = new Faults();
        const draft = { prefix: "", fields };
        checkDrafts([draft], faults);
        faults.throwIfAny();
        const [prepared] = await hashPasswords(caller, [draft]);
        return prepared!;
      },

      /** Applies a draft to an account whose row is locked. Throws naming every fault. */
      async apply(tx: Transaction<Stores>, tree: OrganizationTree, before: User, draft: AccountDraft): Promise<AccountChange> {
        const changes = await applyChanges({ stores: tx, tree, scope: tx.caller.scope }, [draft], [before]);
        noteHashCosts(tree, changes);
        return changes[0]!;
      },

      /** Writes what `apply` returned. */
      async update(tx: Transaction<Stores>, operation: string, change: AccountChange): Promise<User> {
        const { users } = await updateAccounts(tx, { operation, hooks }, [change]);
        return users[0]!;
      },
    },

    /** Deletes an account. Its ledger stays for the books under a pseudonym. */
    async remove(caller: Caller, operation: string, selector: AccountSelector, precondition: Precondition): Promise<void> {
      const tree = await directory.current();
      await work.run(caller, async (tx) => {
        const [user] = await lockSelected(tx, tree, [{ selector }]);
        if (!user) return notFound();
        requireVersion(precondition, String(user.id), user.version);
        const pseudonym = crypto.randomUUID();
        for (const { onDelete } of hooks) await onDelete(tx, { operation, user, pseudonym });
        await tx.timeLedger.pseudonymize(user.namespaceId, user.id, pseudonym);
        await tx.users.delete(user);
        recordChange(tx, { operation, resource: "user", record: user, before: imageOf(user), after: null });
      });
    },

    /** Adds seconds to a balance, or takes them away; the balance never falls below 0. */
    async topUp(caller: Caller, operation: string, id: number, seconds: number, reason: string | null): Promise<User> {
      return work.run(caller, async (tx) => {
        const before = (await tx.users.lock(id, "together")) ?? notFound();
        const user = { ...before, seconds: toppedUp(before.seconds, seconds), version: before.version + 1, lastChangeMs: tx.nowMs };
        await tx.users.update([{ before, user, profiles: [] }]);
        await tx.timeLedger.append([balanceEntry(tx, before.seconds, user, reason)]);
        recordChange(tx, { operation, resource: "user", record: user, before: imageOf(before), after: imageOf(user) });
        return user;
      });
    },
  };
};

const notFound = (): never => {
  throw new DomainError("user.not_found", "There is no such user.");
};

const organizationsIn = (drafts: readonly AccountDraft[]) => drafts.map(({ fields }) => fields.organization);

/**
 * Locks the accounts that requests name, in the order of their ids, so that two arrays never lock each other out. Returns them in the
 * order of the requests. A username is looked up again under the lock: the account may have been renamed while the lock was awaited.
 */
const lockSelected = async (
  tx: Transaction<UserStores>,
  tree: OrganizationTree,
  requests: readonly Pick<ChangeRequest, "selector">[],
): Promise<(User | undefined)[]> => {
  const { users } = tx;
  const lookup = { users, tree, scope: tx.caller.scope };
  const ids: number[] = [];
  for (const { selector } of requests) ids.push("id" in selector ? selector.id : ((await findSelected(lookup, selector))?.id ?? noId));
  const locked = await users.lockMany(ids);
  const accounts: (User | undefined)[] = [];
  for (const [index, { selector }] of requests.entries()) {
    const user = locked.get(ids[index]!);
    const isStillNamed = user && ("id" in selector || (await findSelected(lookup, selector))?.id === user.id);
    accounts.push(isStillNamed ? user : undefined);
  }
  return accounts;
};

/** The id of no account. */
const noId = 0;

/** A balance with seconds added. Throws where there is no balance, and where it would leave its bounds. */
const toppedUp = (balance: number | null, seconds: number): number => {
  if (balance === null) throw new DomainError("time_ledger.not_metered", "The account has no time balance. Set user_time first.");
  const after = balance + seconds;
  if (after < 0) throw new DomainError("time_ledger.insufficient", `The balance is ${balance} seconds; it cannot fall below 0.`);
  if (after > Number.MAX_SAFE_INTEGER) throw new DomainError("time_ledger.too_large", "The balance would pass 2^53 - 1 seconds.");
  return after;
};
