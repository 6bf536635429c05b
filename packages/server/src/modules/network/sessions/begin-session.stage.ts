import type { NewSession } from "../../../aaa/accounting/apply-evidence.ts";
import { matchSession } from "../../../aaa/accounting/match-session.ts";
import type { SessionRecord } from "../../../aaa/words/accounting-record.ts";
import type { Transaction } from "../../../kernel/unit-of-work.ts";
import type { AaaClient } from "../aaa-clients/index.ts";
import type { Reservation, ReservationStore } from "../network-access/index.ts";
import type { SessionOwnership } from "./find-owner.stage.ts";
import type { ReportedSessionStore } from "./reported-session.store.ts";
import { causeOf, type Session } from "./session.ts";
import { type ClosingStores, followClosing, ownersOf, SessionOutdated } from "./session-change.ts";
import type { DebitedTime } from "./write-report.stage.ts";

export interface BeginningStores extends ClosingStores {
  readonly reportedSessions: ReportedSessionStore;
  readonly reservations: ReservationStore;
}

/** A packet that begins a session, and whose session that is. */
export interface Beginning {
  readonly id: number;
  readonly client: AaaClient;
  readonly sourceAddress: string;
  readonly record: SessionRecord;
  readonly evidence: NewSession<Session>;
  readonly owner: SessionOwnership;
  readonly operation: string;
}

/** A session that is not written yet; its owner is locked. */
export interface Opening extends Beginning {
  readonly session: Session;
}

/** Locks the account whose session begins, and that of the session that it replaces, before anything is written. */
export const openSession = async (tx: Transaction<BeginningStores>, beginning: Beginning): Promise<Opening> => {
  const opening = { ...beginning, owner: await lockOwners(tx, beginning) };
  return { ...opening, session: blankSession(opening) };
};

/** An account that was deleted a moment ago owns nothing any more. */
const lockOwners = async (tx: Transaction<BeginningStores>, { owner, evidence }: Beginning): Promise<SessionOwnership> => {
  const { account } = owner;
  const replaced = evidence.replaced ? ownersOf([evidence.replaced]).filter(({ id }) => id !== account?.id) : [];
  if (replaced.length > 0) await tx.accountLocks.take(account ? [account, ...replaced] : replaced);
  if (!account || (await tx.accountLocks.takeExisting(account))) return owner;
  return { account: undefined, ticket: undefined };
};

const blankSession = ({ id, client, sourceAddress, record, evidence, owner }: Beginning): Session => ({
  ...record.description,
  ...evidence.progress,
  id,
  namespaceId: owner.account?.namespaceId ?? client.namespaceId,
  organizationId: owner.account?.organizationId ?? client.organizationId,
  userId: owner.account?.id ?? null,
  pseudonym: null,
  clientId: client.id,
  acctSessionId: record.acctSessionId,
  station: record.station,
  decisionId: owner.ticket?.decisionId ?? null,
  sourceAddress,
  startMs: record.startMs,
  stopMs: null,
  closedBy: null,
  closedAtMs: null,
  terminateCause: null,
  intervalSeconds: null,
  interimSeconds: null,
  timeoutAtMs: null,
  burnedSeconds: 0,
  unbilledSeconds: 0,
  ledgerId: null,
});

/**
 * Writes a session with what was debited for it, gives up its reservation, and ends the session that it replaces. Throws
 * `SessionOutdated` where another packet has written one of the two meanwhile.
 */
export const insertSession = async (tx: Transaction<BeginningStores>, opening: Opening, debit: DebitedTime): Promise<Session> => {
  const { session, client, record, evidence, owner } = opening;
  const { burnedSeconds, unbilledSeconds, ledgerId } = debit;
  // The balance and the reservation before any session, as everybody locks them.
  const reservation = await giveUpReservation(tx, opening);
  if (evidence.replaced) await closeReplaced(tx, opening, evidence.replaced);
  // Open at first, whatever follows: of two packets of one session at once the second waits here for the first.
  const open: Session = { ...session, burnedSeconds, unbilledSeconds, ledgerId, ...promisedTo(session, owner, reservation) };
  await tx.reportedSessions.insert(open);
  const others = (await tx.reportedSessions.listKnown(client.id, record.acctSessionId)).filter((other) => other.id !== open.id);
  if (matchSession(record, others) !== undefined) throw new SessionOutdated();
  if (!evidence.isStopped) return open;
  const stopMs = open.lastUpdateMs;
  const ending = { ledgerId: null, stopMs, closedBy: "stop", closedAtMs: stopMs, terminateCause: record.terminateCause } as const;
  if (!(await tx.reportedSessions.revise(open, ending))) throw new SessionOutdated();
  return { ...open, ...ending };
};

/** What the reservation says is of use where the session brings no ticket that says it. */
const giveUpReservation = async (tx: Transaction<BeginningStores>, { owner, session }: Opening): Promise<Reservation | undefined> => {
  if (!owner.account) return undefined;
  const place = { ...session, userId: owner.account.id };
  if (!owner.ticket) return tx.reservations.confirm(place);
  await tx.reservations.release(place);
  return undefined;
};

const closeReplaced = async (tx: Transaction<BeginningStores>, { record, operation }: Opening, replaced: Session): Promise<void> => {
  const closing = { operation, closedBy: "restart", closedAtMs: record.eventMs, terminateCause: causeOf.restart } as const;
  const closed = await tx.reportedSessions.close(replaced, closing);
  if (!closed) throw new SessionOutdated();
  await followClosing(tx, [replaced], [closed], closing);
};

/** What the Access-Accept promised; the time runs from the session's beginning by our clock. */
const promisedTo = (session: Session, { ticket }: SessionOwnership, reservation: Reservation | undefined) => {
  const timeoutSeconds = ticket ? ticket.timeoutSeconds : (reservation?.timeoutSeconds ?? null);
  const beganAtMs = session.reportedAtMs - session.reportedSeconds * 1000;
  return {
    decisionId: ticket?.decisionId ?? reservation?.decisionId ?? null,
    interimSeconds: ticket?.interimSeconds ?? reservation?.interimSeconds ?? null,
    timeoutAtMs: timeoutSeconds === null ? null : beganAtMs + timeoutSeconds * 1000,
  };
};
