import { systemCaller } from "../../../kernel/caller.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { PasswordHasher, PasswordVerifier } from "../../accounts/passwords/index.ts";
import type { ReversibleSecretStore } from "../../accounts/reversible-secrets/index.ts";
import { type OrganizationDirectory, payingOrganization } from "../../foundation/organizations/index.ts";
import type { AccountFacts } from "./access-facts.store.ts";
import type { AccessJournal } from "./access-journal.ts";
import type { AccountLoginStore } from "./account-login.store.ts";

/** What a good login leaves behind, after its answer. */
export interface GoodLogins {
  /** `verified` is the password, where it was verified just now. */
  note(account: AccountFacts, atMs: number, verified?: { readonly password: Buffer; readonly isOutdated: boolean }): void;
  /** Ends when everything that was noted is done. */
  settle(): Promise<void>;
}

export interface GoodLoginsDependencies {
  readonly work: Work<{ accountLogins: AccountLoginStore; reversibleSecrets: ReversibleSecretStore }>;
  readonly directory: OrganizationDirectory;
  readonly journal: AccessJournal;
  readonly hasher: PasswordHasher;
  readonly passwords: PasswordVerifier;
  onFailure(error: unknown): void;
}

export const createGoodLogins = (deps: GoodLoginsDependencies): GoodLogins => {
  const { work, directory, hasher, passwords } = deps;
  const caller = systemCaller("good-logins");
  const running = new Set<Promise<void>>();

  /** An imported hash of another scheme becomes one of today's, now that the password is known. */
  const rehash = async ({ id, nameSpaceId, organizationId, passwordHash }: AccountFacts, password: Buffer): Promise<void> => {
    const share = [payingOrganization(await directory.current(), organizationId), "good-logins", ""] as const;
    const stored = await hasher.hash(password, { share });
    await work.run(caller, (tx) => tx.accountLogins.replaceHash({ id, nameSpaceId }, passwordHash!, stored));
    passwords.remember(id, stored, password);
  };

  /** A password from before its organization kept reversible ones is kept from now on. */
  const keep = async (account: AccountFacts, password: Buffer): Promise<void> => {
    const tree = await directory.current();
    if (!tree.find(account.organizationId)?.reversibleSecrets) return;
    await work.run(caller, async (tx) => {
      if ((await tx.reversibleSecrets.find(account)) === undefined) await tx.reversibleSecrets.replace(account, password.toString("utf8"));
    });
  };

  const afterVerified = async (account: AccountFacts, password: Buffer, isOutdated: boolean): Promise<void> => {
    if (isOutdated) await rehash(account, password);
    await keep(account, password);
  };

  return {
    note(account, atMs, verified) {
      deps.journal.noteLogin({ nameSpaceId: account.nameSpaceId, userId: account.id, atMs });
      if (!verified) return;
      const work: Promise<void> = afterVerified(account, verified.password, verified.isOutdated)
        .catch(deps.onFailure)
        .finally(() => running.delete(work));
      running.add(work);
    },
    settle: async () => void (await Promise.all(running)),
  };
};
