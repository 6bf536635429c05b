import type { AccessDecision, RejectReason, TraceLine } from "../../../aaa/authorization/decision.ts";
import type { AttributeItem } from "../../../aaa/words/attributes.ts";

/** Why somebody was not let in: what the table says, or that there was nothing to ask it about. */
export type KeptReason = RejectReason | "not_known";

/** A decision, or that none could be made. */
export type KeptDecision = AccessDecision | typeof notKnown;

/** What is kept where nobody was answered, for what had to be known could not be. */
export const notKnown = {
  outcome: "reject",
  reason: "not_known",
  trace: [
    {
      step: "facts",
      verdict: "refuse",
      detail: "The account, its profiles or the client changed each time that they were read: nobody was answered.",
    },
  ],
} as const;

/** A decision as it is kept, with the trace of its steps. */
export interface AccessDecisionRecord {
  readonly id: number;
  readonly nameSpaceId: number;
  readonly organizationId: number;
  readonly createdAtMs: number;
  readonly clientId: number | null;
  readonly userId: number | null;
  readonly username: string | null;
  readonly callingStation: string | null;
  /** Which way the request came. */
  readonly source: "radius" | "freeradius" | "app";
  readonly outcome: "accept" | "reject";
  readonly reason: KeptReason | null;
  readonly sessionTimeoutSeconds: number | null;
  readonly reply: readonly AttributeItem[];
  readonly trace: readonly TraceLine[];
}
