import { type AccessDecision, type Draft, knownUser, type Step, type TraceLine } from "./decision.ts";
import type { AccessFacts } from "./facts.ts";
import { numberOf } from "./reply-attributes.ts";
import { checkActive } from "./steps/check-active.ts";
import { checkAttributes } from "./steps/check-attributes.ts";
import { checkCredential } from "./steps/check-credential.ts";
import { checkExpiration } from "./steps/check-expiration.ts";
import { checkSessions } from "./steps/check-sessions.ts";
import { checkTime } from "./steps/check-time.ts";
import { checkUser } from "./steps/check-user.ts";
import { composeReply } from "./steps/compose-reply.ts";
import { limitSession } from "./steps/limit-session.ts";

/**
 * The access decision: these steps in this order, whoever asks. Who is right about the password learns why else the
 * answer is no; who is not learns nothing, for the credential stands before everything that tells about the account.
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

const blank: Draft = { mostSessions: undefined, limits: [], reply: [] };

/** Walks the table until a step refuses. Pure: it reads no clock, no database and no secret. */
export const authorize = (facts: AccessFacts): AccessDecision => {
  const trace: TraceLine[] = [];
  let draft = blank;
  for (const step of steps) {
    const result = step.judge(facts, draft);
    trace.push({ step: step.name, verdict: result.verdict, detail: result.detail });
    if (result.verdict === "refuse") return { outcome: "reject", reason: result.reason, trace };
    if (result.draft) draft = { ...draft, ...result.draft };
  }
  return {
    outcome: "accept",
    user: knownUser(facts),
    mostSessions: draft.mostSessions,
    reply: draft.reply,
    sessionTimeoutSeconds: numberOf(draft.reply, "session-timeout"),
    interimSeconds: numberOf(draft.reply, "acct-interim-interval"),
    trace,
  };
};
