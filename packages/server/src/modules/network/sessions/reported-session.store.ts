import { type Selectable, sql, type Updateable } from "kysely";
import type { Progress } from "../../../aaa/accounting/known-session.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import { byKey } from "../../../storage/by-key.ts";
import type { Handle } from "../../../storage/database.ts";
import { rowsListed } from "../../../storage/in-list.ts";
import { runnerOf } from "../../../storage/runner.ts";
import { statement } from "../../../storage/statement.ts";
import { lock, readByKey, write } from "../../../storage/verbs.ts";
import { type Ending, revisionColumns, type SessionRevision, toRow, toSession } from "./session.rows.ts";
import { closedColumns } from "./session.store.ts";
import type { SessionTable } from "./session.table.ts";
import type { Session } from "./session.ts";

/** What a report that only counts changes of its session. */
export interface SessionCounts extends Progress {
  readonly intervalSeconds: number | null;
  readonly burnedSeconds: number;
  readonly unbilledSeconds: number;
  readonly ledgerId: number | null;
}

export type ReportedSessionStore = ReturnType<ReturnType<typeof reportedSessionStore>>;

/** How many sessions of one Acct-Session-Id a packet is compared with: more than the reboots that can be in doubt. */
const maxKnown = 8;

/**
 * Sessions as their clients report them. The wall is the client here instead of a tenant scope: its address and secret prove
 * it, and it reaches its own sessions alone, whatever became of their users since.
 */
export const reportedSessionStore = () => (handle: Handle, _scope: TenantScope | null) => ({
  /** The sessions that a client has had under an Acct-Session-Id, the latest first. */
  async listKnown(clientId: number, acctSessionId: string): Promise<Session[]> {
    return (await readByKey(handle, knownSessions, { clientId, acctSessionId })).map(toSession);
  },

  /** Writes what a report that only counts changes of a live session. False when somebody else has written it since it was read. */
  async advance(session: Session, counts: SessionCounts): Promise<boolean> {
    const values = countColumns(counts);
    if (await writeLocked(handle, session, {}, values)) return true;
    const { namespaceId, id, lastUpdateMs, reportedSeconds } = session;
    return (await lock(handle, liveAdvance, { values, namespaceId, id, lastUpdateMs, reportedSeconds })).length > 0;
  },

  /** Writes whatever a report changes. False when somebody else has written the session, or its user is gone. */
  async revise(session: Session, revision: SessionRevision): Promise<boolean> {
    const columns = revisionColumns(revision);
    if (await writeLocked(handle, session, { client_id: session.clientId, user_id: session.userId }, columns)) return true;
    const { namespaceId, id, clientId, lastUpdateMs, reportedSeconds } = session;
    const was = {
      namespaceId,
      id,
      clientId,
      lastUpdateMs,
      reportedSeconds,
      ...(session.stopMs === null ? {} : { stopMs: session.stopMs }),
      ...(session.userId === null ? {} : { userId: session.userId }),
    };
    return (await lock(handle, sessionRevision, { was, columns })).length > 0;
  },

  /** Closes a live session at its last update, and returns it; undefined when somebody else has closed it. */
  async close({ namespaceId, id, clientId }: Session, ending: Ending): Promise<Session | undefined> {
    const row = await handle
      .updateTable("session")
      .set(closedColumns(ending))
      .where("name_space_id", "=", namespaceId)
      .where("id", "=", id)
      .where("client_id", "=", clientId)
      .where("stop_at", "is", null)
      .returningAll()
      .executeTakeFirst();
    return row && toSession(row);
  },

  async insert(session: Session): Promise<void> {
    await write(handle, { insertInto: "session", rows: [toRow(session)] });
  },

  /** The next open sessions of a client after an id that began by an instant, at most `max`. */
  async listOpen(clientId: number, startedByMs: number, afterId: number, max: number): Promise<Session[]> {
    const rows = await handle
      .selectFrom("session")
      .selectAll()
      .where("client_id", "=", clientId)
      .where("stop_at", "is", null)
      .where("start_at", "<=", startedByMs)
      .where("id", ">", afterId)
      .orderBy("id")
      .limit(max)
      .execute();
    return rows.map(toSession);
  },
});

