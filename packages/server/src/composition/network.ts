import { hostname } from "node:os";
import type { Logger } from "pino";
import type { DynamicAuthorizationClient } from "../aaa/words/dynamic-authorization.ts";
import type { Route } from "../http/route.ts";
import type { Job } from "../jobs/scheduler.ts";
import type { Clock, Delay } from "../kernel/clock.ts";
import type { Share } from "../kernel/fair-line.ts";
import type { IdSource } from "../kernel/ids.ts";
import type { ChangeHandler, Work } from "../kernel/unit-of-work.ts";
import {
  createCryptThreads,
  createPasswordVerifier,
  type PasswordHasher,
  type PasswordQueue,
} from "../modules/accounts/passwords/index.ts";
import type { AccountHooks } from "../modules/accounts/users/index.ts";
import { createSigner } from "../modules/foundation/keys/index.ts";
import { createPayersOf, type OrganizationDirectory } from "../modules/foundation/organizations/index.ts";
import {
  type AaaClient,
  aaaClientRoutes,
  type ClientTable,
  createAaaClientService,
  createClientTable,
  createNameBook,
  createNameRounds,
  type NameLookup,
  type NameRounds,
  payerOfClient,
} from "../modules/network/aaa-clients/index.ts";
import { addressGrantRoutes, createAddressGrantService } from "../modules/network/address-grants/index.ts";
import {
  clockAheadJob,
  createDisconnects,
  createDynamicAuthorization,
  createFactsReader,
  createSendingPlaces,
  type Disconnects,
  type DynamicAuthorization,
  disconnectJobs,
  disconnectRoutes,
  sessionDeadlineHandler,
} from "../modules/network/disconnects/index.ts";
import { createFreeradiusService, freeradiusRoutes } from "../modules/network/freeradius/index.ts";
import {
  type Attempts,
  type AttributeSpelling,
  accessDecisionRoutes,
  appLoginRoutes,
  createAccessJournal,
  createAccessSimulationService,
  createAccessStages,
  createAppLoginService,
  createDecisionRecorder,
  createGoodLogins,
  createNetworkAccess,
  createPostAuth,
  createProfileBook,
  createRefusalPace,
  createSessionTickets,
  decisionJob,
  decisionsOfAccounts,
  type NetworkAccess,
  type PostAuth,
  type RequestSpelling,
} from "../modules/network/network-access/index.ts";
import {
  type Accounting,
  createAccounting,
  createSessionOwners,
  reservationJob,
  sessionRoutes,
  sessionsOfAccounts,
  staleSessionJob,
} from "../modules/network/sessions/index.ts";
import { createDnsLookup } from "../outbound/name-lookup.ts";
import { destinationFault } from "../radius/dynamic-authorization/destination-address.ts";
import { encodeReply } from "../radius/protocol/dictionary/reply-encoding.ts";
import { createThrottledLog } from "../radius/server/throttled-log.ts";
import { clientReports } from "./client-reports.ts";
import type { Noun, Stores } from "./modules.ts";
import { createNetworkFigures, type NetworkFigures } from "./network-figures.ts";

/** What only the process and its surroundings know. */
export interface NetworkSurroundings {
  /** How the dictionary writes attributes. */
  readonly spelling: AttributeSpelling & RequestSpelling;
  /** Sends CoA-Requests and Disconnect-Requests. */
  readonly coaClient: DynamicAuthorizationClient;
  /** Whether they leave from an address that every client knows. */
  readonly hasKnownSource: boolean;
  /** How DNS is asked; undefined: by the name servers of the machine. */
  readonly lookup: NameLookup | undefined;
  /** How the waits of the refused pass. */
  readonly delay: Delay;
}

