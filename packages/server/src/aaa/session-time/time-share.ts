/** Session-Timeout is a 32-bit number on the wire, and some equipment reads it with a sign. */
export const longestTimeoutSeconds = 2 ** 31 - 1;

/**
 * The seconds that each of `sessions` sessions may go on for at once: what is left of the balance when the time is taken
 * off that has passed and was not reported yet, divided among them. Below 1 there is nothing left for anyone.
 */
export const shareOf = (balanceSeconds: number, unreportedSeconds: number, sessions: number): number =>
  Math.floor((balanceSeconds - unreportedSeconds) / sessions);

/** Whole seconds from one instant to another, never more than there are. */
export const secondsBetween = (fromMs: number, toMs: number): number => Math.floor((toMs - fromMs) / 1000);

/** The last moment that a date can be: what comes later is stored as this. */
const latestMs = 8.64e15;

/**
 * When a balance will be empty if all live sessions go on, in milliseconds since 1970. `reportedAtMs` says of each session
 * up to when its time has been paid. Undefined without a session.
 */
export const predictedZeroMs = (balanceSeconds: number, reportedAtMs: readonly number[]): number | undefined =>
  reportedAtMs.length === 0
    ? undefined
    : Math.min(Math.floor((balanceSeconds * 1000 + reportedAtMs.reduce((sum, at) => sum + at, 0)) / reportedAtMs.length), latestMs);
