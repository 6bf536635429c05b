import type { AccessDecision } from "../../../access/decision.ts";
import { type AtHand, whenAtHand } from "../../../kernel/at-hand.ts";
import type { Share } from "../../../kernel/fair-line.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { PasswordVerifier } from "../../accounts/passwords/index.ts";
import type { ReversibleSecretStore } from "../../accounts/reversible-secrets/index.ts";
import { type OrganizationDirectory, type OrganizationTree, payingOrganization } from "../../foundation/organizations/index.ts";
import type { AccessFactsStore } from "./access-facts.store.ts";
import { type Credential, firstOf } from "./access-request.ts";
import { walk } from "./access-walk.ts";
import { type Lookup, lookUpAccount } from "./account-lookup.ts";
import { checkCredential, type JudgedCredential } from "./credential-check.ts";
import type { ProfileBook } from "./profile-book.ts";
import { stationOf } from "./station.ts";

/** Who asks to be let in, and where. */
export interface AccessQuestion {
  /** The organization whose accounts are meant, with those below. */
  readonly organizationId: number;
  /** The AAA client, 0 for none. */
  readonly clientId: number;
  readonly userName: string;
  /** `assumed`: the credential is taken as right. */
  readonly credential: Credential | "assumed";
  /** Undefined where no network equipment asks. */
  readonly attributes: Readonly<Record<string, readonly string[]>> | undefined;
  /** What a device is called that does not say which it is; nobody else has that name. */
  readonly nameless: string;
  /** Who pays for what is slow, inside the organization: the client or token, and the device or request. */
  readonly payer: string;
  readonly source: string;
  /** Whether somebody still waits for the answer, asked before anything slow. */
  readonly isWanted?: (() => boolean) | undefined;
  /** Called before anything slow: the place that quick work holds is free again. */
  readonly stepAside?: (() => void) | undefined;
}

/** A question with whom it means. */
export interface Found {
  readonly question: AccessQuestion;
  readonly tree: OrganizationTree;
  readonly scope: TenantScope;
  readonly account: Lookup;
  readonly station: string;
}

/** A question with everything found that is found once. */
export interface Asked extends Found {
  readonly judged: JudgedCredential;
}

export interface AccessGatheringDependencies {
  readonly work: Work<{ accessFacts: AccessFactsStore; reversibleSecrets: ReversibleSecretStore }>;
  readonly directory: OrganizationDirectory;
  readonly profiles: ProfileBook;
  readonly passwords: PasswordVerifier;
}

export type AccessGathering = ReturnType<typeof createAccessGathering>;

/** At equipment that the root owns, the account's organization pays once it is known; elsewhere the equipment's does. */
const shareOf = ({ organizationId, payer, source }: AccessQuestion, tree: OrganizationTree, account: Lookup): Share => {
  const isRoots = typeof account !== "string" && tree.find(organizationId)?.parentId === null;
  return [payingOrganization(tree, isRoots ? account.organizationId : organizationId), payer, source];
};

const assumed: JudgedCredential = { facts: { method: "none", verdict: "assumed" } };
const nothing = {};

/** Finds the facts that the decision needs, for every door alike. */
export const createAccessGathering = (deps: AccessGatheringDependencies) => {
  const find = (question: AccessQuestion): AtHand<Found> => {
    const { organizationId, userName, attributes = nothing, nameless } = question;
    const known = deps.directory.atHand();
    return whenAtHand(known?.find(organizationId) ? known : deps.directory.covering([organizationId]), (tree) => {
      const scope = tree.scopeOf(organizationId);
      const station = stationOf(firstOf(attributes, "Calling-Station-Id")) || nameless;
      const finding = lookUpAccount({ work: deps.work, tree, scope }, userName);
      return whenAtHand(finding, (account) => ({ question, tree, scope, account, station }));
    });
  };

  const judge = ({ question, tree, scope, account, station }: Found): AtHand<Asked> => {
    const { credential, userName, attributes = nothing, organizationId } = question;
    if (credential === "assumed") return { question, tree, scope, account, station, judged: assumed };
    const secrets = deps.work.for(scope).reversibleSecrets;
    const judging = checkCredential(
      { passwords: deps.passwords, secrets },
      {
        credential,
        userName,
        account,
        attributes,
        organizationId,
        asking: { share: shareOf(question, tree, account), isWanted: question.isWanted, stepAside: question.stepAside },
      },
    );
    return whenAtHand(judging, (judged) => ({ question, tree, scope, account, station, judged }));
  };

  return {
    /** Finds whom a question means. */
    find,

    /** Judges the credential of who was found: what costs most. */
    judge,

    /** Finds and judges: neither changes while the decision is made. */
    ask: (question: AccessQuestion): AtHand<Asked> => whenAtHand(find(question), judge),

    /** Counts sessions where they matter, and walks the table. */
    decide: ({ question, tree, scope, account, judged, station }: Asked, nowMs: number): AtHand<AccessDecision> =>
      walk(deps, {
        tree,
        scope,
        account,
        credential: judged.facts,
        clientId: question.clientId,
        station,
        attributes: question.attributes,
        nowMs,
      }),
  };
};
