import { type AccountingRuling, ruleOn } from "../../../aaa/accounting/accounting.ts";
import { type Caller, systemCaller } from "../../../kernel/caller.ts";
import { pauseByChance } from "../../../kernel/clock.ts";
import type { IdSource } from "../../../kernel/ids.ts";
import { createOneAtATime } from "../../../kernel/one-at-a-time.ts";
import type { Transaction, Work } from "../../../kernel/unit-of-work.ts";
import { ConstraintViolation } from "../../../storage/database.ts";
import type { OrganizationDirectory } from "../../foundation/organizations/index.ts";
import { type AaaClient, callerOfClient } from "../aaa-clients/index.ts";
import { readAccountingRecord, type SessionReport } from "./accounting-record.ts";
import { type SessionRevision, toldLate } from "./session.rows.ts";
import { causeOf, type Session, type SessionDescription } from "./session.ts";
import { type BeginningStores, beginSession, SessionMoved } from "./session-begin.ts";
import { closeSessions, ownersOf, recordSessionChange, sessionEventOf } from "./session-change.ts";
import { debitTime } from "./session-debit.ts";
import type { SessionOwnership } from "./session-owner.ts";

/** An Accounting-Request of a client that is known and has proved itself. */
export interface AccountingRequest {
  readonly client: AaaClient;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  readonly sourceAddress: string;
  readonly receivedAtMs: number;
}

export interface AccountingDependencies<Stores extends BeginningStores> {
  readonly work: Work<Stores>;
  readonly ids: IdSource<"session">;
  readonly directory: OrganizationDirectory;
  ownerOf(client: AaaClient, report: SessionReport): Promise<SessionOwnership>;
  /** Has it worked out anew when a user's time ends: a report debited more of it than had passed. */
  hasten(tx: Transaction<Stores>, user: { readonly id: number; readonly nameSpaceId: number }): Promise<void>;
  /** Numbers of a report are none of their attributes', and count as if they were not there. */
  onUnfit(client: AaaClient, attributes: readonly string[]): void;
}

export type Accounting = ReturnType<typeof createAccounting>;

const operation = "radius_accounting";
/** Ten of them take a quarter of a second at most: equipment sends again after some. */
const attempts = 10;
/** Between two attempts, times the number of those made: of processes that have packets of one session, none is always the later one. */
const longestPauseMs = 5;
const closedAtOnce = 100;
/** Counters and clocks are whole seconds: a debit that is ahead of the clock by no more than this moves no prediction. */
const jitterSeconds = 2;

type Advance = Extract<AccountingRuling, { what: "advance" }> & { readonly session: Session };

/**
 * Accounting: acknowledged means stored. Each packet is ruled on by what is known of its session, and written by one unit
 * that holds only if nobody has written the session since; else it is ruled on again.
 */
