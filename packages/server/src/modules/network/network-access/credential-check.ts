import { hash, timingSafeEqual } from "node:crypto";
import type { CredentialFacts } from "../../../aaa/authorization/facts.ts";
import { firstOf, macKey } from "../../../aaa/words/attributes.ts";
import { type AtHand, whenAtHand } from "../../../kernel/at-hand.ts";
import { type HashingRequest, isReadWhole, type PasswordVerifier } from "../../accounts/passwords/index.ts";
import type { ReversibleSecretStore, SecretOwner } from "../../accounts/reversible-secrets/index.ts";
import { usernameKey } from "../../accounts/users/index.ts";
import type { AccountFacts } from "./access-facts.store.ts";
import type { Credential } from "./access-request.ts";
import type { Lookup } from "./account-lookup.ts";

/** A credential that was judged, with what it taught. */
export interface JudgedCredential {
  readonly facts: CredentialFacts;
  /** The reversible secret, where who asks is to check the credential. */
  readonly secret?: string | undefined;
  /** In how many seconds a password is looked at again, where too many wrong ones came. */
  readonly pauseSeconds?: number;
  /** The password, where the stored hash shows that it is the account's own to its last byte. */
  readonly verified?: VerifiedPassword;
}

/** What a right password teaches. */
export interface VerifiedPassword {
  readonly password: Buffer;
  /** Whether its hash is to be brought up to date. */
  readonly isOutdated: boolean;
}

export interface CredentialQuestion {
  readonly credential: Credential;
  readonly userName: string;
  readonly account: Lookup;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  /** The organization whose equipment or token asks. */
  readonly organizationId: number;
  /** Who pays where it is slow. */
  readonly asking: HashingRequest;
}

export interface CredentialCheckDependencies {
  readonly passwords: PasswordVerifier;
  readonly secrets: Pick<ReversibleSecretStore, "find">;
}

/** Judges a credential, at the same price whether the account exists or not. */
export const checkCredential = (
  { passwords, secrets }: CredentialCheckDependencies,
  question: CredentialQuestion,
): AtHand<JudgedCredential> => {
  const { credential, account, userName } = question;
  const known = typeof account === "string" ? undefined : account;
  if (known?.passwordHash === null && authenticatesByAddress(question)) return { facts: { method: "mac", verdict: "right" } };
  switch (credential.method) {
    case "none":
      return { facts: { method: "none", verdict: "missing" } };
    case "unsupported":
      return { facts: { method: "none", verdict: "unsupported" } };
    case "pap": {
      const { password } = credential;
      const claim = {
        name: `${question.organizationId} ${usernameKey(userName)}`,
        account: known && { userId: known.id, storedHash: known.passwordHash },
      };
      return whenAtHand(passwords.verify(claim, password, question.asking), ({ isRight, isOutdated }) => {
        const facts = { method: "pap", verdict: isRight ? "right" : "wrong" } as const;
        // What a scheme ignores could be anything: nothing is kept of a password that it has not read whole.
        return isRight && isReadWhole(known?.passwordHash ?? "", password) ? { facts, verified: { password, isOutdated } } : { facts };
      });
    }
    case "chap":
    case "deferred":
      return checkBySecret(credential, known, secrets);
  }
};

const checkBySecret = async (
  credential: Extract<Credential, { method: "chap" | "deferred" }>,
  known: AccountFacts | undefined,
  secrets: CredentialCheckDependencies["secrets"],
): Promise<JudgedCredential> => {
  // Whom nobody knows is looked for as well: neither the question nor the digest must be missing.
  const secret = await secrets.find(known ?? nobody);
  if (credential.method === "deferred") {
    return { facts: { method: "none", verdict: secret === undefined ? "unreadable" : "deferred" }, secret };
  }
  const fits = isResponse(credential, secret ?? "");
  if (known && secret === undefined) return { facts: { method: "chap", verdict: "unreadable" } };
  return { facts: { method: "chap", verdict: fits && known ? "right" : "wrong" } };
};

const nobody: SecretOwner = { id: 0, nameSpaceId: 0, organizationId: 0 };

/** RFC 1994 §4.1: MD5 over the identifier, the secret and the challenge. */
const isResponse = (credential: Extract<Credential, { method: "chap" }>, secret: string): boolean => {
  const expected = hash("md5", Buffer.concat([Buffer.from([credential.identifier]), Buffer.from(secret), credential.challenge]), "buffer");
  return credential.response.length === expected.length && timingSafeEqual(expected, credential.response);
};

/**
 * Whether equipment lets a device in by its hardware address: User-Name is the address, the password is none or the
 * address again, and the equipment says that this is the device that calls. Only for accounts without a password.
 */
const authenticatesByAddress = ({ credential, userName, attributes }: CredentialQuestion): boolean => {
  const address = macKey(userName);
  if (address === undefined) return false;
  const caller = firstOf(attributes, "Calling-Station-Id");
  const isCallCheck = firstOf(attributes, "Service-Type") === "Call-Check";
  if (caller === undefined ? !isCallCheck : macKey(caller) !== address) return false;
  if (credential.method === "pap")
    return isCallCheck || credential.password.length === 0 || macKey(credential.password.toString("latin1")) === address;
  return credential.method === "none" || isCallCheck;
};
