import type { ErrorCode } from "@gatehouse-aaa/contract";
import type { Answer } from "../http/route.ts";
import type { FieldFaults } from "../kernel/errors.ts";
import type { Precondition } from "../kernel/precondition.ts";

/** A write that passed authentication, scope and validation, on its way to the process that writes. */
export interface HandedCall {
  readonly kind: "call";
  readonly id: number;
  readonly operationId: string;
  /** The caller's token: the writer looks up what it may do. */
  readonly tokenId: number;
  readonly requestId: string;
  readonly address: string | null;
  readonly params: unknown;
  readonly query: unknown;
  readonly body?: unknown;
  readonly isMergePatch: boolean;
  readonly precondition?: Precondition;
}

/** Nobody waits for the answer of a call any more: slow work that has not begun is left out. */
export interface HandedFarewell {
  readonly kind: "gone";
  readonly id: number;
}

/** When tokens were used last. */
export interface HandedUses {
  readonly kind: "uses";
  readonly uses: readonly (readonly [tokenId: number, usedAtMs: number])[];
}

/** A message from a reading process to the process that writes. */
export type ToWriter = HandedCall | HandedFarewell | HandedUses;

export interface Refusal {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly fields?: FieldFaults | undefined;
  readonly retryAfterSeconds?: number | undefined;
}

/** A message from the process that writes: the answer, a refusal, or neither where it failed unexpectedly. */
export interface FromWriter {
  readonly id: number;
  readonly answer?: Answer;
  readonly refusal?: Refusal;
}
