import { hostname } from "node:os";
import type { EncodedReply, ReplyContext } from "../../../aaa/words/access-request.ts";
import type { AttributeItem } from "../../../aaa/words/attributes.ts";
import type { Share } from "../../../kernel/fair-line.ts";
import type { AaaProfileStore } from "../../accounts/aaa-profiles/index.ts";
import type { PasswordHasher, PasswordVerifier } from "../../accounts/passwords/index.ts";
import type { ReversibleSecretStore } from "../../accounts/reversible-secrets/index.ts";
import type { UserStore } from "../../accounts/users/index.ts";
import type { OrganizationDirectory } from "../../foundation/organizations/index.ts";
import type { House } from "../../manifest.ts";
import { type AaaClient, type AaaClientStore, payerOfClient, type ServedClients } from "../aaa-clients/index.ts";
import { decisionJob } from "./access-decision.jobs.ts";
import { accessDecisionRoutes } from "./access-decision.routes.ts";
import { type AccessDecisionStore, accessDecisionStore } from "./access-decision.store.ts";
import type { AccessDecisionRecord } from "./access-decision.ts";
import { type AccessFactsStore, accessFactsStore } from "./access-facts.store.ts";
import { createAccessFigures } from "./access-figures.ts";
import { createAccessJournal } from "./access-journal.service.ts";
import { createNetworkAccess } from "./access-request.service.ts";
import { createAccessStages } from "./access-stages.ts";
import { type AccountLoginStore, accountLoginStore } from "./account-login.store.ts";
import { createAccountNames } from "./account-names.ts";
import { decisionsOfAccounts } from "./accounts-of-access.ts";
import { appLoginRoutes } from "./app-login.routes.ts";
import { createAppLoginService } from "./app-login.service.ts";
import type { AttributeSpelling, RequestSpelling } from "./attribute-spelling.rules.ts";
import { type ClientContactStore, clientContactStore } from "./client-contact.store.ts";
import { createAttempts } from "./deferred-attempts.service.ts";
import { createGoodLogins } from "./good-login.service.ts";
import { createPostAuth } from "./post-auth.service.ts";
import { createProfileBook } from "./profile-book.ts";
import { createDecisionRecorder } from "./record-decision.stage.ts";
import { createRefusalPace } from "./refusal-pace.service.ts";
import { type ReservationStore, reservationStore } from "./reservation.store.ts";
import { createSessionTickets } from "./session-ticket.ts";
import { createAccessSimulationService } from "./simulation.service.ts";

export interface Stores {
  readonly accessFacts: AccessFactsStore;
  readonly accessDecisions: AccessDecisionStore;
  readonly accountLogins: AccountLoginStore;
  readonly clientContacts: ClientContactStore;
  readonly reservations: ReservationStore;
  readonly reversibleSecrets: ReversibleSecretStore;
  readonly aaaProfiles: AaaProfileStore;
  readonly aaaClients: AaaClientStore;
  readonly users: UserStore;
}

export interface Needs {
  readonly organizations: { readonly directory: OrganizationDirectory; payerOf(organizationId: number): string };
  readonly passwords: { readonly hasher: PasswordHasher; readonly verifier: PasswordVerifier };
  readonly aaaClients: { readonly table: ServedClients };
  readonly dictionary: {
    readonly spelling: AttributeSpelling & RequestSpelling;
    encodeReply(reply: readonly AttributeItem[], context: ReplyContext): EncodedReply;
  };
}

type OwnHouse = House<Stores, "access_decision">;

export const networkAccessModule = {
  name: "network/network-access",
  needs: ["organizations", "passwords", "aaaClients", "dictionary"],
  nouns: ["access_decision"],
  stores: {
    accessFacts: accessFactsStore,
    reservations: reservationStore,
    accessDecisions: accessDecisionStore,
    accountLogins: accountLoginStore,
    clientContacts: clientContactStore,
  },
  build(house: OwnHouse, needs: Needs) {
    const { work, clock } = house;
    const { directory, payerOf } = needs.organizations;
    const { spelling, encodeReply } = needs.dictionary;
    const { table } = needs.aaaClients;
    const figures = createAccessFigures({ work, table, clock });
    const tickets = createSessionTickets(house.signer("session-ticket"));
    const profiles = createProfileBook({ work, clock, spelling });
    const attempts = createAttempts({ clock, delay: house.delay, tell: house.tell });
    const { hashCosts } = needs.passwords.hasher;
    const pace = createRefusalPace({ hashCosts, clock, delay: house.delay });
    const stages = createAccessStages({ work, directory, profiles, passwords: needs.passwords.verifier, attempts, hashCosts });
    const { journal, goodLogins } = buildRecords(house, needs, figures.countDecision);
    const record = createDecisionRecorder({ ids: house.ids, clock, journal, goodLogins, pace });
    const simulation = createAccessSimulationService({ work, clock, stages, spelling });
    return {
      service: {
        access: {
          ...createNetworkAccess({ work, stages, record, tickets, encode: encodeReply, isServed: table.serves }),
          ...createPostAuth({ work, findAccount: stages.findAccount, record, goodLogins, tickets, attempts }),
        },
        findNamed: createAccountNames({ work, directory }),
        noteContact: journal.noteContact,
        profiles,
        tickets,
        /** Who pays for a packet of a client, for a device. Must be fast: every packet asks. */
        shareOf: (client: AaaClient, station: string): Share => [payerOf(client.organizationId), payerOfClient(client), station],
      },
      routes: [
        ...accessDecisionRoutes({ work, simulation, isSecret: spelling.isSecret }),
        ...appLoginRoutes({ service: createAppLoginService({ work, stages, record }), directory }),
      ],
      jobs: [decisionJob({ work, clock, keptDays: house.settings.decisionDays })],
      onAccount: decisionsOfAccounts,
      forgets: { aaa_profile: () => profiles.forget() },
      hears: attempts.hear,
      figures,
      async flush() {
        await goodLogins.settle();
        await journal.flush();
      },
    };
  },
} as const;

/** What is written of decisions a moment after they were answered. */
const buildRecords = ({ work, logger }: OwnHouse, needs: Needs, onDecision: (record: AccessDecisionRecord) => void) => {
  const { directory, payerOf } = needs.organizations;
  const journal = createAccessJournal({
    work,
    payerOf,
    node: hostname(),
    isSecret: needs.dictionary.spelling.isSecret,
    onDecision,
    onFailure: (error, lost) =>
      logger.error({ err: error, lost }, lost === 0 ? "access decisions wait for the database" : "access decisions could not be kept"),
  });
  const goodLogins = createGoodLogins({
    work,
    directory,
    journal,
    hasher: needs.passwords.hasher,
    passwords: needs.passwords.verifier,
    onFailure: (error) => logger.error({ err: error }, "a password could not be stored anew after a login"),
  });
  return { journal, goodLogins };
};
