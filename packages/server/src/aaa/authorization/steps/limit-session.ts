import { longestTimeoutSeconds } from "../../session-time/time-share.ts";
import { type Draft, pass, type Step } from "../decision.ts";
import { numberOf, withAttribute } from "../reply-attributes.ts";

/** RFC 2869 §5.16: at least 60 s between reports, and 600 s or more advised. */
const shortestInterimSeconds = 60;
const usualInterimSeconds = 600;

/**
 * Session-Timeout is the least of what limits the session, and is not sent where nothing does. Reports come more often
 * where little time is left, for the balance is debited by them.
 */
export const limitSession: Step = {
  name: "session_timeout",
  judge({ attributes }, draft) {
    if (attributes === undefined) return pass("No session follows.", { reply: [] });
    const least = draft.limits.reduce<Draft["limits"][number] | undefined>(
      (best, limit) => (best === undefined || limit.seconds < best.seconds ? limit : best),
      undefined,
    );
    const seconds = least && Math.min(least.seconds, longestTimeoutSeconds);
    const timed = withAttribute(draft.reply, "Session-Timeout", seconds);
    const interim = numberOf(timed, "acct-interim-interval") ?? interimFor(seconds);
    const detail = least ? `${seconds} s, by the ${least.source}; of ${listed(draft)}.` : "Nothing limits the session.";
    return pass(detail, { reply: withAttribute(timed, "Acct-Interim-Interval", interim) });
  },
};

const listed = (draft: Draft): string => draft.limits.map(({ source, seconds }) => `${source} ${seconds}`).join(", ");

const interimFor = (timeoutSeconds: number | undefined): number =>
  timeoutSeconds === undefined
    ? usualInterimSeconds
    : Math.min(usualInterimSeconds, Math.max(shortestInterimSeconds, Math.floor(timeoutSeconds / 4)));
