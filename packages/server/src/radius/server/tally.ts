/** What can become of a datagram. Every one that arrives is counted once as received, and once more as what became of it. */
export const fates = [
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

export type Fate = (typeof fates)[number];

/** Counts since the start, by fate. */
export type Tally = Record<Fate, number>;

export const newTally = (): Tally => Object.fromEntries(fates.map((fate) => [fate, 0])) as Tally;
