import { authorize } from "../../../access/authorize.ts";
import type { AccessDecision } from "../../../access/decision.ts";
import type { CredentialFacts, ProfileFacts, SessionFacts } from "../../../access/facts.ts";
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
export const walk = async ({ work, profiles }: WalkDependencies, question: WalkQuestion): Promise<AccessDecision> => {
  const { account, credential, attributes, nowMs, tree } = question;
  if (typeof account === "string") {
    return authorize({ nowMs, user: account, credential, profiles: [], sessions: alone, attributes });
  }
  const carried = await profiles.read(account.profileIds);
  const counts = account.seconds !== null || (attributes !== undefined && limitsSessions(carried));
  const sessions = counts ? await countSessions(work, question, account) : alone;
  const user = {
    id: account.id,
    username: account.username,
    isActive: account.isActive && tree.isActive(account.organizationId),
    expirationMs: account.expirationMs,
    seconds: account.seconds,
  };
  return authorize({ nowMs, user, credential, profiles: carried, sessions, attributes });
};

const limitsSessions = (profiles: readonly ProfileFacts[]): boolean =>
  profiles.some((profile) => profile.check.some((item) => item.attribute === "Simultaneous-Use"));

const countSessions = async (
  work: Work<{ accessFacts: AccessFactsStore }>,
  { scope, clientId, station, nowMs }: WalkQuestion,
  { id: userId, nameSpaceId, organizationId }: AccountFacts,
): Promise<SessionFacts> => {
  const asked = { nameSpaceId, organizationId, userId, clientId, station, nowMs };
  const { live, reserved, unreportedMs } = await work.for(scope).accessFacts.countSessions(asked);
  return { live, reserved, unreportedSeconds: Math.floor(unreportedMs / 1000) };
};
