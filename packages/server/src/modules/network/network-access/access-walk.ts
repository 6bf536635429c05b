import { authorize } from "../../../aaa/authorization/authorize.ts";
import type { AccessDecision } from "../../../aaa/authorization/decision.ts";
import type { CredentialFacts, ProfileFacts, SessionFacts } from "../../../aaa/authorization/facts.ts";
import { type AtHand, whenAtHand } from "../../../kernel/at-hand.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { OrganizationTree } from "../../foundation/organizations/index.ts";
import type { AccessFactsStore, AccountFacts } from "./access-facts.store.ts";
import type { Lookup } from "./account-lookup.ts";
import type { ProfileBook } from "./profile-book.ts";

export interface WalkDependencies {
  readonly work: Work<{ accessFacts: AccessFactsStore }>;
  readonly profiles: ProfileBook;
  /** A tree as fresh as any decision wants it, which knows the organization. */
  treeNow(organizationId: number): AtHand<OrganizationTree>;
}

/** What is asked of the table, with everything found that costs more than reading sessions. */
export interface WalkQuestion {
  readonly scope: TenantScope;
  readonly account: Lookup;
  readonly credential: CredentialFacts;
  /** Which device asks at which client; a station that no device has for one that does not say. */
  readonly clientId: number;
  readonly station: string;
  readonly attributes: Readonly<Record<string, readonly string[]>> | undefined;
  readonly nowMs: number;
}

const alone: SessionFacts = { live: 0, reserved: 0, unreportedSeconds: 0 };

const passes: ReadonlySet<CredentialFacts["verdict"]> = new Set(["right", "deferred", "assumed"]);

/**
 * Gathers the facts that are missing and walks the table. Sessions are counted only where something depends on them. `moved`:
 * the account changed while they were gathered, so that they belong to no one state of it, and nothing is decided with them.
 */
export const walk = (deps: WalkDependencies, question: WalkQuestion): AtHand<AccessDecision | "moved"> => {
  const { account, credential, attributes, nowMs } = question;
  if (typeof account === "string") {
    return authorize({ nowMs, user: account, credential, profiles: [], sessions: alone, attributes });
  }
  // Who is refused for the credential learns nothing of the account, not even by how long it takes to read more of it.
  if (!passes.has(credential.verdict)) {
    const { id, username, isActive, expirationMs, seconds } = account;
    const user = { id, username, isActive, expirationMs, seconds };
    return authorize({ nowMs, user, credential, profiles: [], sessions: alone, attributes });
  }
  const reading = deps.profiles.read(account.profileIds);
  const hasWaited = reading instanceof Promise;
  return whenAtHand(reading, (carried) => {
    if (carried === "gone") return "moved";
    const counts = account.seconds !== null || (attributes !== undefined && limitsSessions(carried));
    // What was read at once after the account is of the same moment.
    const counting = counts
      ? countSessions(deps.work, question, account)
      : hasWaited
        ? findAgain(deps.work, question, account)
        : asItWas(account);
    return whenAtHand(counting, (counted) => {
      if (counted === undefined) return "moved";
      const { seconds, sessions } = counted;
      return whenAtHand(deps.treeNow(account.organizationId), (tree) => {
        const isActive = account.isActive && tree.isActive(account.organizationId);
        const { id, username, expirationMs } = account;
        const user = { id, username, isActive, expirationMs, seconds };
        return authorize({ nowMs, user, credential, profiles: carried, sessions, attributes });
      });
    });
  });
};

const limitsSessions = (profiles: readonly ProfileFacts[]): boolean =>
  profiles.some((profile) => profile.check.some((item) => item.attribute === "Simultaneous-Use"));

/** The sessions beside the one that is asked for, and the balance of that moment. */
interface Counted {
  readonly sessions: SessionFacts;
  readonly seconds: number | null;
}

const asItWas = ({ seconds }: AccountFacts): Counted => ({ sessions: alone, seconds });

/** Undefined where the account is not what it was. */
const countSessions = (
  work: Work<{ accessFacts: AccessFactsStore }>,
  { scope, clientId, station, nowMs }: WalkQuestion,
  { id: userId, nameSpaceId, version }: AccountFacts,
): AtHand<Counted | undefined> =>
  whenAtHand(work.for(scope).accessFacts.countSessions({ nameSpaceId, userId, clientId, station, nowMs }), (counted) =>
    counted?.version === version
      ? {
          sessions: { live: counted.live, reserved: counted.reserved, unreportedSeconds: Math.floor(counted.unreportedMs / 1000) },
          seconds: counted.seconds,
        }
      : undefined,
  );

/** Undefined where the account is not what it was. */
const findAgain = async (
  work: Work<{ accessFacts: AccessFactsStore }>,
  { scope }: WalkQuestion,
  account: AccountFacts,
): Promise<Counted | undefined> => {
  const now = await work.for(scope).accessFacts.findById(account.id);
  return now?.version === account.version ? asItWas(now) : undefined;
};
