import type { SessionReport } from "../words/accounting-record.ts";
import type { KnownSession, Progress } from "./known-session.ts";

/** What a packet proves of its session, and what follows. */
export type Evidence<Known extends KnownSession = KnownSession> = NothingNew | NewSession<Known> | MoreOfSession<Known>;

/** The packet came too late to change anything, or is known already. */
export interface NothingNew {
  readonly what: "nothing";
  readonly why: "late" | "repeated";
}

/** A session that was not known. */
export interface NewSession<Known extends KnownSession = KnownSession> {
  readonly what: "begin";
  readonly progress: Progress;
  readonly debitSeconds: number;
  /** Its first packet was a Stop. */
  readonly isStopped: boolean;
  /** The open session under the same id, which this one replaces: it ends at its last update. */
  readonly replaced: Known | undefined;
}

/** More of a session that is known. */
export interface MoreOfSession<Known extends KnownSession = KnownSession> {
  readonly what: "advance";
  readonly session: Known;
  readonly progress: Progress;
  readonly debitSeconds: number;
  /** `stop`: it ends now. `reopen`: it lives after all. `extend`: it stays closed, later. */
  readonly outcome: "live" | "stop" | "reopen" | "extend";
}

/**
 * What a packet adds to the session that it belongs to (undefined: a new one), of those that are known under its id. Replays,
 * duplicates and disorder debit nothing, for only time above the reported seconds is debited.
 */
export const applyEvidence = <Known extends KnownSession>(
  report: SessionReport,
  session: Known | undefined,
  known: readonly Known[],
): Evidence<Known> => {
  if (!session) return begin(report, known);
  if (session.closedBy === "stop") return { what: "nothing", why: "late" };
  if (report.status === "start" && session.stopMs !== null) return { what: "nothing", why: "late" };
  const progress = progressAfter(report, session);
  const outcome = report.status === "stop" ? "stop" : session.stopMs === null ? "live" : outcomeAfterClose(report, session, known);
  if ((outcome === "live" || outcome === "extend") && !isNews(progress, session)) return { what: "nothing", why: "repeated" };
  return { what: "advance", session, progress, debitSeconds: progress.reportedSeconds - session.reportedSeconds, outcome };
};

const begin = <Known extends KnownSession>(report: SessionReport, known: readonly Known[]): NewSession<Known> => ({
  what: "begin",
  progress: {
    reportedSeconds: report.sessionSeconds ?? 0,
    inputOctets: report.inputOctets ?? 0,
    outputOctets: report.outputOctets ?? 0,
    lastUpdateMs: report.eventMs,
    reportedAtMs: report.sentAtMs,
    lastSeenAtMs: report.sentAtMs,
  },
  debitSeconds: report.sessionSeconds ?? 0,
  isStopped: report.status === "stop",
  replaced: known.find((session) => session.stopMs === null),
});

/** Counters never fall, and missing ones keep the last value; `reportedAtMs` moves with the reported seconds alone. */
const progressAfter = ({ sessionSeconds, ...report }: SessionReport, session: KnownSession): Progress => {
  const grows = sessionSeconds !== undefined && sessionSeconds > session.reportedSeconds;
  return {
    reportedSeconds: grows ? sessionSeconds : session.reportedSeconds,
    inputOctets: Math.max(session.inputOctets, report.inputOctets ?? 0),
    outputOctets: Math.max(session.outputOctets, report.outputOctets ?? 0),
    lastUpdateMs: Math.max(session.lastUpdateMs, report.eventMs),
    reportedAtMs: grows ? Math.max(session.reportedAtMs, report.sentAtMs) : session.reportedAtMs,
    lastSeenAtMs: Math.max(session.lastSeenAtMs, report.sentAtMs),
  };
};

/** Whether a packet reports more than was known. That a session was seen again is not news. */
const isNews = (progress: Progress, session: KnownSession): boolean =>
  progress.reportedSeconds > session.reportedSeconds ||
  progress.inputOctets > session.inputOctets ||
  progress.outputOctets > session.outputOctets ||
  progress.lastUpdateMs > session.lastUpdateMs;

/**
 * A session that was closed without a Stop lives after all when its client still reports it, unless another one has begun
 * under the same id, or the report is from before the client said that it had restarted.
 */
const outcomeAfterClose = (report: SessionReport, session: KnownSession, known: readonly KnownSession[]): "reopen" | "extend" => {
  if (session.closedBy === "restart") return "extend";
  if (known.some((other) => other.stopMs === null || other.startMs > session.startMs)) return "extend";
  return session.closedBy === "reboot" && report.eventMs <= session.closedAtMs! ? "extend" : "reopen";
};
