import type { AccessFacts, ProfileFacts, SessionFacts } from "../../../aaa/authorization/facts.ts";
import { pauseByChance } from "../../../kernel/clock.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { OrganizationDirectory } from "../../foundation/organizations/index.ts";
import { NotKnown } from "./access-decision.ts";
import type { AccessFactsStore, AccountFacts } from "./access-facts.store.ts";
import type { ProfileBook } from "./profile-book.ts";
import type { CredentialVerifier, VerifiedAccount } from "./verify-credential.stage.ts";

/** A verified account with all facts that the decision depends on. */
export interface LoadedFacts extends VerifiedAccount {
  readonly facts: AccessFacts<AccountFacts>;
}

export interface LoadFactsDependencies {
  readonly work: Work<{ accessFacts: AccessFactsStore }>;
  readonly directory: OrganizationDirectory;
  readonly profiles: ProfileBook;
  readonly findAgain: CredentialVerifier["findAgain"];
}

export type LoadFacts = ReturnType<typeof createLoadFacts>;

/** How often facts are loaded again that changed while they were loaded, with pauses that grow. */
const maxTries = 10;
const maxPauseMs = 5;

const noSessions: SessionFacts = { live: 0, reserved: 0, unreportedSeconds: 0 };

/** The verdicts after which more of the account is read. */
const passing: ReadonlySet<string> = new Set(["right", "deferred", "assumed"]);

/**
 * Third stage of an access request: loads the facts, all of them true at one moment. Sessions are counted only where something
 * depends on them. Throws `NotKnown` where the account changed at each of several tries.
 */
export const createLoadFacts = ({ work, directory, profiles, findAgain }: LoadFactsDependencies) => {
  /** Undefined where the account changed meanwhile, so that the facts belong to no one state of it. */
  const loadOnce = async (verified: VerifiedAccount, nowMs: number): Promise<AccessFacts<AccountFacts> | undefined> => {
    const { account, profileEdition, question } = verified;
    const { attributes } = question;
    const credential = verified.verified.facts;
    const known = { nowMs, account, credential, profiles: [], sessions: noSessions, attributes };
    // A wrong credential reveals nothing about the account, not even by how long it takes to read more of it.
    if (typeof account === "string" || !passing.has(credential.verdict)) return known;
    const inMemory = profiles.inMemory(account.profileIds, profileEdition);
    const carried = inMemory ?? (await profiles.read(account.profileIds));
    if (carried === "gone") return undefined;
    const isCounted = account.seconds !== null || (attributes !== undefined && limitsSessions(carried));
    const counted = isCounted
      ? await countSessions(verified, account, nowMs)
      : inMemory
        ? { seconds: account.seconds, sessions: noSessions }
        : await balanceNow(verified, account);
    if (counted === undefined) return undefined;
    const { organizationId } = account;
    const tree = verified.tree.find(organizationId) ? verified.tree : await directory.covering([organizationId]);
    const isActive = account.isActive && tree.isActive(organizationId);
    return { ...known, account: { ...account, isActive, seconds: counted.seconds }, profiles: carried, sessions: counted.sessions };
  };

  /** The other sessions of the account, and its balance at the same moment; undefined where the account has changed. */
  const countSessions = async ({ scope, question }: VerifiedAccount, account: AccountFacts, nowMs: number) => {
    const { id: userId, namespaceId, version } = account;
    const { clientId, station } = question;
    const counted = await work.for(scope).accessFacts.countSessions({ namespaceId, userId, clientId, station, nowMs });
    if (counted?.version !== version) return undefined;
    const { live, reserved, unreportedMs, seconds } = counted;
    return { seconds, sessions: { live, reserved, unreportedSeconds: Math.floor(unreportedMs / 1000) } };
  };

  /** Undefined where the account has changed. */
  const balanceNow = async ({ scope }: VerifiedAccount, account: AccountFacts) => {
    const now = await work.for(scope).accessFacts.findById(account.id);
    return now?.version === account.version ? { seconds: now.seconds, sessions: noSessions } : undefined;
  };

  return async (verified: VerifiedAccount, nowMs: number): Promise<LoadedFacts> => {
    let current = verified;
    for (let tries = 1; ; tries += 1) {
      const facts = await loadOnce(current, nowMs);
      if (facts !== undefined) return { ...current, facts };
      if (tries >= maxTries) throw new NotKnown(current);
      if (tries > 1) await pauseByChance(maxPauseMs * (tries - 1));
      current = await findAgain(current);
    }
  };
};

const limitsSessions = (profiles: readonly ProfileFacts[]): boolean =>
  profiles.some((profile) => profile.check.some((item) => item.attribute === "Simultaneous-Use"));