/** Writes a session under an optimistic lock on what was read of it; false where locks are others, so that the caller writes it. */
const writeLocked = async (
  handle: Handle,
  { namespaceId, id, lastUpdateMs, reportedSeconds, stopMs }: Session,
  alsoRead: Readonly<Record<string, number | null>>,
  values: Readonly<Record<string, unknown>>,
): Promise<boolean> => {
  if (runnerOf(handle).locking !== "optimistic") return false;
  const place = { name_space_id: namespaceId, id };
  const read = { last_update_at: lastUpdateMs, reported_seconds: reportedSeconds, stop_at: stopMs, ...alsoRead };
  lock(handle, { table: "session", key: Object.keys(place), values: { ...place, ...read }, exists: true });
  await write(handle, { update: "session", key: place, values });
  return true;
};

interface WrittenSession {
  readonly namespaceId: number;
  readonly id: number;
  readonly clientId: number;
  readonly lastUpdateMs: number;
  readonly reportedSeconds: number;
  /** Missing where it is null. */
  readonly stopMs?: number;
  readonly userId?: number;
}

const sessionRevision = statement<{ readonly was: WrittenSession; readonly columns: Updateable<SessionTable> }, { id: number }>(
  (handle, { was, columns }) =>
    handle
      .updateTable("session")
      .set(columns)
      .where("name_space_id", "=", was.namespaceId)
      .where("id", "=", was.id)
      .where("client_id", "=", was.clientId)
      .where("last_update_at", "=", was.lastUpdateMs)
      .where("reported_seconds", "=", was.reportedSeconds)
      .where("stop_at", was.stopMs === undefined ? "is" : "=", was.stopMs ?? null)
      .where("user_id", was.userId === undefined ? "is" : "=", was.userId ?? null)
      .returning("id"),
);

const knownSessions = byKey<{ readonly clientId: number; readonly acctSessionId: string }, Selectable<SessionTable>>({
  build(handle, keys) {
    const sessions = handle.selectFrom("session").selectAll("session");
    if (keys.length === 1) {
      const { clientId, acctSessionId } = keys[0]!;
      const ofKey = sessions.where("client_id", "=", clientId).where("acct_session_id", "=", acctSessionId);
      return ofKey.orderBy("start_at", "desc").limit(maxKnown);
    }
    // Each key by its index: a list of alternatives is read as a whole, row by row, by a plan that was made when the table was small.
    const asked = rowsListed({ clientId: "bigint", acctSessionId: "text" }, keys);
    const query = sql<Selectable<SessionTable>>`select known.*
      from ${asked} as asked
      cross join lateral (select * from session
        where session.client_id = asked."clientId" and session.acct_session_id = asked."acctSessionId"
        order by start_at desc limit ${sql.lit(maxKnown)}) as known`;
    return { compile: () => query.compile(handle) };
  },
  nameOf: ({ clientId, acctSessionId }) => `${clientId}/${acctSessionId}`,
  nameOfRow: (row) => `${row.client_id}/${row.acct_session_id}`,
});

/** In the order of `countedColumns`. */
const countColumns = (counts: SessionCounts) => ({
  last_update_at: counts.lastUpdateMs,
  reported_at: counts.reportedAtMs,
  last_seen_at: counts.lastSeenAtMs,
  reported_seconds: counts.reportedSeconds,
  input_octets: counts.inputOctets,
  output_octets: counts.outputOctets,
  interval_seconds: counts.intervalSeconds,
  burned_seconds: counts.burnedSeconds,
  unbilled_seconds: counts.unbilledSeconds,
  ledger_id: counts.ledgerId,
});

interface LiveAdvance extends Pick<Session, "namespaceId" | "id" | "lastUpdateMs" | "reportedSeconds"> {
  readonly values: Updateable<SessionTable>;
}

const liveAdvance = statement<LiveAdvance, { id: number }>((handle, { values, namespaceId, id, lastUpdateMs, reportedSeconds }) =>
  handle
    .updateTable("session")
    .set(values)
    .where("name_space_id", "=", namespaceId)
    .where("id", "=", id)
    .where("last_update_at", "=", lastUpdateMs)
    .where("reported_seconds", "=", reportedSeconds)
    .where("stop_at", "is", null)
    .returning("id"),
);
