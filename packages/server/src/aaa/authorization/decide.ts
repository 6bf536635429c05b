import type { AccessDecision, TraceLine } from "../words/access-decision.ts";
import type { AccessFacts, UserFacts } from "./facts.ts";
import {
  checkActive,
  checkAttributes,
  checkCredential,
  checkExpiration,
  checkSessions,
  checkTime,
  checkUser,
  composeReply,
  type Draft,
  knownAccount,
  limitSession,
  numberOf,
  type Step,
} from "./steps.ts";

/**
 * The access decision: these steps in this order, whichever way a request came. The credential is checked before everything
 * that tells about the account, so account state is revealed only to a caller with the right password.
 */
export const steps: readonly Step[] = [
  checkUser,
  checkCredential,
  checkActive,
  checkExpiration,
  checkTime,
  checkAttributes,
  checkSessions,
  composeReply,
  limitSession,
];

const blank: Draft = { maxSessions: undefined, limits: [], reply: [] };

/** Evaluates the table until a step refuses. Pure: it reads no clock, no database and no secret. */
export const decide = <Account extends UserFacts>(facts: AccessFacts<Account>): AccessDecision<Account> => {
  const trace: TraceLine[] = [];
  let draft = blank;
  for (const step of steps) {
    const result = step.evaluate(facts, draft);
    trace.push({ step: step.name, verdict: result.verdict, detail: result.detail });
    if (result.verdict === "refuse") {
      const account = typeof facts.account === "string" ? undefined : facts.account;
      return { outcome: "reject", account, reason: result.reason, trace };
    }
    if (result.draft) draft = { ...draft, ...result.draft };
  }
  return {
    outcome: "accept",
    account: knownAccount(facts),
    maxSessions: draft.maxSessions,
    reply: draft.reply,
    sessionTimeoutSeconds: numberOf(draft.reply, "session-timeout"),
    interimSeconds: numberOf(draft.reply, "acct-interim-interval"),
    trace,
  };
};
