import type { Transaction } from "../../../kernel/unit-of-work.ts";
import type { Organization } from "../../foundation/organizations/index.ts";
import type { AccountHooks } from "../users/index.ts";
import type { ReversibleSecretStore } from "./reversible-secret.store.ts";

export interface ReversibleSecretStores {
  readonly reversibleSecrets: ReversibleSecretStore;
}

/** A password set in clear is kept where its organization keeps such, and goes when the account moves to one that does not. */
export const reversibleSecretsOfAccounts: AccountHooks<ReversibleSecretStores> = {
  // The database deletes it with the account's row.
  onDelete: async () => {},
  onMove: (tx, _operation, moves) => tx.reversibleSecrets.eraseUnwanted(moves.map(({ after }) => after)),
  onPasswordsSet: (tx, passwords) => tx.reversibleSecrets.replace(passwords.map(({ user, clear }) => ({ owner: user, password: clear }))),
};

/** An organization that opts out has its accounts' secrets erased. */
export const eraseReversibleSecrets = async (
  tx: Transaction<ReversibleSecretStores>,
  { before, after }: { readonly before: Organization; readonly after: Organization },
): Promise<void> => {
  if (before.reversibleSecrets && !after.reversibleSecrets) await tx.reversibleSecrets.eraseOf(after);
};
