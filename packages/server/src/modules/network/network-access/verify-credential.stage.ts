import { hash, timingSafeEqual } from "node:crypto";
import type { CredentialFacts } from "../../../aaa/authorization/facts.ts";
import type { Credential } from "../../../aaa/words/access-request.ts";
import { firstOf, macKey } from "../../../aaa/words/attributes.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import { type HashCosts, type HashingRequest, isReadWhole, type PasswordVerifier } from "../../accounts/passwords/index.ts";
import type { ReversibleSecretStore, SecretOwner } from "../../accounts/reversible-secrets/index.ts";
import { usernameKey } from "../../accounts/users/index.ts";
import { payingOrganization } from "../../foundation/organizations/index.ts";
import { NotKnown } from "./access-decision.ts";
import type { AccountFacts } from "./access-facts.store.ts";
import type { Attempts } from "./deferred-attempts.service.ts";
import type { Guess } from "./failed-attempts.service.ts";
import { bareName, type FindAccount, type FoundAccount, type Lookup } from "./find-account.stage.ts";

/** The result of verifying a credential, with what it taught. */
export interface CredentialResult {
  readonly facts: CredentialFacts;
  /** Whether anything was waited for: then the account may have changed meanwhile. */
  readonly hasWaited: boolean;
  /** The reversible secret, where the server that asks verifies the credential. */
  readonly secret?: string | undefined;
  /** In how many seconds a password is looked at again, where too many wrong ones came. */
  readonly pauseSeconds?: number;
  /** The password, where the stored hash proves it to the last byte. */
  readonly password?: VerifiedPassword;
}

/** What a right password teaches. */
export interface VerifiedPassword {
  readonly password: Buffer;
  /** Whether its hash is to be brought up to date. */
  readonly isOutdated: boolean;
}

/** A found account with the result of verifying its credential. */
export interface VerifiedAccount extends FoundAccount {
  readonly verified: CredentialResult;
}

export interface VerifyCredentialDependencies {
  readonly findAccount: FindAccount;
  readonly work: Work<{ reversibleSecrets: ReversibleSecretStore }>;
  readonly passwords: PasswordVerifier;
  readonly attempts: Attempts;
  readonly hashCosts: Pick<HashCosts, "note">;
}

export type CredentialVerifier = ReturnType<typeof createCredentialVerifier>;

const assumed: CredentialResult = { facts: { method: "none", verdict: "assumed" }, hasWaited: false };

/** How often an account is found again whose password changed while it was verified. */
const maxTries = 10;

/** Second stage of an access request: verifies the credential, at the same price whether the account exists or not. */
export const createCredentialVerifier = (deps: VerifyCredentialDependencies) => {
  const { findAccount, work, passwords, attempts, hashCosts } = deps;

  const verifyPassword = async (found: FoundAccount, password: Buffer): Promise<CredentialResult> => {
    const { question, account } = found;
    const known = typeof account === "string" ? undefined : account;
    const claim = {
      name: `${question.organizationId} ${usernameKey(question.userName)}`,
      account: known && { userId: known.id, storedHash: known.passwordHash },
    };
    const remembered = passwords.remembered(claim, password);
    const { isRight, isOutdated } = remembered ?? (await passwords.verify(claim, password, hashingOf(found)));
    const facts = { method: "pap", verdict: isRight ? "right" : "wrong" } as const;
    const hasWaited = remembered === undefined;
    // A scheme may ignore the end of a password: nothing is kept of one that it has not read whole.
    if (!isRight || !isReadWhole(known?.passwordHash ?? "", password)) return { facts, hasWaited };
    return { facts, hasWaited, password: { password, isOutdated } };
  };

  const verifyBySecret = async (found: FoundAccount, credential: BySecret): Promise<CredentialResult> => {
    const known = typeof found.account === "string" ? undefined : found.account;
    // The secret of an unknown account is looked for as well, and its digest is made: neither may be missing.
    const secret = await work.for(found.scope).reversibleSecrets.find(known ?? nobody);
    if (credential.method === "deferred") {
      return { facts: { method: "none", verdict: secret === undefined ? "unreadable" : "deferred" }, hasWaited: true, secret };
    }
    const isRight = isResponse(credential, secret ?? "") && known !== undefined;
    const verdict = known && secret === undefined ? "unreadable" : isRight ? "right" : "wrong";
    return { facts: { method: "chap", verdict }, hasWaited: true };
  };

  const verifyMethod = async (found: FoundAccount, credential: Credential): Promise<CredentialResult> => {
    if (authenticatesByAddress(found, credential)) return { facts: { method: "mac", verdict: "right" }, hasWaited: false };
    switch (credential.method) {
      case "none":
        return { facts: { method: "none", verdict: "missing" }, hasWaited: false };
      case "unsupported":
        return { facts: { method: "none", verdict: "unsupported" }, hasWaited: false };
      case "pap":
        return verifyPassword(found, credential.password);
      case "chap":
      case "deferred":
        return verifyBySecret(found, credential);
    }
  };

  /**
   * A credential that the server which asks verifies waits for its turn as others do; post-auth reports the outcome. Who has no
   * secret to verify it by is refused here, which counts for an account as for a name that nobody has.
   */
  const verifyElsewhere = async (found: FoundAccount, credential: BySecret): Promise<CredentialResult> => {
    const turn = await attempts.beginDeferred(guessOf(found));
    if ("pauseSeconds" in turn) {
      return { facts: { method: "none", verdict: "paused" }, hasWaited: true, pauseSeconds: turn.pauseSeconds };
    }
    const result = await verifyMethod(found, credential);
    if (!isAccepted(result)) attempts.conclude(guessOf(found), "wrong");
    return { ...result, hasWaited: true };
  };

  /** A credential that can be guessed counts as an attempt, and waits for its turn where too many wrong ones came. */
  const verifyOnce = async (found: FoundAccount): Promise<CredentialResult> => {
    const { tree, account, question } = found;
    const { credential } = question;
    // How late a wrong password is refused depends on the dearest hash that its payer has of late.
    if (typeof account !== "string" && account.passwordHash !== null)
      hashCosts.note(tree.payerOf(account.organizationId), account.passwordHash);
    if (credential === "assumed") return assumed;
    if (credential.method === "deferred") return verifyElsewhere(found, credential);
    if (credential.method !== "pap" && credential.method !== "chap") return verifyMethod(found, credential);
    const attempt = await attempts.begin(guessOf(found));
    if ("pauseSeconds" in attempt) {
      return { facts: { method: credential.method, verdict: "paused" }, hasWaited: true, pauseSeconds: attempt.pauseSeconds };
    }
    let outcome: "right" | "wrong" | "unknown" = "unknown";
    try {
      const result = await verifyMethod(found, credential);
      const { verdict } = result.facts;
      if (verdict === "right" || verdict === "wrong") outcome = verdict;
      return attempt.hasWaited ? { ...result, hasWaited: true } : result;
    } finally {
      attempt.end(outcome);
    }
  };

  const verify = async (found: FoundAccount, tries: number): Promise<VerifiedAccount> => {
    const verified = await verifyOnce(found);
    const result: VerifiedAccount = { ...found, verified };
    return verified.hasWaited && isAccepted(verified) ? findAgain(result, tries) : result;
  };

  const findAgain = async (before: VerifiedAccount, tries: number): Promise<VerifiedAccount> => {
    const now = await findAccount(before.question);
    if (hashOf(now.account) === hashOf(before.account)) return { ...now, verified: before.verified };
    if (tries <= 1) throw new NotKnown(before);
    return verify(now, tries - 1);
  };

  return {
    /**
     * Verifies the credential. To verify takes as long as a hash and its queue: an account that is accepted is found once more
     * afterwards, and verified again if its password is another one by then.
     */
    verifyCredential: (found: FoundAccount): Promise<VerifiedAccount> => verify(found, maxTries),

    /** Finds an account again that has changed, and verifies the credential again if its password is another one by now. */
    findAgain: (before: VerifiedAccount): Promise<VerifiedAccount> => findAgain(before, maxTries),
  };
};

