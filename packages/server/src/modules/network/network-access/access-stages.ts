import type { Work } from "../../../kernel/unit-of-work.ts";
import type { HashCosts, PasswordVerifier } from "../../accounts/passwords/index.ts";
import type { ReversibleSecretStore } from "../../accounts/reversible-secrets/index.ts";
import type { OrganizationDirectory } from "../../foundation/organizations/index.ts";
import type { AccessFactsStore } from "./access-facts.store.ts";
import type { Attempts } from "./deferred-attempts.service.ts";
import { createFindAccount, type FindAccount } from "./find-account.stage.ts";
import { createLoadFacts, type LoadFacts } from "./load-facts.stage.ts";
import type { ProfileBook } from "./profile-book.ts";
import { type CredentialVerifier, createCredentialVerifier } from "./verify-credential.stage.ts";

export interface AccessStagesDependencies {
  readonly work: Work<{ accessFacts: AccessFactsStore; reversibleSecrets: ReversibleSecretStore }>;
  readonly directory: OrganizationDirectory;
  readonly profiles: ProfileBook;
  readonly passwords: PasswordVerifier;
  readonly attempts: Attempts;
  readonly hashCosts: HashCosts;
}

/** The stages that Access-Requests, logins of apps and simulations share, in order. */
export interface AccessStages extends CredentialVerifier {
  readonly findAccount: FindAccount;
  readonly loadFacts: LoadFacts;
}

export const createAccessStages = (deps: AccessStagesDependencies): AccessStages => {
  const { work, directory, profiles, passwords, attempts, hashCosts } = deps;
  const findAccount = createFindAccount({ work, directory, profiles });
  const verifier = createCredentialVerifier({ findAccount, work, passwords, attempts, hashCosts });
  return { findAccount, ...verifier, loadFacts: createLoadFacts({ work, directory, profiles, findAgain: verifier.findAgain }) };
};
