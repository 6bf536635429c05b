import type { AccountLimits } from "./live-session-timeout.ts";

/** Why all live sessions of a user must end. */
export type EndReason = "no_time_left" | "expired" | "inactive";

/** When they must end, in milliseconds since 1970, and why. */
export interface SessionEnd {
  readonly dueAtMs: number;
  readonly reason: EndReason;
}

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

/**
 * When the live sessions of a user must end, all of them together: when the balance is empty if they all go on, or when the account
 * expires; at once where the account is switched off. Undefined where nothing ends them, or none is live.
 */
export const sessionEnd = (
  account: AccountLimits & { readonly isActive: boolean },
  live: readonly { readonly reportedAtMs: number }[],
  nowMs: number,
): SessionEnd | undefined => {
  if (live.length === 0) return undefined;
  if (!account.isActive) return { dueAtMs: nowMs, reason: "inactive" };
  const { seconds, expirationMs } = account;
  const zeroMs =
    seconds === null
      ? undefined
      : predictedZeroMs(
          seconds,
          live.map(({ reportedAtMs }) => reportedAtMs),
        );
  if (expirationMs !== null && (zeroMs === undefined || expirationMs < zeroMs)) return { dueAtMs: expirationMs, reason: "expired" };
  return zeroMs === undefined ? undefined : { dueAtMs: zeroMs, reason: "no_time_left" };
};
