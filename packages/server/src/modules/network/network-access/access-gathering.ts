import type { AccessDecision } from "../../../aaa/authorization/decision.ts";
import { firstOf, stationOf } from "../../../aaa/words/attributes.ts";
import { type AtHand, whenAtHand } from "../../../kernel/at-hand.ts";
import { pauseByChance } from "../../../kernel/clock.ts";
import type { Share } from "../../../kernel/fair-line.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { PasswordVerifier } from "../../accounts/passwords/index.ts";
import type { ReversibleSecretStore } from "../../accounts/reversible-secrets/index.ts";
import { type OrganizationDirectory, type OrganizationTree, payingOrganization } from "../../foundation/organizations/index.ts";
import type { AccessFactsStore } from "./access-facts.store.ts";
import type { Credential } from "./access-request.ts";
import { walk } from "./access-walk.ts";
import { bareName, type Lookup, lookUpAccount } from "./account-lookup.ts";
import { checkCredential, type JudgedCredential } from "./credential-check.ts";
import type { Attempt, FailedAttempts, Guess } from "./failed-attempts.ts";
import { NotKnown } from "./not-known.ts";
import type { ProfileBook } from "./profile-book.ts";
import type { RefusalPace } from "./refusal-pace.ts";

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
  /** From where passwords are tried: the client, or the token and the address that it calls from; and the device, where it is said. */
  readonly place: string;
  readonly device: string;
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

/** A decision, and what it was made of in the end. */
export interface Decided {
  readonly asked: Asked;
  readonly decision: AccessDecision;
}

export interface AccessGatheringDependencies {
  readonly work: Work<{ accessFacts: AccessFactsStore; reversibleSecrets: ReversibleSecretStore }>;
  readonly directory: OrganizationDirectory;
  readonly profiles: ProfileBook;
  readonly passwords: PasswordVerifier;
  readonly attempts: FailedAttempts;
  readonly pace: Pick<RefusalPace, "see">;
}

export type AccessGathering = ReturnType<typeof createAccessGathering>;

/** At equipment that the root owns, the account's organization pays once it is known; elsewhere the equipment's does. */
const shareOf = ({ organizationId, payer, source }: AccessQuestion, tree: OrganizationTree, account: Lookup): Share => {
  const isRoots = typeof account !== "string" && tree.find(organizationId)?.parentId === null;
  return [payingOrganization(tree, isRoots ? account.organizationId : organizationId), payer, source];
};

/** Whether a credential can be guessed here. */
const isGuess = (credential: Credential): boolean => credential.method === "pap" || credential.method === "chap";

/**
 * Counts by account, however its name was spelled, and before anything is hashed. A stranger is counted by what those
 * spellings have in common, so that neither realms nor hardware addresses give a guess more, or tell that a name exists.
 */
const guessOf = ({ question, scope, account }: Found): Guess => ({
  place: question.place,
  device: question.device,
  account: typeof account === "string" ? `${scope.nameSpaceId}/${bareName(question.userName)}` : String(account.id),
  isWanted: question.isWanted,
  stepAside: question.stepAside,
});

const paused = ({ method }: Credential, pauseSeconds: number): JudgedCredential => ({
  facts: { method: method === "chap" ? "chap" : "pap", verdict: "paused" },
  pauseSeconds,
});

/** Ends an attempt with what comes of its check. */
const counted = (attempt: Attempt, check: () => AtHand<JudgedCredential>): AtHand<JudgedCredential> => {
  const end = (judged: JudgedCredential): JudgedCredential => {
    attempt.end(judged.facts.verdict === "right" ? "right" : judged.facts.verdict === "wrong" ? "wrong" : "unknown");
    return judged;
  };
  try {
    const judging = check();
    if (!(judging instanceof Promise)) return end(judging);
    return judging.then(end, (error: unknown): JudgedCredential => {
      attempt.end("unknown");
      throw error;
    });
  } catch (error) {
    attempt.end("unknown");
    throw error;
  }
};

const assumed: JudgedCredential = { facts: { method: "none", verdict: "assumed" } };
const nothing = {};
/** How often what has changed while it was gathered is gathered again, with pauses that grow. */
const mostTries = 10;
const longestPauseMs = 5;

