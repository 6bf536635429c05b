import { DomainError, invalidField } from "../../../kernel/errors.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Transaction } from "../../../kernel/unit-of-work.ts";
import type { OrganizationTree } from "../../foundation/organizations/index.ts";
import type { UserStore } from "./user.store.ts";
import type { Account, User } from "./user.ts";

/** Names an account by its id, or by its username and perhaps its organization. */
export type AccountSelector = { readonly id: number } | { readonly username: string; readonly organization?: string | undefined };

/** Where selectors are looked up. */
interface Lookup {
  readonly users: UserStore;
  readonly tree: OrganizationTree;
  readonly scope: TenantScope;
}

/** Finds the account that a selector names. Throws user.ambiguous for a username that several accounts in sight have. */
export const findSelected = async ({ users, tree, scope }: Lookup, selector: AccountSelector): Promise<Account | undefined> => {
  if ("id" in selector) return users.findAccount(selector.id);
  const organization = selector.organization === undefined ? undefined : tree.resolve(selector.organization, scope);
  if (organization === "ambiguous") throw invalidField("organization", "Several organizations have this slug. Name it by id.");
  if (selector.organization !== undefined && organization === undefined) return undefined;
  const [account, another] = await users.findAccountsByUsername(selector.username, organization?.id);
  if (another) {
    throw new DomainError(
      "user.ambiguous",
      "Several accounts in sight have this username. Add ?organization= with the id or slug of the one meant.",
    );
  }
  return account;
};

/**
 * Locks the accounts that selectors name, in the order of their ids, so that two arrays never lock each other out. Returns them in the
 * order of the selectors. A username is looked up again under the lock: the account may have been renamed while the lock was awaited.
 */
export const lockSelected = async (
  tx: Transaction<{ readonly users: UserStore }>,
  tree: OrganizationTree,
  selectors: readonly AccountSelector[],
): Promise<(User | undefined)[]> => {
  const { users } = tx;
  const lookup = { users, tree, scope: tx.caller.scope };
  const ids: (number | undefined)[] = [];
  for (const selector of selectors) ids.push("id" in selector ? selector.id : (await findSelected(lookup, selector))?.id);
  const locked = await users.lockMany(ids.filter((id) => id !== undefined));
  const accounts: (User | undefined)[] = [];
  for (const [index, selector] of selectors.entries()) {
    const user = locked.get(ids[index]!);
    const isStillNamed = user && ("id" in selector || (await findSelected(lookup, selector))?.id === user.id);
    accounts.push(isStillNamed ? user : undefined);
  }
  return accounts;
};