type BySecret = Extract<Credential, { method: "chap" | "deferred" }>;

const nobody: SecretOwner = { id: 0, namespaceId: 0, organizationId: 0 };

const isAccepted = ({ facts: { verdict } }: CredentialResult): boolean => verdict === "right" || verdict === "deferred";

/** What a verdict depends on. A reversible secret changes with the hash. */
const hashOf = (account: Lookup): string => (typeof account === "string" ? account : `${account.id} ${account.passwordHash}`);

/** At equipment that the root owns, the account's organization pays once it is known; elsewhere the equipment's does. */
const hashingOf = ({ question, tree, account }: FoundAccount): HashingRequest => {
  const { organizationId, payer, isWanted, stepAside } = question;
  const isRoots = typeof account !== "string" && tree.find(organizationId)?.parentId === null;
  return { share: [payingOrganization(tree, isRoots ? account.organizationId : organizationId), ...payer], isWanted, stepAside };
};

/**
 * Counts by account, however its name was spelled, and before anything is hashed. An unknown name is counted by what its
 * spellings have in common, so that neither realms nor hardware addresses give more guesses, or tell that a name exists.
 */
export const guessOf = ({ question, scope, account }: FoundAccount): Guess => ({
  place: question.place,
  device: question.device,
  account: typeof account === "string" ? `${scope.namespaceId}/${bareName(question.userName)}` : String(account.id),
  isWanted: question.isWanted,
  stepAside: question.stepAside,
});

/** RFC 1994 §4.1: MD5 over the identifier, the secret and the challenge. */
const isResponse = (credential: Extract<Credential, { method: "chap" }>, secret: string): boolean => {
  const expected = hash("md5", Buffer.concat([Buffer.from([credential.identifier]), Buffer.from(secret), credential.challenge]), "buffer");
  return credential.response.length === expected.length && timingSafeEqual(expected, credential.response);
};

/** Accounts without a password. */
const hasNoPassword = (account: Lookup): account is AccountFacts => typeof account !== "string" && account.passwordHash === null;

/**
 * Whether equipment accepts a device by its hardware address: User-Name is the address, the password is none or the address
 * again, and the equipment says that this is the device that calls. Only for accounts without a password.
 */
const authenticatesByAddress = ({ question, account }: FoundAccount, credential: Credential): boolean => {
  const address = hasNoPassword(account) ? macKey(question.userName) : undefined;
  if (address === undefined) return false;
  const { attributes = {} } = question;
  const caller = firstOf(attributes, "Calling-Station-Id");
  const isCallCheck = firstOf(attributes, "Service-Type") === "Call-Check";
  if (caller === undefined ? !isCallCheck : macKey(caller) !== address) return false;
  if (credential.method === "pap")
    return isCallCheck || credential.password.length === 0 || macKey(credential.password.toString("latin1")) === address;
  return credential.method === "none" || isCallCheck;
};
