import { operations, parseInstant } from "@gatehouse-aaa/contract";
import { presentPage, readPaging } from "../../../http/list-page.ts";
import { bind, type Route } from "../../../http/route.ts";
import { DomainError } from "../../../kernel/errors.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import { versionTag } from "../../../kernel/version.ts";
import type { SessionStore } from "./session.store.ts";
import type { Session } from "./session.ts";
import { presentSession, presentSessionEvent } from "./session.view.ts";
import type { SessionEventStore } from "./session-event.store.ts";

export interface SessionRouteDependencies {
  readonly work: Work<{ sessions: SessionStore; sessionEvents: SessionEventStore }>;
}

/** A session has no version of its own: its tag names everything that a report or a closing changes. */
const tagOf = (session: Session): string => {
  const { reportedSeconds, inputOctets, outputOctets, lastUpdateMs, stopMs, burnedSeconds, unbilledSeconds, organizationId, userId } =
    session;
  const moving = [reportedSeconds, inputOctets, outputOctets, lastUpdateMs, stopMs ?? "live", session.closedBy ?? "", burnedSeconds];
  return versionTag(String(session.id), 1, "session", ...moving, unbilledSeconds, organizationId, userId ?? "none");
};

export const sessionRoutes = ({ work }: SessionRouteDependencies): Route[] => {
  const get = async (scope: TenantScope, id: number): Promise<Session> => {
    const session = await work.for(scope).sessions.find(id);
    if (!session) throw new DomainError("session.not_found", "There is no such session.");
    return session;
  };

  return [
    bind(operations.aaaAccountingList, async (call) => {
      const { query } = call;
      const page = readPaging(query);
      const filters = {
        ...(query.user === undefined ? {} : { userId: query.user }),
        ...(query.client === undefined ? {} : { clientId: query.client }),
        ...(query.session_status === undefined ? {} : { isLive: query.session_status === "active" }),
        ...(query.start_date === undefined ? {} : { sinceMs: parseInstant(query.start_date)! }),
        ...(query.end_date === undefined ? {} : { untilMs: parseInstant(query.end_date)! }),
      };
      const found = await work.for(call.caller.scope).sessions.list(filters, page);
      return { body: presentPage(call.url, page, found, presentSession) };
    }),
    bind(operations.aaaAccountingRead, async (call) => {
      const session = await get(call.caller.scope, call.params.radacctid);
      return { body: presentSession(session), etag: tagOf(session) };
    }),
    bind(operations.aaaAccountingHistoryList, async (call) => {
      const page = readPaging(call.query);
      const session = await get(call.caller.scope, call.params.radacctid);
      const found = await work.for(call.caller.scope).sessionEvents.list(session, page);
      return { body: presentPage(call.url, page, found, presentSessionEvent) };
    }),
  ];
};
