import type { SessionReport } from "../words/accounting-record.ts";
import type { KnownSession } from "./known-session.ts";

/** Within this time the same Start or Stop arriving again is the same: its event time may come from arrival and delay. */
const sameEventMs = 5_000;
/** A Stop identifies itself better: with the same counters it is the same for as long as equipment repeats a packet (RFC 5080 §2.2.1). */
const sameStopMs = 30_000;

/**
 * The session that a packet belongs to, of those that its client has had under its Acct-Session-Id: the open one, and the
 * latest closed ones. Undefined: a new one. Acct-Session-Id alone repeats after a reboot, so a session is known by when it
 * began: the packet's event time less its session time.
 */
export const matchSession = <Known extends KnownSession>(report: SessionReport, known: readonly Known[]): Known | undefined => {
  const possible = known.filter((session) => canBelongTo(report, session));
  // An open session takes whatever happened after it began, for all others were over by then. It may have begun later than
  // the packet says: by a Start that its equipment repeated as if it had just happened.
  const open = possible.find((session) => session.stopMs === null);
  if (open === undefined || report.eventMs <= open.startMs) return nearest(report, possible);
  // Only a Stop that is known already may be another session's.
  const stopped = possible.find((session) => session.closedBy === "stop" && repeatsStop(report, session));
  return stopped === undefined ? open : nearest(report, [stopped, open]);
};

/** With a real Stop, only what began before it can still belong to a session; else anything that shows no restart. */
const canBelongTo = (report: SessionReport, session: KnownSession): boolean =>
  session.closedBy === "stop" ? report.startMs <= session.stopMs! || repeatsStop(report, session) : !showsRestart(report, session);

/**
 * A restart shows in a Start, in a counter that fell, or in so high a counter that, going by arrival too, its session began
 * after this one was last seen; and only if it began after this one's last update.
 */
const showsRestart = (report: SessionReport, session: KnownSession): boolean => {
  const { status, startMs, sentAtMs, sessionSeconds } = report;
  if (startMs <= session.lastUpdateMs) return false;
  if (status === "start") return !(session.reportedSeconds === 0 && startMs - session.startMs <= sameEventMs);
  if (sessionSeconds === undefined) return false;
  return sessionSeconds < session.reportedSeconds || sentAtMs - sessionSeconds * 1000 > session.lastSeenAtMs + sameEventMs;
};

const repeatsStop = (report: SessionReport, session: KnownSession): boolean =>
  report.status === "stop" &&
  (report.sessionSeconds ?? session.reportedSeconds) === session.reportedSeconds &&
  (report.inputOctets ?? session.inputOctets) === session.inputOctets &&
  (report.outputOctets ?? session.outputOctets) === session.outputOctets &&
  Math.abs(report.startMs - session.startMs) <= sameStopMs;

/** The session that began when the packet says; without a session time, the open one, else the latest. */
const nearest = <Known extends KnownSession>(report: SessionReport, sessions: readonly Known[]): Known | undefined => {
  const hasStart = report.status === "start" || report.sessionSeconds !== undefined;
  const distance = (session: Known) => (hasStart ? Math.abs(report.startMs - session.startMs) : 0);
  const isNewer = (one: Known, other: Known) =>
    (one.stopMs === null) === (other.stopMs === null) ? one.startMs > other.startMs : one.stopMs === null;
  return sessions.reduce<Known | undefined>((best, session) => {
    if (best === undefined) return session;
    const difference = distance(session) - distance(best);
    return difference < 0 || (difference === 0 && isNewer(session, best)) ? session : best;
  }, undefined);
};
