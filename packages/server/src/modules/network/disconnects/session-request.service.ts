import type { Session } from "../sessions/index.ts";
import type { RequestDispatcher } from "./request-dispatcher.ts";
import type { DisconnectStores } from "./session-deadline.service.ts";
import type { SessionRequest, StoredRequest } from "./session-request.ts";

/** What is wanted of a session's client, why, and by whom. */
export interface WantedRequest extends Pick<SessionRequest, "kind" | "reason" | "actor"> {
  readonly session: Session;
}

/**
 * Stores requests to the clients of sessions; what waits already is not stored twice. This process claims those that it has a place for.
 * Returns what is new, and what the planner alone has wanted until now: hand it to `dispatcher.committed` after the commit.
 */
export const storeRequests = async (
  stores: Pick<DisconnectStores, "sessionRequests" | "sessionEvents">,
  wanted: readonly WantedRequest[],
  dispatcher: RequestDispatcher,
  nowMs: number,
): Promise<StoredRequest[]> => {
  const assign = dispatcher.assigning(nowMs);
  const stored = await stores.sessionRequests.add(
    wanted.map(({ session, kind, reason, actor }) => ({
      namespaceId: session.namespaceId,
      organizationId: session.organizationId,
      sessionId: session.id,
      clientId: session.clientId,
      kind,
      reason,
      actor,
      createdAtMs: nowMs,
      ...assign(session),
    })),
    dispatcher.claimantAt(nowMs),
  );
  // Whether a CoA-Request is needed at all is known when it is about to be sent: its history begins then.
  const disconnects = stored.filter(({ kind }) => kind === "disconnect");
  if (disconnects.length > 0)
    await stores.sessionEvents.append(
      disconnects.map(({ namespaceId, organizationId, sessionId, kind, reason, actor }) => ({
        namespaceId,
        organizationId,
        sessionId,
        createdAtMs: nowMs,
        event: "request_made" as const,
        actor,
        detail: { kind, reason },
      })),
    );
  return stored;
};
