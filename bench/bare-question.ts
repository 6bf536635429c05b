import type { RecordedAnswer } from "./recorded-answer.ts";

/** What a bare server is told: the answers to give from now on, one for each kind of request, and where to listen, the first time. */
export interface BareQuestion {
  readonly answers: readonly RecordedAnswer[];
  /** 0 is a free one. */
  readonly port: number;
  /** Whether other processes may listen there, too. */
  readonly isShared: boolean;
}

export const bareFile = "bare-server.ts";
