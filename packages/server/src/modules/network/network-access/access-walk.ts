import { authorize } from "../../../access/authorize.ts";
import type { AccessDecision } from "../../../access/decision.ts";
import type { CredentialFacts, ProfileFacts, SessionFacts } from "../../../access/facts.ts";
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
}

/** What is asked of the table, with everything found that costs more than reading sessions. */
export interface WalkQuestion {
  readonly tree: OrganizationTree;
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

/** Gathers the facts that are missing and walks the table. Sessions are counted only where something depends on them. */
export const walk = ({ work, profiles }: WalkDependencies, question: WalkQuestion): AtHand<AccessDecision> => {
  const { account, credential, attributes, nowMs, tree } = question;
  if (typeof account === "string") {
    return authorize({ nowMs, user: account, credential, profiles: [], sessions: alone, attributes });
  }
  const user = {
    id: account.id,
    username: account.username,
    isActive: account.isActive && tree.isActive(account.organizationId),
    expirationMs: account.expirationMs,
    seconds: account.seconds,
  };
  return whenAtHand(profiles.read(account.profileIds), (carried) => {
    const counts = account.seconds !== null || (attributes !== undefined && limitsSessions(carried));
    if (!counts) return authorize({ nowMs, user, credential, profiles: carried, sessions: alone, attributes });
    return whenAtHand(countSessions(work, question, account), ({ sessions, seconds }) =>
      authorize({ nowMs, user: { ...user, seconds }, credential, profiles: carried, sessions, attributes }),
    );
  });
};

const limitsSessions = (profiles: readonly ProfileFacts[]): boolean =>
  profiles.some((profile) => profile.check.some((item) => item.attribute === "Simultaneous-Use"));

const countSessions = (
  work: Work<{ accessFacts: AccessFactsStore }>,
  { scope, clientId, station, nowMs }: WalkQuestion,
  { id: userId, nameSpaceId, organizationId }: AccountFacts,
): AtHand<{ sessions: SessionFacts; seconds: number | null }> => {
  const asked = { nameSpaceId, organizationId, userId, clientId, station, nowMs };
  return whenAtHand(work.for(scope).accessFacts.countSessions(asked), ({ live, reserved, unreportedMs, seconds }) => ({
    sessions: { live, reserved, unreportedSeconds: Math.floor(unreportedMs / 1000) },
    seconds,
  }));
};
