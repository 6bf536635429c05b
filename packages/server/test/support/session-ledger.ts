import { applyEvidence } from "../../src/aaa/accounting/apply-evidence.ts";
import type { Closer, KnownSession } from "../../src/aaa/accounting/known-session.ts";
import { matchSession } from "../../src/aaa/accounting/match-session.ts";
import type { SessionReport } from "../../src/aaa/words/accounting-record.ts";

export const seconds = (value: number) => value * 1000;

/** A report of a session at a moment, with octets that grow with its session time. */
export const report = (
  status: SessionReport["status"],
  atSeconds: number,
  sessionSeconds?: number,
  { eventMs = seconds(atSeconds), ...more }: Partial<Omit<SessionReport, "startMs">> = {},
): SessionReport => ({
  status,
  eventMs,
  startMs: eventMs - seconds(sessionSeconds ?? 0),
  sentAtMs: seconds(atSeconds),
  sessionSeconds,
  inputOctets: sessionSeconds === undefined ? undefined : sessionSeconds * 10,
  outputOctets: sessionSeconds === undefined ? undefined : sessionSeconds * 100,
  ...more,
});

/** The sessions of one Acct-Session-Id in memory, changed by what each report proves. */
export const sessionLedger = () => {
  let sessions: KnownSession[] = [];
  let made = 0;
  let debited = 0;
  const replace = (id: number, change: Partial<KnownSession>) => {
    sessions = sessions.map((session) => (session.id === id ? { ...session, ...change } : session));
  };
  const close = (id: number, closedBy: Closer, closedAtMs: number, stopMs?: number) => {
    const session = sessions.find((one) => one.id === id)!;
    replace(id, { closedBy, closedAtMs, stopMs: stopMs ?? session.lastUpdateMs });
  };
  const take = (one: SessionReport) => {
    const evidence = applyEvidence(one, matchSession(one, sessions), sessions);
    if (evidence.what === "nothing") return evidence;
    debited += evidence.debitSeconds;
    if (evidence.what === "begin") {
      if (evidence.replaced) close(evidence.replaced.id, "restart", one.eventMs);
      made += 1;
      sessions = [{ ...evidence.progress, id: made, startMs: one.startMs, stopMs: null, closedBy: null, closedAtMs: null }, ...sessions];
      if (evidence.isStopped) close(made, "stop", one.eventMs);
      return evidence;
    }
    const { session, progress, outcome } = evidence;
    replace(session.id, progress);
    if (outcome === "reopen") replace(session.id, { stopMs: null, closedBy: null, closedAtMs: null });
    if (outcome === "stop") close(session.id, "stop", one.eventMs);
    if (outcome === "extend") replace(session.id, { stopMs: progress.lastUpdateMs });
    return evidence;
  };
  return {
    take,
    closeOpen: (closedBy: Closer, atMs: number) => {
      for (const session of sessions) if (session.stopMs === null && session.startMs <= atMs) close(session.id, closedBy, atMs);
    },
    debited: () => debited,
    sessions: () => sessions,
    open: () => sessions.filter((session) => session.stopMs === null),
  };
};