export interface NetworkDependencies {
  readonly work: Work<Stores>;
  readonly ids: IdSource<Noun>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly directory: OrganizationDirectory;
  /** The organization that pays for what another one asks. */
  readonly payerOf: (organizationId: number) => string;
  /** Whether units run beside each other. */
  readonly isConcurrent: boolean;
  readonly attempts: Attempts;
  readonly secretKey: Buffer;
  readonly passwordQueue: PasswordQueue;
  readonly hasher: PasswordHasher;
  readonly surroundings: NetworkSurroundings;
  /** For how many days decisions are kept; 0: for ever. */
  readonly decisionDays: number;
  /** Something may be due at once. */
  wake(): void;
}

/** What network equipment meets, wired together: it does not listen yet. */
export interface Network {
  readonly clientTable: ClientTable;
  readonly clientNames: NameRounds;
  /** Who pays for a packet of a client, for a device. Must be fast: every packet asks. */
  shareOf(client: AaaClient, station: string): Share;
  readonly access: NetworkAccess & PostAuth;
  readonly accounting: Accounting;
  readonly disconnects: Disconnects;
  readonly dynamicAuthorization: DynamicAuthorization;
  readonly routes: readonly Route[];
  readonly jobs: readonly Job[];
  /** What a process needs that only reads, too. */
  readonly readingJobs: readonly Job[];
  /** What becomes of a user's sessions and decisions. */
  readonly accountHooks: readonly AccountHooks<Stores>[];
  readonly figures: NetworkFigures;
  /** Plans the end of sessions in the transactions of what moves it. */
  readonly deadlineHandler: ChangeHandler<Stores>;
  /** Writes what may be written a moment later. */
  flush(): Promise<void>;
  /** A profile has changed: what was read of it is no longer true. */
  forgetProfiles(): void;
  /** A client has changed. */
  reloadClients(): void;
  /** Call when nobody asks for access any more. */
  close(): Promise<void>;
}

