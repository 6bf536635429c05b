import { isUtf8 } from "node:buffer";
import { BoundedCache } from "../../../kernel/bounded-cache.ts";
import { systemCaller } from "../../../kernel/caller.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { PasswordHasher, PasswordVerifier } from "../../accounts/passwords/index.ts";
import type { ReversibleSecretStore } from "../../accounts/reversible-secrets/index.ts";
import { type OrganizationDirectory, type OrganizationNode, payingOrganization } from "../../foundation/organizations/index.ts";
import type { AccountFacts } from "./access-facts.store.ts";
import type { AccessJournal } from "./access-journal.service.ts";
import type { AccountLoginStore } from "./account-login.store.ts";
import type { VerifiedPassword } from "./verify-credential.stage.ts";

/** What follows a good login, after its answer: it is noted, and its password is stored as the organization wants it. */
export interface GoodLogins {
  /** `verified` is the password, where the stored hash proves it. */
  note(account: AccountFacts, atMs: number, verified?: VerifiedPassword): void;
  /** Resolves when everything that was noted is done. */
  settle(): Promise<void>;
}

export interface GoodLoginsDependencies {
  readonly work: Work<{ accountLogins: AccountLoginStore; reversibleSecrets: ReversibleSecretStore }>;
  readonly directory: OrganizationDirectory;
  readonly journal: AccessJournal;
  readonly hasher: PasswordHasher;
  readonly passwords: Pick<PasswordVerifier, "remember">;
  onFailure(error: unknown): void;
}

/** Accounts whose secrets are known to be as they should be; beyond that many, one is looked at again. */
const rememberedAccounts = 50_000;

export const createGoodLogins = (deps: GoodLoginsDependencies): GoodLogins => {
  const { work, directory, hasher, passwords } = deps;
  const caller = systemCaller("good-logins");
  const running = new Set<Promise<void>>();
  /**
   * The hash, the organization and its version under which an account's secret was last looked at. Nothing else removes a
   * secret, so the next login of the account reads nothing from the database.
   */
  const lookedAt = new BoundedCache<number, string>(rememberedAccounts);

  /** An imported hash of another scheme becomes one of today's, now that the password is known. Returns what is stored then. */
  const rehash = async (account: AccountFacts, { password, isOutdated }: VerifiedPassword): Promise<string> => {
    const { id, namespaceId, organizationId, passwordHash } = account;
    if (!isOutdated) return passwordHash!;
    const share = [payingOrganization(await directory.current(), organizationId), "good-logins", ""] as const;
    const stored = await hasher.hash(password, { share });
    await work.run(caller, (tx) => tx.accountLogins.replaceHash({ id, namespaceId }, passwordHash!, stored));
    passwords.remember(id, stored, password);
    return stored;
  };

  const keeps = async (organizationId: number): Promise<OrganizationNode | undefined> => {
    const organization = (await directory.covering([organizationId])).find(organizationId);
    return organization?.reversibleSecrets ? organization : undefined;
  };

  /** A password from before its organization kept reversible ones is kept from now on, if it is still the account's. */
  const keep = async (account: AccountFacts, storedHash: string, password: Buffer): Promise<void> => {
    const organization = await keeps(account.organizationId);
    // Bytes that are no text would be kept as another password.
    if (!organization || !isUtf8(password)) return;
    const under = `${organization.id}/${organization.version}/${storedHash}`;
    if (lookedAt.get(account.id) === under) return;
    lookedAt.set(account.id, under);
    try {
      await work.run(caller, async (tx) => {
        if (!(await tx.accountLogins.lockHash(account, storedHash))) return;
        if ((await tx.reversibleSecrets.find(account)) === undefined)
          await tx.reversibleSecrets.replace([{ owner: account, password: password.toString("utf8") }]);
      });
    } catch (error) {
      lookedAt.delete(account.id);
      throw error;
    }
  };

  /** Logins of one account that come while its hash is replaced leave that to the first. */
  const rehashing = new Set<number>();
  const afterVerified = async (account: AccountFacts, verified: VerifiedPassword): Promise<void> => {
    if (verified.isOutdated && rehashing.has(account.id)) return;
    rehashing.add(account.id);
    const storedHash = await rehash(account, verified).finally(() => rehashing.delete(account.id));
    await keep(account, storedHash, verified.password);
  };

  /** Whether there is nothing to do, as far as memory tells: so it is for all logins but an account's first. */
  const isLookedAfter = ({ id, organizationId, passwordHash }: AccountFacts, { isOutdated }: VerifiedPassword): boolean => {
    const organization = isOutdated ? undefined : directory.inMemory()?.find(organizationId);
    if (!organization) return false;
    return !organization.reversibleSecrets || lookedAt.get(id) === `${organization.id}/${organization.version}/${passwordHash}`;
  };

  return {
    note(account, atMs, verified) {
      deps.journal.noteLogin({ namespaceId: account.namespaceId, userId: account.id, atMs });
      if (!verified || isLookedAfter(account, verified)) return;
      const work: Promise<void> = afterVerified(account, verified)
        .catch(deps.onFailure)
        .finally(() => running.delete(work));
      running.add(work);
    },
    settle: async () => void (await Promise.all(running)),
  };
};
