import { mergeReply, numberOf } from "../../../aaa/authorization/steps.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import { type AaaClient, addressesOf, type ServedClients } from "../aaa-clients/index.ts";
import type { AccountFacts, ProfileBook } from "../network-access/index.ts";
import type { Session } from "../sessions/index.ts";
import { type DisconnectStores, ownerOf, readUser } from "./session-deadline.service.ts";
import type { DeadlineOwner } from "./session-deadline.store.ts";
import { plannerActor, type SessionRequest } from "./session-request.ts";

/** Where a client takes requests. */
export interface Destination {
  readonly address: string;
  readonly port: number;
  readonly secret: string;
}

/** What a request depends on, as it is when the request is about to be sent. */
export interface RequestFacts {
  readonly session: Session;
  readonly destination: Destination;
  /** Whose session; undefined where nobody knows, or nothing of the request depends on it. */
  readonly owner: DeadlineOwner | undefined;
  readonly account: AccountFacts | undefined;
  /** All live sessions of the owner. */
  readonly live: readonly Session[];
  /** The Session-Timeout that the owner's profiles give. */
  readonly profileTimeoutSeconds: number | undefined;
}

/** Why a request cannot be sent: its session is over, or its client takes none. */
export interface Unsendable {
  readonly session: Session | undefined;
  readonly unsent: "session_over" | "client_takes_no_requests" | "client_has_no_address";
}

export interface FactsDependencies {
  readonly work: Work<DisconnectStores>;
  readonly table: ServedClients;
  readonly profiles: ProfileBook;
}

export type FactsReader = ReturnType<typeof createFactsReader>;

/** How often an account is read whose profiles are deleted meanwhile; its request is tried again later. */
const maxTries = 5;

/** Reads what requests depend on anew before each is sent: it may have waited for half a minute. */
export const createFactsReader = ({ work, table, profiles }: FactsDependencies) => {
  const stores = () => work.acrossTenants("requests of all tenants are sent by Gatehouse");

  /** The owner with its live sessions. A profile that is gone was taken from the account, which is read again. Throws where that happens each time. */
  const readWithProfiles = async (owner: DeadlineOwner) => {
    for (let tries = maxTries; tries > 0; tries -= 1) {
      const user = await readUser(stores(), owner);
      const carried = user.account ? await profiles.read(user.account.profileIds) : [];
      if (carried === "gone") continue;
      const reply = mergeReply(carried.flatMap((profile) => profile.reply));
      return { ...user, profileTimeoutSeconds: numberOf(reply, "session-timeout") };
    }
    throw new Error("The profiles of an account changed each time that they were read.");
  };

  /**
   * Where a client is asked: at the address that it was given for that, where the session's packets came from, or at its
   * only one. What a packet says of its sender counts only where that is the client's, and an address that its organization
   * does not hold any more is nobody's to be asked at.
   */
  const addressOf = (client: AaaClient, session: Session): string | undefined => {
    if (client.coaAddress !== null) return table.mayBeAt(client, client.coaAddress) ? client.coaAddress : undefined;
    const isOfClient = (address: string) => table.sourceOf(address).clients.some(({ id }) => id === client.id);
    const reported = [session.sourceAddress, session.nasIpAddress].filter((address) => address !== null);
    const own = addressesOf(client).filter((address) => !address.includes("/") && table.mayBeAt(client, address));
    return reported.find(isOfClient) ?? own[0] ?? table.resolvedOf(client.id).flatMap(({ addresses }) => addresses)[0];
  };

  const destinationOf = (session: Session): Destination | Unsendable["unsent"] => {
    const client = table.get(session.clientId);
    if (!client || client.coaPort === null) return "client_takes_no_requests";
    const address = addressOf(client, session);
    return address === undefined ? "client_has_no_address" : { address, port: client.coaPort, secret: client.secret };
  };

  return {
    destinationOf,

    async read({ sessionId, kind, actor }: SessionRequest): Promise<RequestFacts | Unsendable> {
      const session = await stores().sessions.find(sessionId);
      if (!session || session.stopMs !== null) return { session, unsent: "session_over" };
      const destination = destinationOf(session);
      if (typeof destination === "string") return { session, unsent: destination };
      const owner = kind === "coa" || actor === plannerActor ? ownerOf(session) : undefined;
      const nothing = { account: undefined, live: [], profileTimeoutSeconds: undefined };
      if (!owner) return { session, destination, owner, ...nothing };
      return { session, destination, owner, ...nothing, ...(await (kind === "coa" ? readWithProfiles(owner) : readUser(stores(), owner))) };
    },
  };
};
