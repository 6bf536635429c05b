import type { Acceptance, Rejection } from "../../../aaa/words/access-decision.ts";
import { storableText } from "../../../aaa/words/attributes.ts";
import type { Clock } from "../../../kernel/clock.ts";
import type { IdSource } from "../../../kernel/ids.ts";
import type { AaaClient } from "../aaa-clients/index.ts";
import type { AccessDecisionRecord, KeptDecision } from "./access-decision.ts";
import type { AccountFacts } from "./access-facts.store.ts";
import type { AccessJournal } from "./access-journal.service.ts";
import type { AccessQuestion } from "./find-account.stage.ts";
import type { GoodLogins } from "./good-login.service.ts";
import type { RefusalPace } from "./refusal-pace.service.ts";
import type { VerifiedAccount } from "./verify-credential.stage.ts";

/** When a decision is made, and its id. */
export interface Moment {
  readonly nowMs: number;
  readonly decisionId: number;
}

/** A question whose decision is kept. */
export interface RecordedQuestion extends AccessQuestion, Moment {
  readonly source: AccessDecisionRecord["source"];
  /** The namespace of the client or token, which keeps a decision about a name that means no account. */
  readonly namespaceId: number;
  /** The device as it was sent. */
  readonly callingStation: string | undefined;
}

/** Last stage of an access request: keeps what was decided. */
export interface DecisionRecorder {
  /** Begins: takes the time, and an id for the decision. Notes that the client has sent a packet, where the request comes from one. */
  begin(client?: AaaClient): Promise<Moment>;
  /** Keeps a decision with its trace. */
  keep(question: RecordedQuestion, decision: KeptDecision): void;
  /** Keeps an accept, and notes the login. */
  accepted(question: RecordedQuestion, decision: Acceptance<AccountFacts>, by: VerifiedAccount): void;
  /** Keeps a reject. Resolves when it may be answered: a wrong credential is answered at a common step of time. */
  rejected(question: RecordedQuestion, decision: Rejection<AccountFacts>, by: VerifiedAccount): Promise<void>;
}

export interface DecisionRecorderDependencies {
  readonly ids: Pick<IdSource<"access_decision">, "take" | "takeInMemory">;
  readonly clock: Clock;
  readonly journal: Pick<AccessJournal, "addDecision" | "noteContact">;
  readonly goodLogins: Pick<GoodLogins, "note">;
  readonly pace: Pick<RefusalPace, "waitForStep">;
}

export const createDecisionRecorder = ({ ids, clock, journal, goodLogins, pace }: DecisionRecorderDependencies): DecisionRecorder => {
  const keep = (question: RecordedQuestion, decision: KeptDecision): void => {
    const { account, outcome } = decision;
    journal.addDecision({
      id: question.decisionId,
      namespaceId: account?.namespaceId ?? question.namespaceId,
      organizationId: account?.organizationId ?? question.organizationId,
      createdAtMs: question.nowMs,
      clientId: question.clientId === 0 ? null : question.clientId,
      userId: account?.id ?? null,
      username: storableText(question.userName),
      callingStation: storableText(question.callingStation),
      source: question.source,
      outcome,
      reason: outcome === "reject" ? decision.reason : null,
      sessionTimeoutSeconds: outcome === "accept" ? (decision.sessionTimeoutSeconds ?? null) : null,
      reply: outcome === "accept" ? decision.reply : [],
      trace: decision.trace,
    });
  };

  return {
    async begin(client) {
      const decisionId = ids.takeInMemory("access_decision") ?? (await ids.take("access_decision"));
      const nowMs = clock.nowMs();
      if (client !== undefined) journal.noteContact(client, nowMs);
      return { nowMs, decisionId };
    },
    keep,
    accepted(question, decision, { verified }) {
      keep(question, decision);
      // A deferred credential is verified by the server that asks, which reports the result.
      if (verified.facts.verdict !== "deferred") goodLogins.note(decision.account, question.nowMs, verified.password);
    },
    async rejected(question, decision, by) {
      keep(question, decision);
      await pace.waitForStep(by, question.nowMs);
    },
  };
};
