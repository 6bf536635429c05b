import type { accessReasons } from "@gatehouse-aaa/contract";
import type { AttributeItem } from "./attributes.ts";

/** Why a request is rejected: the contract's words. The table never runs on facts that are not known. */
export type RejectReason = Exclude<(typeof accessReasons)[number], "not_known">;

/** The result of one step, as the trace keeps it. */
export interface TraceLine {
  readonly step: string;
  readonly verdict: "pass" | "refuse";
  readonly detail: string;
}

export interface Acceptance<Account> {
  readonly outcome: "accept";
  /** The account that is accepted, as it was when the decision was made. */
  readonly account: Account;
  /** How many sessions the account may have at once; undefined: any number. */
  readonly maxSessions: number | undefined;
  /** The reply attributes in order, Session-Timeout and Acct-Interim-Interval among them. */
  readonly reply: readonly AttributeItem[];
  /** Seconds until the equipment ends the session; undefined where nothing limits it. */
  readonly sessionTimeoutSeconds: number | undefined;
  /** Seconds between two Interim-Updates; undefined where no equipment asks. */
  readonly interimSeconds: number | undefined;
  readonly trace: readonly TraceLine[];
}

export interface Rejection<Account> {
  readonly outcome: "reject";
  /** Undefined where the name means no account. */
  readonly account: Account | undefined;
  readonly reason: RejectReason;
  readonly trace: readonly TraceLine[];
}

/** Whether an account may use the network, with the reason and the trace. */
export type AccessDecision<Account> = Acceptance<Account> | Rejection<Account>;
