import { mergeReply, numberOf } from "../../../aaa/authorization/reply-attributes.ts";
import { longestTimeoutSeconds } from "../../../aaa/session-time/time-share.ts";
import type { Clock } from "../../../kernel/clock.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import { type AaaClient, addressesOf, type ClientTable } from "../aaa-clients/index.ts";
import type { ProfileBook } from "../network-access/index.ts";
import type { Session } from "../sessions/index.ts";
import { plannerActor } from "./planner.ts";
import { beganAtMs, type ClientOrder, identify, timeoutNow } from "./session-order.ts";
import { findEnd, type PlanningStores } from "./session-plan.ts";
import type { SessionRequest } from "./session-request.ts";

/** What is to be sent for a request, or why nothing is. */
export type Composed =
  | { readonly order: ClientOrder; readonly timeoutSeconds: number | undefined }
  | { readonly outcome: "session_over" | "client_takes_no_requests" | "client_has_no_address" | "nothing_to_change" | "nothing_to_end" };

export interface ComposingDependencies {
  readonly work: Work<PlanningStores>;
  readonly clock: Clock;
  readonly table: ClientTable;
  readonly profiles: ProfileBook;
}

export type RequestComposing = ReturnType<typeof createRequestComposing>;

/** A Session-Timeout that is right to within this is left alone. */
const toleranceMs = 5_000;
/** How often an account is read whose profiles are deleted meanwhile; its request is tried again later. */
const mostTries = 5;

/** Writes orders for requests, by what is true when they are about to be sent: a request may have waited for half a minute. */
export const createRequestComposing = ({ work, clock, table, profiles }: ComposingDependencies) => {
  const stores = () => work.acrossTenants("requests of all tenants are sent by the house");

  /** Whether the planner's reason is gone: a guest was topped up or switched on again while the request waited. */
  const livesOn = async (session: Session): Promise<boolean> => {
    const owner = ownerOf(session);
    if (!owner) return false;
    const nowMs = clock.nowMs();
    const { account, end } = await findEnd(stores(), owner, nowMs);
    return account !== undefined && (end === undefined || end.dueAtMs > nowMs);
  };

  /** A profile that is gone was taken from the account, which is read again. Throws where that happens each time. */
  const ownerWithProfiles = async (userId: number) => {
    for (let tries = mostTries; tries > 0; tries -= 1) {
      const account = await stores().accessFacts.findById(userId);
      const carried = account ? await profiles.read(account.profileIds) : [];
      if (carried !== "gone") return { account, carried };
    }
    throw new Error("The profiles of an account changed each time that they were read.");
  };

  /** The Session-Timeout that a session should be given; undefined where the one that it has is right. */
  const newTimeout = async (session: Session): Promise<number | undefined> => {
    const owner = ownerOf(session);
    if (!owner) return undefined;
    // In the order of the plan: what is debited between the two reads makes the new end too early, not too late.
    const live = await stores().sessions.listLiveOf(owner);
    const { account, carried } = await ownerWithProfiles(owner.id);
    if (!account) return undefined;
    const profileTimeoutSeconds = numberOf(mergeReply(carried.flatMap((profile) => profile.reply)), "session-timeout");
    const limit = timeoutNow({ account, session, live, profileTimeoutSeconds, nowMs: clock.nowMs() });
    const { timeoutAtMs } = session;
    if (timeoutAtMs === null) return limit === undefined || limit < 1 ? undefined : limit;
    // What once was limited and is not any more is set as far as the attribute goes.
    const wanted = limit ?? longestTimeoutSeconds;
    const isRight = Math.abs(beganAtMs(session) + wanted * 1000 - timeoutAtMs) <= toleranceMs;
    return isRight || wanted < 1 ? undefined : wanted;
  };

  /**
   * Where a client is asked: at the address that it was given for that, where the session's packets came from, or at its
   * only one. What a packet says of its sender counts only where that is the client's, and an address that its organization
   * does not hold any more is nobody's to be asked at.
   */
  const addressOf = (client: AaaClient, session: Session): string | undefined => {
    if (client.coaAddress !== null) return table.mayBeAt(client, client.coaAddress) ? client.coaAddress : undefined;
    const isOfClient = (address: string) => table.sourceOf(address).clients.some(({ id }) => id === client.id);
    const told = [session.sourceAddress, session.nasIpAddress].filter((address) => address !== null);
    const own = addressesOf(client).filter((address) => !address.includes("/") && table.mayBeAt(client, address));
    return told.find(isOfClient) ?? own[0] ?? table.resolvedOf(client.id).flatMap(({ addresses }) => addresses)[0];
  };

  return {
    newTimeout,
    async compose(request: SessionRequest, session: Session | undefined): Promise<Composed> {
      if (!session || session.stopMs !== null) return { outcome: "session_over" };
      const client = table.get(session.clientId);
      if (!client || client.coaPort === null) return { outcome: "client_takes_no_requests" };
      const address = addressOf(client, session);
      if (address === undefined) return { outcome: "client_has_no_address" };
      const order: ClientOrder = {
        client,
        kind: request.kind,
        address,
        session: identify(session),
        changes: [],
      };
      if (request.kind === "disconnect") {
        if (request.actor === plannerActor && (await livesOn(session))) return { outcome: "nothing_to_end" };
        return { order, timeoutSeconds: undefined };
      }
      const timeoutSeconds = await newTimeout(session);
      if (timeoutSeconds === undefined) return { outcome: "nothing_to_change" };
      return { order: { ...order, changes: [{ name: "Session-Timeout", value: String(timeoutSeconds) }] }, timeoutSeconds };
    },
  };
};

/** Whose session; undefined where nobody knows, or the account is deleted. */
export const ownerOf = ({ userId, nameSpaceId }: Session) => (userId === null ? undefined : { id: userId, nameSpaceId });