/** Wires the third rank: clients, decisions, sessions and what ends them. */
export const buildNetwork = (deps: NetworkDependencies): Network => {
  const { work, ids, clock, logger, directory, hasher, surroundings, wake } = deps;
  const { spelling } = surroundings;
  const book = createNameBook(clock);
  const clientTable = createClientTable({
    work,
    directory,
    book,
    isOrdinary: (address) => destinationFault(address, "none") === undefined,
    reports: clientReports(logger),
  });
  const clientNames = createNameRounds({ table: clientTable, book, lookup: surroundings.lookup ?? createDnsLookup() });
  const tickets = createSessionTickets(createSigner(deps.secretKey, "session-ticket"));
  const unfitNumbers = createThrottledLog(logger, clock);
  const grants = createAddressGrantService<Stores>({ work, ids, directory, changed: () => clientTable.reload() });
  const threads = createCryptThreads();
  const passwords = createPasswordVerifier({ clock, queue: deps.passwordQueue, crypt: threads.crypt });
  const profiles = createProfileBook({ work, clock, spelling });
  const { hashCosts } = hasher;
  const pace = createRefusalPace({ hashCosts, clock, delay: surroundings.delay });
  const stages = createAccessStages({ work, directory, profiles, passwords, attempts: deps.attempts, hashCosts });
  const figures = createNetworkFigures({ work, table: clientTable, clock });
  const journal = createAccessJournal({
    work,
    payerOf: deps.payerOf,
    node: hostname(),
    isSecret: spelling.isSecret,
    onDecision: figures.countDecision,
    onFailure: (error, lost) =>
      logger.error({ err: error, lost }, lost === 0 ? "access decisions wait for the database" : "access decisions could not be kept"),
  });
  const onFailure = (error: unknown) => logger.error({ err: error }, "a password could not be stored anew after a login");
  const goodLogins = createGoodLogins({ work, directory, journal, hasher, passwords, onFailure });
  const record = createDecisionRecorder({ ids, clock, journal, goodLogins, pace });
  const access = {
    ...createNetworkAccess({ work, stages, record, tickets, encode: encodeReply, isServed: clientTable.serves }),
    ...createPostAuth({ work, findAccount: stages.findAccount, record, goodLogins, tickets, attempts: deps.attempts }),
  };
  const appLogin = createAppLoginService({ work, stages, record });
  const simulation = createAccessSimulationService({ work, clock, stages, spelling });
  const accounting = createAccounting<Stores>({
    work,
    ids,
    directory,
    ownerOf: createSessionOwners({ work, directory, tickets }),
    noteContact: journal.noteContact,
    onUnfitNumbers: (client, attributes) =>
      unfitNumbers.warn(
        deps.payerOf(client.organizationId),
        `${client.id}`,
        { client: client.id, organization: client.organizationId, attributes },
        "an Accounting-Request has numbers that its attributes cannot hold; it is stored without them",
      ),
  });
  const removed: Parameters<typeof createAaaClientService<Stores>>[0]["removed"] = (client) =>
    accounting.closeAll(client, clock.nowMs(), "operator");
  const clients = createAaaClientService<Stores>({ work, ids, directory, table: clientTable, removed });
  const freeradius = createFreeradiusService({ table: clientTable, access, accounting, clock, spelling, noteContact: journal.noteContact });
  const places = createSendingPlaces({ node: surroundings.hasKnownSource ? null : hostname(), directory, wake });
  const disconnects = createDisconnects({ work, clock, table: clientTable, payersOf: createPayersOf(directory), places });
  const dynamicAuthorization = createDynamicAuthorization({
    work,
    clock,
    facts: createFactsReader({ work, table: clientTable, profiles }),
    client: surroundings.coaClient,
    places,
    observer: {
      count: figures.countRequest,
      onFailure: (error, { kind, sessionId }) => logger.error({ err: error, kind, session: sessionId }, "a request to a client failed"),
    },
  });

  const lookUpNames: Job = {
    name: "look up the DNS names of AAA clients",
    runs: "in_each_process",
    everyMs: 60_000,
    run: async () => clientNames.begin(),
  };

  return {
    clientTable,
    clientNames,
    shareOf: (client, station) => [deps.payerOf(client.organizationId), payerOfClient(client), station],
    access,
    accounting,
    disconnects,
    dynamicAuthorization,
    routes: [
      ...addressGrantRoutes({ service: grants, directory, work }),
      ...aaaClientRoutes({ service: clients, directory, work, table: clientTable }),
      ...accessDecisionRoutes({ work, simulation, isSecret: spelling.isSecret }),
      ...appLoginRoutes({ service: appLogin, directory }),
      ...sessionRoutes({ work }),
      ...disconnectRoutes({ service: disconnects }),
      ...freeradiusRoutes({ service: freeradius }),
    ],
    jobs: [
      staleSessionJob({ work, clock }),
      reservationJob({ work, clock }),
      decisionJob({ work, clock, keptDays: deps.decisionDays }),
      clockAheadJob({ work, clock, steadyMs: () => performance.now() }),
      ...disconnectJobs({ disconnects, dynamicAuthorization, work, clock }),
      // Signals tell of changes at once where they arrive; where they do not, clients are known half a minute later.
      { name: "read AAA clients", runs: "in_each_process", everyMs: 30_000, run: () => clientTable.reload() },
      lookUpNames,
    ],
    readingJobs: [lookUpNames],
    // Their sessions are asked to end while it is known whose they are.
    accountHooks: [disconnects.ofAccounts, sessionsOfAccounts, decisionsOfAccounts],
    figures,
    deadlineHandler: sessionDeadlineHandler({ isConcurrent: deps.isConcurrent, takesRequests: clientTable.takesRequests, places }),
    async flush() {
      await goodLogins.settle();
      await journal.flush();
    },
    forgetProfiles: () => profiles.forget(),
    reloadClients() {
      clientTable.reload().catch((error: unknown) => logger.error({ err: error }, "the AAA clients could not be read"));
    },
    async close() {
      clientNames.close();
      await clientTable.close();
      await threads.close();
    },
  };
};
