import type { TenantScope } from "../../../kernel/tenant-scope.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { OrganizationDirectory } from "../../foundation/organizations/index.ts";
import type { AaaClient } from "../aaa-clients/index.ts";
import {
  type AccessDecisionStore,
  type AccessFactsStore,
  type AccessSlotStore,
  type AccountFacts,
  lookUpAccount,
  possibleKeysOf,
  type SessionTicket,
  type SessionTickets,
} from "../network-access/index.ts";
import type { SessionReport } from "./accounting-record.ts";

/** Whose session a report is about, and what was answered when it was let in. */
export interface SessionOwnership {
  readonly account: AccountFacts | undefined;
  readonly ticket: SessionTicket | undefined;
}

interface OwnerStores {
  readonly accessFacts: AccessFactsStore;
  readonly accessSlots: AccessSlotStore;
  readonly accessDecisions: AccessDecisionStore;
}

export interface SessionOwnerDependencies {
  readonly work: Work<OwnerStores>;
  readonly directory: OrganizationDirectory;
  readonly tickets: SessionTickets;
}

/**
 * Finds whose session a client reports: the user of our own Class, for the outer name of EAP need not be the user's; else,
 * where several namespaces have the name, whom the device was let in as; else the one that User-Name means. Nobody out of
 * the client's tree.
 */
export const createSessionOwners =
  ({ work, directory, tickets }: SessionOwnerDependencies) =>
  async (client: AaaClient, report: SessionReport): Promise<SessionOwnership> => {
    const tree = await directory.covering([client.organizationId]);
    const scope = tree.scopeOf(client.organizationId);
    for (const text of report.classes) {
      const ticket = tickets.read(text);
      const account = ticket && (await work.for(scope).accessFacts.findById(ticket.userId));
      if (account) return { account, ticket };
    }
    if (report.userName === undefined) return { account: undefined, ticket: undefined };
    const accepted = await acceptedAs(work, scope, client, report);
    if (accepted) return { account: accepted, ticket: undefined };
    const account = await lookUpAccount({ work, tree, scope }, report.userName);
    return { account: typeof account === "string" ? undefined : account, ticket: undefined };
  };

/**
 * Whom a device was let in as, of several accounts that its name may mean: what a name means now was not asked when the
 * session began, and a namesake made since changes nothing of it.
 */
const acceptedAs = async (
  work: Work<OwnerStores>,
  scope: TenantScope,
  client: AaaClient,
  { userName, station, description }: SessionReport,
): Promise<AccountFacts | undefined> => {
  if (scope.nameSpaceIds.length === 1) return undefined;
  const { accessFacts, accessSlots, accessDecisions } = work.for(scope);
  const accounts = await accessFacts.findByKeys(possibleKeysOf(userName!));
  if (accounts.length < 2) return undefined;
  const [slot, decision] = await Promise.all([
    accessSlots.findLastTaken({ accounts, clientId: client.id, station }),
    accessDecisions.findLastAccepted({
      accounts,
      clientId: client.id,
      username: description.username,
      callingStation: description.callingStationId,
    }),
  ]);
  const last = (slot?.decisionId ?? 0) >= (decision?.decisionId ?? 0) ? slot : decision;
  return accounts.find(({ id }) => id === last?.userId);
};
