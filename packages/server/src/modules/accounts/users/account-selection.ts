import { DomainError, invalidField } from "../../../kernel/errors.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { OrganizationTree } from "../../foundation/organizations/index.ts";
import type { UserStores } from "./account-change.ts";
import type { Account, User } from "./user.ts";

/** How to find the accounts that a selector may mean. */
interface Finders<Found> {
  byId(id: number): Promise<Found | undefined>;
  byUsername(username: string, organizationId: number | undefined): Promise<readonly Found[]>;
}

/** An account by its id, or by its username and perhaps its organization. */
export type AccountSelector = { readonly id: number } | { readonly username: string; readonly organization?: string | undefined };

export const withBalances = ({ users }: UserStores): Finders<User> => ({ byId: users.find, byUsername: users.findByUsername });

export const withoutBalances = ({ users }: UserStores): Finders<Account> => ({
  byId: users.findAccount,
  byUsername: users.findAccountsByUsername,
});

/** Finds the account that a selector means; refuses a username that fits several. */
export const selectAccount = async <Found>(
  find: Finders<Found>,
  tree: OrganizationTree,
  scope: TenantScope,
  selector: AccountSelector,
): Promise<Found | undefined> => {
  if ("id" in selector) return find.byId(selector.id);
  const organization = selector.organization === undefined ? undefined : tree.resolve(selector.organization, scope);
  if (organization === "ambiguous") throw invalidField("organization", "Several organizations have this slug. Name it by id.");
  if (selector.organization !== undefined && organization === undefined) return undefined;
  const found = await find.byUsername(selector.username, organization?.id);
  if (found.length > 1) {
    throw new DomainError(
      "user.ambiguous",
      "Several accounts in sight have this username. Add ?organization= with the id or slug of the one meant.",
    );
  }
  return found[0];
};

/**
 * Locks accounts in the order of their ids, whatever the order of the request: two arrays never lock each other out.
 * A username is looked up again under the lock, for the account may have been renamed while it was waited for.
 */
export const lockAll = async (
  stores: UserStores,
  selectors: readonly AccountSelector[],
  select: (selector: AccountSelector) => Promise<Pick<Account, "id"> | undefined>,
): Promise<(User | undefined)[]> => {
  const wanted: (number | undefined)[] = [];
  for (const selector of selectors) wanted.push("id" in selector ? selector.id : (await select(selector))?.id);
  const locked = await stores.users.lockMany(wanted.filter((id) => id !== undefined));
  const found: (User | undefined)[] = [];
  for (const [index, id] of wanted.entries()) {
    const user = id === undefined ? undefined : locked.get(id);
    const selector = selectors[index]!;
    const isStillMeant = user && ("id" in selector || (await select(selector))?.id === id);
    found.push(isStillMeant ? user : undefined);
  }
  return found;
};
