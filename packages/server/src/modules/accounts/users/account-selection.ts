import { DomainError, invalidField } from "../../../kernel/errors.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { OrganizationTree } from "../../foundation/organizations/index.ts";
import type { UserStore } from "./user.store.ts";
import type { Account } from "./user.ts";

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
