import { type AccountingRuling, ruleOn } from "../../../aaa/accounting/accounting.ts";
import type { Transaction } from "../../../kernel/unit-of-work.ts";
import type { AaaClient } from "../aaa-clients/index.ts";
import type { AccessSlot, AccessSlotStore } from "../network-access/index.ts";
import type { SessionReport } from "./accounting-record.ts";
import type { ReportedSessionStore } from "./reported-session.store.ts";
import type { SessionRevision } from "./session.rows.ts";
import { causeOf, type Session } from "./session.ts";
import { type ClosingStores, followClosing, ownersOf, recordSessionChange } from "./session-change.ts";
import { debitTime } from "./session-debit.ts";
import type { SessionOwnership } from "./session-owner.ts";

export interface BeginningStores extends ClosingStores {
  readonly reportedSessions: ReportedSessionStore;
  readonly accessSlots: AccessSlotStore;
}

export interface Beginning {
  readonly id: number;
  readonly client: AaaClient;
  readonly sourceAddress: string;
  readonly report: SessionReport;
  readonly ruling: Extract<AccountingRuling, { what: "begin" }>;
  readonly owner: SessionOwnership;
  readonly operation: string;
}

/** Somebody else has written the session since it was read: what was ruled is to be ruled again. */
export class SessionMoved extends Error {
  override readonly name = "SessionMoved";
}

/** Begins a session: debits what it has counted already, gives up its slot, and ends the session that it replaces. */
export const beginSession = async (tx: Transaction<BeginningStores>, asked: Beginning): Promise<void> => {
  const beginning = { ...asked, owner: await lockOwners(tx, asked) };
  const { ruling, report, operation, client } = beginning;
  const blank = blankSession(beginning);
  // The balance and the slot before any session, as everybody locks them.
  const { isEmpty: _, ...counted } = await debitTime(tx, blank, ruling.debitSeconds, ruling.isStopped);
  const slot = await giveUpSlot(tx, beginning, blank);
  if (ruling.replaced) {
    const replaced = ruling.replaced as Session;
    const closing = { operation, closedBy: "restart", closedAtMs: report.packet.eventMs, terminateCause: causeOf.restart } as const;
    const closed = await tx.reportedSessions.close(replaced, closing);
    if (!closed) throw new SessionMoved();
    await followClosing(tx, [replaced], [closed], closing);
  }
  // Open at first, whatever follows: of two packets of one session at once the second waits here for the first.
  const open: Session = { ...blank, ...counted, ...promised(beginning.owner, slot, blank) };
  await tx.reportedSessions.insert(open);
  const others = (await tx.reportedSessions.listKnown(client.id, report.acctSessionId)).filter((other) => other.id !== open.id);
  if (ruleOn(report.packet, others).what !== "begin") throw new SessionMoved();
  const ended = ruling.isStopped ? endedAtOnce(open, report) : {};
  if (ruling.isStopped && !(await tx.reportedSessions.revise(open, ended))) throw new SessionMoved();
  recordSessionChange(tx, operation, null, { ...open, ...ended });
};

/**
 * Locks the account whose session begins, and that of the session that it replaces, before anything else. One that was deleted a
 * moment ago is nobody's any more.
 */
const lockOwners = async (tx: Transaction<BeginningStores>, { owner, ruling }: Beginning): Promise<SessionOwnership> => {
  const { account } = owner;
  const replaced = ruling.replaced ? ownersOf([ruling.replaced as Session]).filter(({ id }) => id !== account?.id) : [];
  if (replaced.length > 0) await tx.accountLocks.take(account ? [account, ...replaced] : replaced);
  if (!account || (await tx.accountLocks.takeExisting(account))) return owner;
  return { account: undefined, ticket: undefined };
};

/** Its slot goes; what it says is of use where the session brings no ticket that says it. */
const giveUpSlot = async (tx: Transaction<BeginningStores>, { owner }: Beginning, session: Session): Promise<AccessSlot | undefined> => {
  if (!owner.account) return undefined;
  const place = { ...session, userId: owner.account.id };
  if (!owner.ticket) return tx.accessSlots.confirm(place);
  await tx.accessSlots.release(place);
  return undefined;
};

/** Its first packet was a Stop. */
const endedAtOnce = (open: Session, report: SessionReport): SessionRevision => {
  const stopMs = open.lastUpdateMs;
  return { ledgerId: null, stopMs, closedBy: "stop", closedAtMs: stopMs, terminateCause: report.terminateCause };
};

/** What the equipment was told when it let the session in; the time runs from the session's beginning by our clock. */
const promised = ({ ticket }: SessionOwnership, slot: AccessSlot | undefined, session: Session) => {
  const timeoutSeconds = ticket ? ticket.timeoutSeconds : (slot?.timeoutSeconds ?? null);
  const beganAtMs = session.reportedAtMs - session.reportedSeconds * 1000;
  return {
    decisionId: ticket?.decisionId ?? slot?.decisionId ?? null,
    interimSeconds: ticket?.interimSeconds ?? slot?.interimSeconds ?? null,
    timeoutAtMs: timeoutSeconds === null ? null : beganAtMs + timeoutSeconds * 1000,
  };
};

const blankSession = ({ id, client, sourceAddress, report, ruling, owner }: Beginning): Session => ({
  ...report.description,
  ...ruling.progress,
  id,
  nameSpaceId: owner.account?.nameSpaceId ?? client.nameSpaceId,
  organizationId: owner.account?.organizationId ?? client.organizationId,
  userId: owner.account?.id ?? null,
  pseudonym: null,
  clientId: client.id,
  acctSessionId: report.acctSessionId,
  station: report.station,
  decisionId: owner.ticket?.decisionId ?? null,
  sourceAddress,
  startMs: ruling.startMs,
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
