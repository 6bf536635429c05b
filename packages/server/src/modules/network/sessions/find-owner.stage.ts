import type { SessionRecord } from "../../../aaa/words/accounting-record.ts";
import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { OrganizationDirectory } from "../../foundation/organizations/index.ts";
import type { AaaClient } from "../aaa-clients/index.ts";
import {
  type AccessDecisionStore,
  type AccessFactsStore,
  type AccountFacts,
  lookUpAccount,
  possibleKeysOf,
  type ReservationStore,
  type SessionTicket,
  type SessionTickets,
} from "../network-access/index.ts";

/** Whose session a packet is about, and what the Access-Accept promised. */
export interface SessionOwnership {
  readonly account: AccountFacts | undefined;
  readonly ticket: SessionTicket | undefined;
}

interface OwnerStores {
  readonly accessFacts: AccessFactsStore;
  readonly reservations: ReservationStore;
  readonly accessDecisions: AccessDecisionStore;
}

export interface SessionOwnerDependencies {
  readonly work: Work<OwnerStores>;
  readonly directory: OrganizationDirectory;
  readonly tickets: SessionTickets;
}

/**
 * Finds whose session a client reports: the user of our own Class, for the outer name of EAP need not be the user's; else,
 * where several namespaces have the name, the user as whom the device was accepted; else the user that User-Name means. Never
 * a user outside the client's tree.
 */
export const createSessionOwners =
  ({ work, directory, tickets }: SessionOwnerDependencies) =>
  async (client: AaaClient, record: SessionRecord): Promise<SessionOwnership> => {
    const tree = await directory.covering([client.organizationId]);
    const scope = tree.scopeOf(client.organizationId);
    for (const text of record.classes) {
      const ticket = tickets.read(text);
      const account = ticket && (await work.for(scope).accessFacts.findById(ticket.userId));
      if (account) return { account, ticket };
    }
    if (record.userName === undefined) return { account: undefined, ticket: undefined };
    const accepted = await acceptedAs(work, scope, client, record);
    if (accepted) return { account: accepted, ticket: undefined };
    const account = await lookUpAccount({ work, tree, scope }, record.userName);
    return { account: typeof account === "string" ? undefined : account, ticket: undefined };
  };

/**
 * The account as which a device was accepted, of several that its name may mean. What the name means now does not matter: a
 * namesake that was made since the login changes nothing.
 */
const acceptedAs = async (
  work: Work<OwnerStores>,
  scope: TenantScope,
  client: AaaClient,
  { userName, station, description }: SessionRecord,
): Promise<AccountFacts | undefined> => {
  if (scope.namespaceIds.length === 1) return undefined;
  const { accessFacts, reservations, accessDecisions } = work.for(scope);
  const accounts = await accessFacts.findByKeys(possibleKeysOf(userName!));
  if (accounts.length < 2) return undefined;
  const [reservation, decision] = await Promise.all([
    reservations.findLast({ accounts, clientId: client.id, station }),
    accessDecisions.findLastAccepted({
      accounts,
      clientId: client.id,
      username: description.username,
      callingStation: description.callingStationId,
    }),
  ]);
  const last = (reservation?.decisionId ?? 0) >= (decision?.decisionId ?? 0) ? reservation : decision;
  return accounts.find(({ id }) => id === last?.userId);
};
