import type { Image } from "../../../kernel/change.ts";
import { countAlone } from "../../../kernel/pagination.ts";
import { gauge } from "../../../metrics/family.ts";
import type { MovedAccount } from "../../foundation/kept-counts/index.ts";
import type { OrganizationDirectory } from "../../foundation/organizations/index.ts";
import type { House } from "../../manifest.ts";
import type { AaaClient } from "../aaa-clients/index.ts";
import type { AccessDecisionStore, AccessFactsStore, SessionTickets } from "../network-access/index.ts";
import { type AccountingStores, createAccounting } from "./accounting.service.ts";
import { createSessionOwners } from "./find-owner.stage.ts";
import { type MovedSessionStore, movedSessionStore } from "./moved-session.store.ts";
import { reportedSessionStore } from "./reported-session.store.ts";
import { reservationJob, staleSessionJob } from "./session.jobs.ts";
import { sessionRoutes } from "./session.routes.ts";
import { sessionStore } from "./session.store.ts";
import { sessionEventStore } from "./session-event.store.ts";
import { sessionsOfAccounts } from "./sessions-of-accounts.ts";

export interface Stores extends AccountingStores {
  readonly accessFacts: AccessFactsStore;
  readonly accessDecisions: AccessDecisionStore;
}

export interface Needs {
  readonly organizations: { readonly directory: OrganizationDirectory; payerOf(organizationId: number): string };
  readonly networkAccess: { readonly tickets: SessionTickets; noteContact(client: AaaClient, atMs: number): void };
  /** A log for what tenants can cause. */
  readonly throttledLog: { warn(payer: string, key: string, fields: object, sentence: string): void };
}

export const sessionModule = {
  name: "network/sessions",
  needs: ["organizations", "networkAccess", "throttledLog"],
  nouns: ["session"],
  stores: {
    sessions: sessionStore,
    reportedSessions: reportedSessionStore,
    sessionEvents: sessionEventStore,
    movedSessions: movedSessionStore,
  },
  counts: { session: (image: Image) => (image["session_status"] === "active" ? "session.active" : "session.completed") },
  countMoved: (stores: { readonly movedSessions: MovedSessionStore }, accounts: readonly MovedAccount[]) =>
    stores.movedSessions.count(accounts),
  build({ work, ids, clock }: House<Stores, "session">, { organizations, networkAccess, throttledLog }: Needs) {
    const { directory, payerOf } = organizations;
    const accounting = createAccounting<Stores>({
      work,
      ids,
      directory,
      ownerOf: createSessionOwners({ work, directory, tickets: networkAccess.tickets }),
      noteContact: networkAccess.noteContact,
      onUnfitNumbers: (client, attributes) =>
        throttledLog.warn(
          payerOf(client.organizationId),
          `${client.id}`,
          { client: client.id, organization: client.organizationId, attributes },
          "an Accounting-Request has numbers that its attributes cannot hold; it is stored without them",
        ),
    });
    let live = 0;
    return {
      service: { accounting },
      routes: sessionRoutes({ work }),
      jobs: [staleSessionJob({ work, clock }), reservationJob({ work, clock })],
      onAccount: sessionsOfAccounts,
      afterClientDelete: (client: AaaClient) => accounting.closeAll(client, clock.nowMs(), "operator"),
      figures: {
        async refresh() {
          live = (await work.acrossTenants("the metrics are of the installation").sessions.list({ isLive: true }, countAlone)).count;
        },
        collect: () => [gauge("gatehouse_sessions_live", "Sessions that go on.", live, "max")],
      },
    };
  },
} as const;
