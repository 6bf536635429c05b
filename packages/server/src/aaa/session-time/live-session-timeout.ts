/** Session-Timeout is a 32-bit number on the wire, and some equipment reads it with a sign. */
export const maxTimeoutSeconds = 2 ** 31 - 1;

/** A Session-Timeout that is right to within this is left alone. */
const toleranceMs = 5_000;

/**
 * The seconds that each of `sessions` sessions may go on for at once: what is left of the balance when the time is taken
 * off that has passed and was not reported yet, divided among them. Below 1 there is nothing left for anyone.
 */
export const shareOf = (balanceSeconds: number, unreportedSeconds: number, sessions: number): number =>
  Math.floor((balanceSeconds - unreportedSeconds) / sessions);

/** Whole seconds from one instant to another, never more than there are. */
export const secondsBetween = (fromMs: number, toMs: number): number => Math.floor((toMs - fromMs) / 1000);

/** What a session has reported, and when that was true, by our clock. */
export interface ReportedTime {
  readonly reportedSeconds: number;
  readonly reportedAtMs: number;
}

/** What limits the sessions of an account; null: nothing does. */
export interface AccountLimits {
  /** The time balance. */
  readonly seconds: number | null;
  readonly expirationMs: number | null;
}

/** What the Session-Timeout of a live session depends on. */
export interface TimeoutFacts {
  readonly account: AccountLimits;
  readonly session: ReportedTime;
  /** All live sessions of the user, this one among them. */
  readonly live: readonly ReportedTime[];
  /** What the user's profiles say themselves. */
  readonly profileTimeoutSeconds: number | undefined;
  readonly nowMs: number;
}

/** When the equipment began the session, by our clock. */
export const beganAtMs = ({ reportedAtMs, reportedSeconds }: ReportedTime): number => reportedAtMs - reportedSeconds * 1000;

/** When equipment that has this Session-Timeout ends the session by itself, by our clock. */
export const timeoutAtMsOf = (session: ReportedTime, timeoutSeconds: number): number => beganAtMs(session) + timeoutSeconds * 1000;

/**
 * The Session-Timeout that a live session should have now (a login's is in `aaa/authorization/steps.ts`, `limitSession`): what is left for it, on top of what has passed, for the
 * attribute counts from the session's beginning (RFC 2865 §5.27). Undefined where nothing limits it. Where no time is left it is
 * no more than what has passed.
 */
export const sessionTimeout = ({ account, session, live, profileTimeoutSeconds, nowMs }: TimeoutFacts): number | undefined => {
  const elapsed = Math.max(0, secondsBetween(beganAtMs(session), nowMs));
  const limits: number[] = [];
  if (account.seconds !== null) {
    const unreportedMs = live.reduce((sum, one) => sum + Math.max(0, nowMs - one.reportedAtMs), 0);
    limits.push(elapsed + shareOf(account.seconds, Math.floor(unreportedMs / 1000), live.length));
  }
  if (account.expirationMs !== null) limits.push(elapsed + secondsBetween(nowMs, account.expirationMs));
  if (profileTimeoutSeconds !== undefined) limits.push(profileTimeoutSeconds);
  return limits.length === 0 ? undefined : Math.min(...limits, maxTimeoutSeconds);
};

/**
 * The Session-Timeout to send to the equipment of a live session; undefined where it ends the session at the right time
 * already (`timeoutAtMs`; null: it has none), and where the time is over, so that there is nothing to change.
 */
export const changedTimeout = (facts: TimeoutFacts, timeoutAtMs: number | null): number | undefined => {
  const limit = sessionTimeout(facts);
  if (timeoutAtMs === null) return limit === undefined || limit < 1 ? undefined : limit;
  // What once was limited and is not any more is set as far as the attribute goes.
  const wanted = limit ?? maxTimeoutSeconds;
  const isRight = Math.abs(timeoutAtMsOf(facts.session, wanted) - timeoutAtMs) <= toleranceMs;
  return isRight || wanted < 1 ? undefined : wanted;
};
