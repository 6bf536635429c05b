/** Who ended a session: its own Stop, or somebody who guesses. `client`: its client answered that it knows no such session. */
export type Closer = "stop" | "restart" | "reboot" | "stale" | "client" | "operator";

/** What a session has counted, and until when. */
export interface Progress {
  /** The greatest Acct-Session-Time reported; all of it has been debited. */
  readonly reportedSeconds: number;
  readonly inputOctets: number;
  readonly outputOctets: number;
  /** The latest event that was reported of it, by the client's clock. */
  readonly lastUpdateMs: number;
  /** When the reported seconds were true, by this machine's clock: time after it has passed and was not reported yet. */
  readonly reportedAtMs: number;
  /** When anything new was last reported of it, by this machine's clock. */
  readonly lastSeenAtMs: number;
}

/** A session that is known under the Acct-Session-Id of a packet, at the packet's client. */
export interface KnownSession extends Progress {
  readonly id: number;
  readonly startMs: number;
  readonly stopMs: number | null;
  readonly closedBy: Closer | null;
  /** The event that closed it: of an Accounting-On, that packet's. */
  readonly closedAtMs: number | null;
}
