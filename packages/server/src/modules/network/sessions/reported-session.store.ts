import type { Progress } from "../../../access/accounting.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Handle } from "../../../storage/database.ts";
import { prepared, preparedReturning } from "../../../storage/prepared.ts";
import { revisionColumns, type SessionRevision, toRow, toSession } from "./session.rows.ts";
import type { Session } from "./session.ts";

/** What a report adds to a session that is live. */
export interface LiveReport {
  readonly progress: Progress;
  readonly intervalSeconds: number | null;
  readonly burnedSeconds: number;
  readonly unbilledSeconds: number;
  readonly ledgerId: number | null;
}

export type ReportedSessionStore = ReturnType<typeof createReportedSessionStore>;

/** Sessions of one Acct-Session-Id that are looked at: more generations than any reboot leaves open questions about. */
const generations = 8;

/**
 * Sessions as their clients report them. The wall is the client here, which its address and secret have proved: it
 * reports its own sessions and no others, whatever became of their users since.
 */
export const createReportedSessionStore = (handle: Handle, _scope: TenantScope | null) => ({
  /** What a client has had under an Acct-Session-Id, the latest first. */
  async listKnown(clientId: number, acctSessionId: string): Promise<Session[]> {
    return (await selectKnown(handle, clientId, acctSessionId)).map(toSession);
  },

  /** Writes what a report adds to a live session. False when somebody else has written it since it was read. */
  async advance(session: Session, { progress, ...report }: LiveReport): Promise<boolean> {
    const rows = await advanceLive(
      handle,
      session.nameSpaceId,
      session.id,
      session.lastUpdateMs,
      session.markSeconds,
      progress.lastUpdateMs,
      progress.markedAtMs,
      progress.heardAtMs,
      progress.markSeconds,
      progress.inputOctets,
      progress.outputOctets,
      report.intervalSeconds,
      report.burnedSeconds,
      report.unbilledSeconds,
      report.ledgerId,
    );
    return rows.length > 0;
  },

  /** Writes what a report tells beyond that. False when somebody else has written the session, or its user is gone. */
  async revise(session: Session, revision: SessionRevision): Promise<boolean> {
    const { numUpdatedRows } = await handle
      .updateTable("session")
      .set(revisionColumns(revision))
      .where("name_space_id", "=", session.nameSpaceId)
      .where("id", "=", session.id)
      .where("client_id", "=", session.clientId)
      .where("last_update_at", "=", session.lastUpdateMs)
      .where("mark_seconds", "=", session.markSeconds)
      .where("stop_at", session.stopMs === null ? "is" : "=", session.stopMs)
      .where("user_id", session.userId === null ? "is" : "=", session.userId)
      .executeTakeFirstOrThrow();
    return numUpdatedRows > 0n;
  },

  async insert(session: Session): Promise<void> {
    await handle.insertInto("session").values(toRow(session)).execute();
  },

  /** The open sessions of a client that began by an instant, after an id; at most so many. */
  async listOpen(clientId: number, startedByMs: number, afterId: number, most: number): Promise<Session[]> {
    const rows = await handle
      .selectFrom("session")
      .selectAll()
      .where("client_id", "=", clientId)
      .where("stop_at", "is", null)
      .where("start_at", "<=", startedByMs)
      .where("id", ">", afterId)
      .orderBy("id")
      .limit(most)
      .execute();
    return rows.map(toSession);
  },
});

const selectKnown = prepared((handle, clientId: number, acctSessionId: string) =>
  handle
    .selectFrom("session")
    .selectAll()
    .where("client_id", "=", clientId)
    .where("acct_session_id", "=", acctSessionId)
    .orderBy("start_at", "desc")
    .limit(generations),
);

const advanceLive = preparedReturning(
  (
    handle,
    nameSpaceId: number,
    id: number,
    wasUpdatedMs: number,
    wasMarked: number,
    lastUpdateMs: number,
    markedAtMs: number,
    heardAtMs: number,
    markSeconds: number,
    inputOctets: number,
    outputOctets: number,
    intervalSeconds: number | null,
    burnedSeconds: number,
    unbilledSeconds: number,
    ledgerId: number | null,
  ) =>
    handle
      .updateTable("session")
      .set({
        last_update_at: lastUpdateMs,
        marked_at: markedAtMs,
        heard_at: heardAtMs,
        mark_seconds: markSeconds,
        input_octets: inputOctets,
        output_octets: outputOctets,
        interval_seconds: intervalSeconds,
        burned_seconds: burnedSeconds,
        unbilled_seconds: unbilledSeconds,
        ledger_id: ledgerId,
      })
      .where("name_space_id", "=", nameSpaceId)
      .where("id", "=", id)
      .where("last_update_at", "=", wasUpdatedMs)
      .where("mark_seconds", "=", wasMarked)
      .where("stop_at", "is", null)
      .returning("id"),
);
