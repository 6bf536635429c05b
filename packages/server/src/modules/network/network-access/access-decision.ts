import type { AccessDecision, RejectReason, TraceLine } from "../../../aaa/words/access-decision.ts";
import type { AttributeItem } from "../../../aaa/words/attributes.ts";
import { DomainError } from "../../../kernel/errors.ts";
import type { AccountFacts } from "./access-facts.store.ts";
import type { Lookup } from "./find-account.stage.ts";

/** No decision was made: the facts changed each time that they were read. Nobody is answered, and equipment asks again. */
export class NotKnown extends DomainError {
  readonly account: AccountFacts | undefined;

  constructor({ account }: { readonly account: Lookup }) {
    super("server.unavailable", "What the decision rests on changed each time that it was read. Try again.");
    this.account = typeof account === "string" ? undefined : account;
  }
}

/** What is kept where no decision was made. */
interface NoDecision {
  readonly outcome: "reject";
  readonly reason: "not_known";
  readonly account: AccountFacts | undefined;
  readonly trace: readonly TraceLine[];
}

export const noDecision = ({ account }: NotKnown): NoDecision => ({
  outcome: "reject",
  reason: "not_known",
  account,
  trace: [
    {
      step: "facts",
      verdict: "refuse",
      detail: "The account, its profiles or the client changed each time that they were read: nobody was answered.",
    },
  ],
});

/** A decision, or that none could be made. */
export type KeptDecision = AccessDecision<AccountFacts> | NoDecision;

/** A decision as it is kept, with the trace of its steps. */
export interface AccessDecisionRecord {
  readonly id: number;
  readonly namespaceId: number;
  readonly organizationId: number;
  readonly createdAtMs: number;
  readonly clientId: number | null;
  readonly userId: number | null;
  readonly username: string | null;
  readonly callingStation: string | null;
  /** Which way the request came. */
  readonly source: "radius" | "freeradius" | "app";
  readonly outcome: "accept" | "reject";
  readonly reason: RejectReason | "not_known" | null;
  readonly sessionTimeoutSeconds: number | null;
  readonly reply: readonly AttributeItem[];
  readonly trace: readonly TraceLine[];
}
