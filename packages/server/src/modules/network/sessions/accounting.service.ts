import { applyEvidence } from "../../../aaa/accounting/apply-evidence.ts";
import { matchSession } from "../../../aaa/accounting/match-session.ts";
import { readAccountingRecord } from "../../../aaa/accounting/read-record.ts";
import type { AccountingRequest, SessionRecord } from "../../../aaa/words/accounting-record.ts";
import { type Caller, systemCaller } from "../../../kernel/caller.ts";
import { pauseByChance } from "../../../kernel/clock.ts";
import type { IdSource } from "../../../kernel/ids.ts";
import { createOneAtATime } from "../../../kernel/one-at-a-time.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import { ConstraintViolation } from "../../../storage/database.ts";
import type { OrganizationDirectory } from "../../foundation/organizations/index.ts";
import { type AaaClient, callerOfClient } from "../aaa-clients/index.ts";
import { type BeginningStores, insertSession, openSession } from "./begin-session.stage.ts";
import type { SessionOwnership } from "./find-owner.stage.ts";
import { causeOf } from "./session.ts";
import { closeSessions, recordSessionChange, SessionOutdated } from "./session-change.ts";
import { debitTime, lockAccount, recordReport, staysClosed, takesPlannedTime, writeReport } from "./write-report.stage.ts";

/** The stores of accounting. */
export interface AccountingStores extends BeginningStores {
  readonly sessionDeadlines: PlannedEnds;
}

/** When the time of users ends: the module that plans it provides this. */
interface PlannedEnds {
  /** Has the end of a user's time computed anew, for a report took more of it than had passed. */
  hasten(user: { readonly id: number; readonly namespaceId: number }, nowMs: number): Promise<void>;
}

export interface AccountingDependencies<Stores extends AccountingStores> {
  readonly work: Work<Stores>;
  readonly ids: IdSource<"session">;
  readonly directory: OrganizationDirectory;
  ownerOf(client: AaaClient, record: SessionRecord): Promise<SessionOwnership>;
  /** A packet of a client arrived. */
  noteContact(client: AaaClient, atMs: number): void;
  /** Numbers of a request are none that their attributes can hold, and count as if they were not there. */
  onUnfitNumbers(client: AaaClient, names: readonly string[]): void;
}

export type Accounting = ReturnType<typeof createAccounting>;

const operation = "radius_accounting";
const closedAtOnce = 100;

/** Accounting: acknowledged means stored (RFC 2866 §4.1). */
export const createAccounting = <Stores extends AccountingStores>(deps: AccountingDependencies<Stores>) => {
  const { work } = deps;
  const reported = () => work.acrossTenants("a client reports its own sessions, whatever became of their users").reportedSessions;
  const inTurn = createTurns();

  /**
   * Takes one Accounting-Request; it may be acknowledged once this resolves, and must not be when it rejects. What becomes of it
   * depends on what is known of its session, so its unit of work holds only if nobody has written the session since.
   */
  const account = async (request: AccountingRequest<AaaClient>): Promise<"stored" | "ignored"> => {
    const { client, sourceAddress, receivedAtMs } = request;
    deps.noteContact(client, receivedAtMs);
    const record = readAccountingRecord(request.attributes, receivedAtMs);
    if (record.about === "nothing") return "ignored";
    if (record.about === "client") {
      await closeAll(client, record.eventMs, "reboot");
      return "stored";
    }
    if (record.unfitNumbers.length > 0) deps.onUnfitNumbers(client, record.unfitNumbers);
    return inTurn(`${client.id}/${record.acctSessionId}`, async () => {
      const known = await reported().listKnown(client.id, record.acctSessionId);
      const session = matchSession(record, known);
      const evidence = applyEvidence(record, session, known);
      if (evidence.what === "nothing") return "ignored";
      const caller = await callerOf(client);
      if (evidence.what === "advance") {
        await work.run(caller, async (tx) => {
          await lockAccount(tx, evidence);
          const debit = await debitTime(tx, evidence.session, evidence.debitSeconds, staysClosed(evidence));
          const revision = await writeReport(tx, { sourceAddress, record, evidence, debit });
          await recordReport(tx, operation, evidence, revision);
          const { userId, namespaceId } = evidence.session;
          if (userId !== null && takesPlannedTime(evidence, debit)) await tx.sessionDeadlines.hasten({ id: userId, namespaceId }, tx.nowMs);
        });
      } else {
        const owner = await deps.ownerOf(client, record);
        const id = await deps.ids.take("session");
        await work.run(caller, async (tx) => {
          const opening = await openSession(tx, { id, client, sourceAddress, record, evidence, owner, operation });
          const debit = await debitTime(tx, opening.session, evidence.debitSeconds, evidence.isStopped);
          const begun = await insertSession(tx, opening, debit);
          recordSessionChange(tx, operation, null, begun);
        });
      }
      return "stored";
    });
  };

  const callerOf = async (client: AaaClient): Promise<Caller> => {
    const tree = await deps.directory.covering([client.organizationId]);
    return callerOfClient(client, tree.scopeOf(client.organizationId), `accounting-${client.id}`);
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

  return { account, closeAll };
};

/** Ten of them take a quarter of a second at most: equipment sends again after some. */
const maxAttempts = 10;
/** Between two attempts, times the number of those made. By chance, so that contending processes do not stay in lockstep. */
const maxPauseMs = 5;

/**
 * Has the packets of one session stored one after another, for they would only make each other's units run again. Those that
 * other processes have still do: a packet whose session was written meanwhile is matched again.
 */
const createTurns = () => {
  const oneAtATime = createOneAtATime();
  return <Result>(session: string, store: () => Promise<Result>): Promise<Result> =>
    oneAtATime(session, async () => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await store();
        } catch (error) {
          if (attempt >= maxAttempts || !isContention(error)) throw error;
          await pauseByChance(maxPauseMs * attempt);
        }
      }
    });
};

/** Another packet of the same session was faster: matched again, this one sees what it did. */
const isContention = (error: unknown): boolean =>
  error instanceof SessionOutdated ||
  (error instanceof ConstraintViolation && (error.constraint === "session__open" || error.constraint === "time_ledger__growing"));
