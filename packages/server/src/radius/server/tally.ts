/** The possible outcomes of a datagram. Every one is counted once as received, and once more by its outcome. */
export const outcomes = [
  "received",
  "unanswerable",
  "unknown_client",
  "malformed",
  "unexpected_code",
  "message_authenticator_missing",
  "forged",
  "duplicate_in_progress",
  "duplicate_answered",
  "overloaded",
  "waited_too_long",
  "accepted",
  "rejected",
  "recorded",
  "ignored",
  "failed",
  "status_answered",
  "superseded",
] as const;

export type Outcome = (typeof outcomes)[number];

/** Counts since the start, by outcome. */
export type Tally = Record<Outcome, number>;

export const newTally = (): Tally => Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as Tally;