/** Finds the facts that the decision needs, for every door alike. What cannot be known is `NotKnown`, never none. */
export const createAccessGathering = (deps: AccessGatheringDependencies) => {
  const treeNow = (organizationId: number): AtHand<OrganizationTree> => {
    const known = deps.directory.atHand();
    return known?.find(organizationId) ? known : deps.directory.covering([organizationId]);
  };

  const walking = { work: deps.work, profiles: deps.profiles, treeNow };

  const find = (question: AccessQuestion): AtHand<Found> => {
    const { organizationId, userName, attributes = nothing, nameless } = question;
    return whenAtHand(treeNow(organizationId), (tree) => {
      const scope = tree.scopeOf(organizationId);
      const station = stationOf(firstOf(attributes, "Calling-Station-Id")) || nameless;
      const finding = lookUpAccount({ work: deps.work, tree, scope }, userName);
      return whenAtHand(finding, (account) => ({ question, tree, scope, account, station }));
    });
  };

  const judgeOnce = (found: Found): AtHand<JudgedCredential> => {
    const { question, tree, scope, account } = found;
    deps.pace.see(found);
    const { credential, userName, attributes = nothing, organizationId } = question;
    if (credential === "assumed") return assumed;
    const secrets = deps.work.for(scope).reversibleSecrets;
    const { isWanted, stepAside } = question;
    const asking = { share: shareOf(question, tree, account), isWanted, stepAside };
    const check = () =>
      checkCredential({ passwords: deps.passwords, secrets }, { credential, userName, account, attributes, organizationId, asking });
    if (!isGuess(credential)) return check();
    return whenAtHand(deps.attempts.begin(guessOf(found)), (attempt) =>
      "pauseSeconds" in attempt ? paused(credential, attempt.pauseSeconds) : counted(attempt, check),
    );
  };

  /**
   * To judge takes as long as a hash does, and as its line is long: who is right is looked at once more, and judged again
   * where the password is not what it was.
   */
  const judge = (found: Found, tries = mostTries): AtHand<Asked> => {
    const judging = judgeOnce(found);
    if (!(judging instanceof Promise)) return { ...found, judged: judging };
    return judging.then((judged) => (refuses(judged) ? { ...found, judged } : confirm({ ...found, judged }, tries)));
  };

  /** The same question as it stands now. */
  const confirm = (asked: Asked, tries: number): AtHand<Asked> =>
    whenAtHand(find(asked.question), (now) => {
      if (restsOn(now.account) === restsOn(asked.account)) return { ...now, judged: asked.judged };
      if (tries <= 1) throw new NotKnown(asked);
      return judge(now, tries - 1);
    });

  const decide = (asked: Asked, nowMs: number, tries = mostTries): AtHand<Decided> => {
    const { question, scope, account, judged, station } = asked;
    const { clientId, attributes } = question;
    const deciding = walk(walking, { scope, account, credential: judged.facts, clientId, station, attributes, nowMs });
    return whenAtHand(deciding, (decision): AtHand<Decided> => {
      if (decision !== "moved") return { asked, decision };
      if (tries <= 1) throw new NotKnown(asked);
      return decideLater(asked, nowMs, tries);
    });
  };

  const decideLater = async (asked: Asked, nowMs: number, tries: number): Promise<Decided> => {
    if (tries < mostTries) await pauseByChance(longestPauseMs * (mostTries - tries));
    return decide(await confirm(asked, tries), nowMs, tries - 1);
  };

  return {
    /** Finds whom a question means. */
    find,

    /** Judges the credential of who was found: what costs most. */
    judge: (found: Found): AtHand<Asked> => judge(found),

    /** Finds and judges. */
    ask: (question: AccessQuestion): AtHand<Asked> => whenAtHand(find(question), (found) => judge(found)),

    /** Finds once more who was asked about: it is known to have changed. The credential is judged again where it rests on that. */
    askAgain: (asked: Asked): AtHand<Asked> => confirm(asked, mostTries),

    /**
     * Counts sessions where they matter, and walks the table, with facts that held at one moment. Throws `NotKnown` where
     * there was none in several tries.
     */
    decide: (asked: Asked, nowMs: number): AtHand<Decided> => decide(asked, nowMs),
  };
};

const refuses = ({ facts: { verdict } }: JudgedCredential): boolean => verdict !== "right" && verdict !== "deferred";

/** What a verdict on a credential rests on. A reversible secret changes with the hash. */
const restsOn = (account: Lookup): string => (typeof account === "string" ? account : `${account.id} ${account.passwordHash}`);