export const createAccounting = <Stores extends BeginningStores>(deps: AccountingDependencies<Stores>) => {
  const { work } = deps;
  // Packets of one session would only make each other's units run again; those that other processes have got still do.
  const oneAtATime = createOneAtATime();
  const reported = () => work.acrossTenants("a client reports its own sessions, whatever became of their users").reportedSessions;

  const callerOf = async (client: AaaClient): Promise<Caller> => {
    const tree = await deps.directory.covering([client.organizationId]);
    return callerOfClient(client, tree.scopeOf(client.organizationId), `accounting-${client.id}`);
  };

  const take = async (request: AccountingRequest, report: SessionReport): Promise<"stored" | "ignored"> => {
    const ruling = ruleOn(report.packet, await reported().listKnown(request.client.id, report.acctSessionId));
    if (ruling.what === "ignore") return "ignored";
    const caller = await callerOf(request.client);
    if (ruling.what === "advance") {
      await work.run(caller, (tx) => advance(tx, request, report, ruling as Advance));
      return "stored";
    }
    const { client, sourceAddress } = request;
    const owner = await deps.ownerOf(client, report);
    const id = await deps.ids.take("session");
    await work.run(caller, (tx) => beginSession(tx, { id, client, sourceAddress, report, ruling, owner, operation }));
    return "stored";
  };

  const takeUntilStored = async (request: AccountingRequest, report: SessionReport): Promise<"stored" | "ignored"> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await take(request, report);
      } catch (error) {
        if (attempt >= attempts || !isContention(error)) throw error;
        await pauseByChance(longestPauseMs * attempt);
      }
    }
  };

  const advance = async (tx: Transaction<Stores>, request: AccountingRequest, report: SessionReport, ruling: Advance): Promise<void> => {
    const { session: before, progress, fate, debitSeconds } = ruling;
    // The account before its balance, its balance before the session.
    if (fate !== "live") await tx.accountLocks.take(ownersOf([before]), "together");
    else if (before.userId !== null && debitSeconds > 0)
      await tx.accountLocks.queue({ id: before.userId, nameSpaceId: before.nameSpaceId });
    const { isEmpty, ...burned } = await debitTime(
      tx,
      before,
      debitSeconds,
      fate === "extend" || (fate === "stop" && before.stopMs !== null),
    );
    const isLive = fate === "live" || fate === "reopen";
    const intervalSeconds = (isLive ? intervalOf(before, report) : undefined) ?? before.intervalSeconds;
    const told = newlyTold(before, report.description, request.sourceAddress);
    const counted = { ...burned, intervalSeconds };
    if (fate === "live" && told === undefined) {
      if (!(await tx.reportedSessions.advance(before, { progress, ...counted }))) throw new SessionMoved();
    } else {
      const revision: SessionRevision = { ...progress, ...counted, ...told, ...endingOf(ruling, report) };
      if (!(await tx.reportedSessions.revise(before, revision))) throw new SessionMoved();
      await afterwards(tx, ruling, before, { ...before, ...revision });
    }
    if (before.userId !== null && shortens(ruling, isEmpty)) {
      await deps.hasten(tx, { id: before.userId, nameSpaceId: before.nameSpaceId });
    }
  };

  /** Ends a client's sessions that began by then, at their last update, so many at a time. */
  const closeAll = async (client: AaaClient, eventMs: number, closedBy: "reboot" | "operator"): Promise<void> => {
    // What becomes of a client's sessions is its own, whatever became of their users.
    const caller = { ...callerOfClient(client, systemCaller("").scope, `accounting-${client.id}`) };
    const closing = { operation, closedBy, closedAtMs: eventMs, terminateCause: causeOf[closedBy] };
    for (let afterId = 0; ; ) {
      const open = await reported().listOpen(client.id, eventMs, afterId, closedAtOnce);
      if (open.length > 0) await work.run(caller, (tx) => closeSessions(tx, open, closing));
      if (open.length < closedAtOnce) return;
      afterId = open.at(-1)!.id;
    }
  };

  return {
    /** Takes one Accounting-Request; it may be acknowledged once this resolves, and must not be when it rejects. */
    async account(request: AccountingRequest): Promise<"stored" | "ignored"> {
      const record = readAccountingRecord(request.attributes, request.receivedAtMs);
      if (record.what === "nothing") return "ignored";
      if (record.what === "client_restarted") {
        await closeAll(request.client, record.eventMs, "reboot");
        return "stored";
      }
      const { report, unfit } = record;
      if (unfit.length > 0) deps.onUnfit(request.client, unfit);
      return oneAtATime(`${request.client.id}/${report.acctSessionId}`, () => takeUntilStored(request, report));
    },

    closeAll,
  };
};

/**
 * Whether a report takes time that its user's plan counted on: more than had passed, or of a session that was over. What
 * ends a session or reopens it is planned as a change.
 */
const shortens = ({ session: before, progress, debitSeconds, fate }: Advance, isEmpty: boolean): boolean => {
  if (fate !== "live") return fate !== "reopen" && before.stopMs !== null && debitSeconds > 0;
  return isEmpty || debitSeconds > (progress.reportedAtMs - before.reportedAtMs) / 1000 + jitterSeconds;
};

const endingOf = ({ fate, progress }: Advance, report: SessionReport): SessionRevision => {
  if (fate === "reopen") return { stopMs: null, closedBy: null, closedAtMs: null, terminateCause: null };
  if (fate === "extend") return { stopMs: progress.lastUpdateMs };
  if (fate !== "stop") return {};
  const stopMs = progress.lastUpdateMs;
  return { stopMs, closedBy: "stop", closedAtMs: stopMs, terminateCause: report.terminateCause, ledgerId: null };
};

/** What follows of an ending or of a new life. */
const afterwards = async (tx: Transaction<BeginningStores>, { fate }: Advance, before: Session, after: Session): Promise<void> => {
  if (fate === "stop" && before.burnedSeconds + after.burnedSeconds > 0) await tx.debits.seal(after.nameSpaceId, [after.id], tx.nowMs);
  if (fate === "reopen") await tx.sessionEvents.append([sessionEventOf(tx, after, "reopened", { closed_by: before.closedBy })]);
  if (fate === "stop" || fate === "reopen") recordSessionChange(tx, operation, before, after);
};

/** Between two reports of a session that is not over, in seconds: who reports seldom is not to be taken for silent each time. */
const intervalOf = (session: Session, { packet }: SessionReport): number | undefined => {
  const seconds = Math.round((packet.eventMs - session.lastUpdateMs) / 1000);
  return packet.kind === "interim" && seconds > 0 ? seconds : undefined;
};

/** What a report tells that was not known; of a session whose user is deleted nothing more is kept. */
const newlyTold = (session: Session, description: SessionDescription, sourceAddress: string): SessionRevision | undefined => {
  if (session.pseudonym !== null) return undefined;
  let news: Record<string, string> | undefined;
  for (const name of toldLate) {
    const value = description[name];
    if (value !== null && value !== session[name]) news = { ...news, [name]: value };
  }
  return sourceAddress === session.sourceAddress ? news : { ...news, sourceAddress };
};

/** Another packet of the same session was faster: ruled on again, this one sees what it did. */
const isContention = (error: unknown): boolean =>
  error instanceof SessionMoved ||
  (error instanceof ConstraintViolation && (error.constraint === "session__open" || error.constraint === "time_ledger__growing"));
