import type { RejectReason, TraceLine } from "../../../access/decision.ts";
import type { AttributeItem } from "../../../access/facts.ts";

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
  readonly door: "radius" | "freeradius" | "app";
  readonly outcome: "accept" | "reject";
  readonly reason: RejectReason | null;
  readonly sessionTimeoutSeconds: number | null;
  readonly reply: readonly AttributeItem[];
  readonly trace: readonly TraceLine[];
}
