import type { AtHand } from "../../../kernel/at-hand.ts";
import type { Clock, Delay } from "../../../kernel/clock.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { HashCosts } from "../../accounts/passwords/index.ts";
import { type OrganizationTree, payingOrganization } from "../../foundation/organizations/index.ts";
import type { Credential } from "./access-request.ts";
import { type Lookup, organizationMeant } from "./account-lookup.ts";
import type { JudgedCredential } from "./credential-check.ts";

/** Who asks and whom that means, as far as the pace depends on it. */
interface PacedQuestion {
  readonly question: {
    readonly userName: string;
    readonly credential: Credential | "assumed";
    readonly stepAside?: (() => void) | undefined;
  };
  readonly tree: OrganizationTree;
  readonly scope: TenantScope;
  readonly account: Lookup;
}

/** Makes who is wrong about a credential wait, so that no refusal tells by its time what was held against the password. */
export interface RefusalPace {
  /** An account was found by who asks. */
  see(found: Pick<PacedQuestion, "tree" | "account">): void;
  /** Waits until the next common step after the question began, where the credential was guessed wrong; else not at all. */
  reached(asked: PacedQuestion & { readonly judged: JudgedCredential }, sinceMs: number): AtHand<void>;
}

export interface RefusalPaceDependencies {
  readonly hashCosts: HashCosts;
  readonly clock: Clock;
  readonly delay: Delay;
}

/** A quarter of a second hides a hash of a tenth, and is over before equipment asks again. */
const leastStepMs = 250;
/** Beyond, equipment gives up before it is refused. */
const longestStepMs = 4_000;
/** What a hash of today's kind takes, with as much again for a machine that does other things, too. */
const msOfPrice = 20;

/** The step at which refusals leave where the dearest hash costs so many of today's: it doubles until it covers that hash. */
export const stepMsOf = (price: number): number => {
  let stepMs = leastStepMs;
  while (stepMs < longestStepMs && stepMs < price * msOfPrice) stepMs *= 2;
  return stepMs;
};

const isGuess = ({ credential }: PacedQuestion["question"]): boolean =>
  credential !== "assumed" && (credential.method === "pap" || credential.method === "chap");

/**
 * Every wrong credential is refused at a multiple of one step: of a stranger, of an account, without a password, under a
 * cheap hash and a dear one. The step covers the hashes of one payer: of the account's organization, and where nobody has the
 * name, of that in which it was looked for. So nobody waits for what another tenant imported, also at shared equipment, where in
 * return the names of who has dear hashes are answered later than a stranger's. Only a timer waits: no place in a queue, no thread.
 */
export const createRefusalPace = ({ hashCosts, clock, delay }: RefusalPaceDependencies): RefusalPace => {
  const payerOf = ({ question, tree, scope, account }: PacedQuestion): string =>
    payingOrganization(tree, typeof account === "string" ? organizationMeant({ tree, scope }, question.userName) : account.organizationId);
  return {
    see({ tree, account }) {
      if (typeof account === "string" || account.passwordHash === null) return;
      hashCosts.note(payingOrganization(tree, account.organizationId), account.passwordHash);
    },
    reached(asked, sinceMs) {
      const { question, judged } = asked;
      const { verdict } = judged.facts;
      if (!isGuess(question) || (verdict !== "wrong" && verdict !== "unreadable")) return undefined;
      question.stepAside?.();
      const stepMs = stepMsOf(hashCosts.max(payerOf(asked)));
      const elapsedMs = Math.max(0, clock.nowMs() - sinceMs);
      return new Promise((resolve) => void delay(resolve, stepMs - (elapsedMs % stepMs)));
    },
  };
};
