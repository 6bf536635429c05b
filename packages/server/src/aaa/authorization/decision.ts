import type { accessReasons } from "@gatehouse-aaa/contract";
import type { AttributeItem } from "../words/attributes.ts";
import type { AccessFacts, UserFacts } from "./facts.ts";

/** Why a request is refused: the contract's words, in the order of the table, which is never asked about what is not known. */
export type RejectReason = Exclude<(typeof accessReasons)[number], "not_known">;

/** What one step of the table found, as the trace keeps it. */
export interface TraceLine {
  readonly step: string;
  readonly verdict: "pass" | "refuse";
  readonly detail: string;
}

/** Something that ends a session by itself, and in how many seconds. */
export interface TimeLimit {
  readonly source: string;
  readonly seconds: number;
}

/** What the steps so far have worked out. */
export interface Draft {
  /** How many sessions the user may have at once; undefined: any number. */
  readonly mostSessions: number | undefined;
  readonly limits: readonly TimeLimit[];
  readonly reply: readonly AttributeItem[];
}

export type StepResult =
  | { readonly verdict: "pass"; readonly detail: string; readonly draft?: Partial<Draft> }
  | { readonly verdict: "refuse"; readonly detail: string; readonly reason: RejectReason };

/** One row of the table. It does nothing but judge; the steps after it see what it worked out. */
export interface Step {
  readonly name: string;
  judge(facts: AccessFacts, draft: Draft): StepResult;
}

export interface Acceptance {
  readonly outcome: "accept";
  readonly user: UserFacts;
  readonly mostSessions: number | undefined;
  /** What the answer carries, in order; Session-Timeout and Acct-Interim-Interval among it. */
  readonly reply: readonly AttributeItem[];
  /** Seconds until the equipment ends the session; undefined where nothing limits it. */
  readonly sessionTimeoutSeconds: number | undefined;
  /** How often the equipment is to report; undefined where no equipment asks. */
  readonly interimSeconds: number | undefined;
  readonly trace: readonly TraceLine[];
}

export interface Rejection {
  readonly outcome: "reject";
  readonly reason: RejectReason;
  readonly trace: readonly TraceLine[];
}

export type AccessDecision = Acceptance | Rejection;

/** The user of facts that have passed the first step. */
export const knownUser = (facts: AccessFacts): UserFacts => {
  if (typeof facts.user === "string") throw new Error("A step after the first was asked about nobody.");
  return facts.user;
};

export const pass = (detail: string, draft?: Partial<Draft>): StepResult =>
  draft === undefined ? { verdict: "pass", detail } : { verdict: "pass", detail, draft };
export const refuse = (reason: RejectReason, detail: string): StepResult => ({ verdict: "refuse", reason, detail });
