import type { ErrorCode } from "@gatehouse-aaa/contract";
import type { Answer } from "../http/route.ts";
import type { FieldFaults } from "../kernel/errors.ts";
import type { Precondition } from "../kernel/version.ts";

/** A write that passed authentication, scope and validation, on its way to the process that writes. */
export interface HandedCall {
  readonly kind: "call";
  readonly id: number;
  readonly operationId: string;
  /** Who calls: the writer looks up what the token may do. */
  readonly tokenId: number;
  readonly requestId: string;
  readonly address: string | null;
  readonly params: unknown;
  readonly query: unknown;
  readonly body?: unknown;
  readonly isMergePatch: boolean;
  readonly precondition?: Precondition;
}

/** Nobody waits for the answer of a call any more: what is not begun of it need not be done. */
export interface HandedFarewell {
  readonly kind: "gone";
  readonly id: number;
}

/** When tokens were used, by their ids. */
export interface HandedUses {
  readonly kind: "uses";
  readonly uses: readonly (readonly [tokenId: number, usedAtMs: number])[];
}

/** From a process that reads to the one that writes. */
export type ToWriter = HandedCall | HandedFarewell | HandedUses;

export interface Refusal {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly fields?: FieldFaults | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

/** From the process that writes: the answer, a refusal, or, without both, that it failed by a fault of ours. */
export interface FromWriter {
  readonly id: number;
  readonly answer?: Answer;
  readonly refusal?: Refusal;
}
