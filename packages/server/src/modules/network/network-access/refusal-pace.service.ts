import type { Clock, Delay } from "../../../kernel/clock.ts";
import type { HashCosts } from "../../accounts/passwords/index.ts";
import { payingOrganization } from "../../foundation/organizations/index.ts";
import { type FoundAccount, organizationMeant } from "./find-account.stage.ts";
import type { VerifiedAccount } from "./verify-credential.stage.ts";

/** Answers every wrong credential at a common step of time, so that no refusal tells what the password was compared with. */
export interface RefusalPace {
  /** Resolves at the next common step after the request came, where a guessed credential was wrong; else at once. */
  waitForStep(verified: VerifiedAccount, sinceMs: number): Promise<void>;
}

export interface RefusalPaceDependencies {
  readonly hashCosts: HashCosts;
  readonly clock: Clock;
  readonly delay: Delay;
}

/** A quarter of a second hides a hash of a tenth, and is over before equipment asks again. */
const minStepMs = 250;
/** Later than this, equipment gives up before it is refused. */
const maxStepMs = 4_000;
/** What a hash of today's kind takes, twice, for a machine that has other work too. */
const msOfPrice = 20;

/** The step at which refusals leave where the dearest hash costs so many of today's: it doubles until it covers that hash. */
export const stepMsOf = (price: number): number => {
  let stepMs = minStepMs;
  while (stepMs < maxStepMs && stepMs < price * msOfPrice) stepMs *= 2;
  return stepMs;
};

const isWrongGuess = ({ question: { credential }, verified }: VerifiedAccount): boolean => {
  const { verdict } = verified.facts;
  const isGuess = credential !== "assumed" && (credential.method === "pap" || credential.method === "chap");
  return isGuess && (verdict === "wrong" || verdict === "unreadable");
};

/**
 * Every wrong credential is refused at a multiple of one step: that of a stranger, of an account, of one without a password,
 * under a cheap hash and a dear one. The step covers the hashes of one payer: of the account's organization, or, where no account
 * has the name, of the organization in which it was looked for. So nobody waits for what another tenant imported, not even at
 * shared equipment; there, names of a tenant with dear hashes are answered later than unknown names. Only a timer waits: no place
 * in a queue, no thread.
 */
export const createRefusalPace = ({ hashCosts, clock, delay }: RefusalPaceDependencies): RefusalPace => {
  const payerOf = ({ question, tree, scope, account }: FoundAccount): string =>
    payingOrganization(tree, typeof account === "string" ? organizationMeant({ tree, scope }, question.userName) : account.organizationId);
  return {
    async waitForStep(verified, sinceMs) {
      if (!isWrongGuess(verified)) return;
      verified.question.stepAside?.();
      const stepMs = stepMsOf(hashCosts.max(payerOf(verified)));
      const elapsedMs = Math.max(0, clock.nowMs() - sinceMs);
      await new Promise<void>((resolve) => void delay(resolve, stepMs - (elapsedMs % stepMs)));
    },
  };
};
