import type { Work } from "../../../kernel/unit-of-work.ts";
import type { OrganizationDirectory } from "../../foundation/organizations/index.ts";
import type { AaaClient } from "../aaa-clients/index.ts";
import {
  type AccessFactsStore,
  type AccountFacts,
  lookUpAccount,
  type SessionTicket,
  type SessionTickets,
} from "../network-access/index.ts";
import type { SessionReport } from "./accounting-record.ts";

/** Whose session a report is about, and what was answered when it was let in. */
export interface SessionOwnership {
  readonly account: AccountFacts | undefined;
  readonly ticket: SessionTicket | undefined;
}

export interface SessionOwnerDependencies {
  readonly work: Work<{ accessFacts: AccessFactsStore }>;
  readonly directory: OrganizationDirectory;
  readonly tickets: SessionTickets;
}

/**
 * Finds whose session a client reports: the user of our own Class, for the outer name of EAP need not be the user's, else
 * the one that User-Name means. Nobody of out of the client's tree.
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
    const account = await lookUpAccount({ work, tree, scope }, report.userName);
    return { account: typeof account === "string" ? undefined : account, ticket: undefined };
  };
