import type { MoreOfSession } from "../../../aaa/accounting/apply-evidence.ts";
import type { SessionDescription, SessionRecord } from "../../../aaa/words/accounting-record.ts";
import { actorLabel } from "../../../kernel/actor.ts";
import type { Transaction } from "../../../kernel/unit-of-work.ts";
import type { DebitStore } from "../../accounts/time-ledger/index.ts";
import type { ReportedSessionStore } from "./reported-session.store.ts";
import { lateAttributes, type SessionRevision } from "./session.rows.ts";
import type { Session } from "./session.ts";
import { type ClosingStores, ownersOf, recordSessionChange, SessionOutdated, sessionEventOf } from "./session-change.ts";

type Evidence = MoreOfSession<Session>;

/** Locks the account whose session is reported: before its balance, and the balance before the session. */
export const lockAccount = async (tx: Transaction<ClosingStores>, { session, outcome, debitSeconds }: Evidence): Promise<void> => {
  const { userId, namespaceId } = session;
  if (outcome !== "live") await tx.accountLocks.take(ownersOf([session]), "together");
  else if (userId !== null && debitSeconds > 0) await tx.accountLocks.queue({ id: userId, namespaceId });
};

/** What the time of a session has come to. */
export interface DebitedTime {
  readonly burnedSeconds: number;
  readonly unbilledSeconds: number;
  readonly ledgerId: number | null;
  /** Whether the balance is empty now. */
  readonly isEmpty: boolean;
}

/**
 * Debits seconds of a session from its user's balance. What the balance does not cover is kept as unbilled; who is not
 * metered owes nothing. `isFinal`: the session has ended already, so that a new row of the ledger is sealed as it is written.
 */
export const debitTime = async (
  tx: Transaction<{ readonly debits: DebitStore }>,
  session: Session,
  seconds: number,
  isFinal: boolean,
): Promise<DebitedTime> => {
  const { burnedSeconds, unbilledSeconds, ledgerId, userId } = session;
  if (seconds <= 0 || userId === null) return { burnedSeconds, unbilledSeconds, ledgerId, isEmpty: false };
  const paid = await tx.debits.debit({
    namespaceId: session.namespaceId,
    organizationId: session.organizationId,
    userId,
    sessionId: session.id,
    seconds,
    ledgerId,
    hasDebited: burnedSeconds > 0,
    isFinal,
    reason: `session ${session.acctSessionId}`,
    actor: actorLabel(tx.caller.actor),
    nowMs: tx.nowMs,
  });
  const unbilled = paid.balance === null ? 0 : seconds - paid.seconds;
  return {
    burnedSeconds: burnedSeconds + paid.seconds,
    unbilledSeconds: unbilledSeconds + unbilled,
    ledgerId: paid.ledgerId,
    isEmpty: paid.balance === 0,
  };
};

/** Whether a session was closed before the report and is closed after it. */
export const staysClosed = ({ session, outcome }: Evidence): boolean =>
  outcome === "extend" || (outcome === "stop" && session.stopMs !== null);

/** A report of a known session, with what it proves and what was debited for it. */
export interface Report {
  readonly sourceAddress: string;
  readonly record: SessionRecord;
  readonly evidence: Evidence;
  readonly debit: DebitedTime;
}

/** Writes what a report adds to its session, and returns that. Throws `SessionOutdated` where the session is not as it was read. */
export const writeReport = async (
  tx: Transaction<{ readonly reportedSessions: ReportedSessionStore }>,
  { sourceAddress, record, evidence, debit }: Report,
): Promise<SessionRevision> => {
  const { session, progress, outcome } = evidence;
  const { burnedSeconds, unbilledSeconds, ledgerId } = debit;
  const isLive = outcome === "live" || outcome === "reopen";
  const intervalSeconds = (isLive ? intervalOf(session, record) : undefined) ?? session.intervalSeconds;
  const counts = { ...progress, burnedSeconds, unbilledSeconds, ledgerId, intervalSeconds };
  const news = newsOf(session, record.description, sourceAddress);
  const isOnlyCounts = outcome === "live" && news === undefined;
  const revision = isOnlyCounts ? counts : { ...counts, ...news, ...endingOf(evidence, record) };
  const isWritten = isOnlyCounts ? tx.reportedSessions.advance(session, counts) : tx.reportedSessions.revise(session, revision);
  if (!(await isWritten)) throw new SessionOutdated();
  return revision;
};

/** Seconds between two reports of a session that is not over: a client that reports seldom is not stale each time. */
const intervalOf = (session: Session, { status, eventMs }: SessionRecord): number | undefined => {
  const seconds = Math.round((eventMs - session.lastUpdateMs) / 1000);
  return status === "interim" && seconds > 0 ? seconds : undefined;
};

/** What a report says that was not known; of a session whose user is deleted nothing more is kept. */
const newsOf = (session: Session, description: SessionDescription, sourceAddress: string): SessionRevision | undefined => {
  if (session.pseudonym !== null) return undefined;
  let news: Record<string, string> | undefined;
  for (const name of lateAttributes) {
    const value = description[name];
    if (value !== null && value !== session[name]) news = { ...news, [name]: value };
  }
  return sourceAddress === session.sourceAddress ? news : { ...news, sourceAddress };
};

const endingOf = ({ outcome, progress }: Evidence, record: SessionRecord): SessionRevision => {
  const stopMs = progress.lastUpdateMs;
  if (outcome === "stop") return { stopMs, closedBy: "stop", closedAtMs: stopMs, terminateCause: record.terminateCause, ledgerId: null };
  if (outcome === "reopen") return { stopMs: null, closedBy: null, closedAtMs: null, terminateCause: null };
  return outcome === "extend" ? { stopMs } : {};
};

/** Records that a report ended its session, or that the session lives after all. A report that only counts is no change. */
export const recordReport = async (
  tx: Transaction<ClosingStores>,
  operation: string,
  { session, outcome }: Evidence,
  revision: SessionRevision,
): Promise<void> => {
  if (outcome !== "stop" && outcome !== "reopen") return;
  const after = { ...session, ...revision };
  if (outcome === "reopen") await tx.sessionEvents.append([sessionEventOf(tx, after, "reopened", { closed_by: session.closedBy })]);
  else if (after.burnedSeconds > 0) await tx.debits.seal(after.namespaceId, [after.id], tx.nowMs);
  recordSessionChange(tx, operation, session, after);
};

/** Counters and clocks are whole seconds: a debit that is ahead of the clock by no more than this moves no prediction. */
const jitterSeconds = 2;

/**
 * Whether a report takes time that its user's plan counted on: more than had passed, or time of a session that was over. A
 * report that ends or reopens its session is planned as a change.
 */
export const takesPlannedTime = ({ session, progress, debitSeconds, outcome }: Evidence, { isEmpty }: DebitedTime): boolean => {
  if (outcome !== "live") return outcome !== "reopen" && session.stopMs !== null && debitSeconds > 0;
  return isEmpty || debitSeconds > (progress.reportedAtMs - session.reportedAtMs) / 1000 + jitterSeconds;
};
