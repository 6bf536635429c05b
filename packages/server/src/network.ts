import { hostname } from "node:os";
import type { Logger } from "pino";
import type { Route } from "./http/route.ts";
import type { Clock } from "./kernel/clock.ts";
import type { IdSource } from "./kernel/ids.ts";
import type { Work } from "./kernel/unit-of-work.ts";
import { createPasswordVerifier, type PasswordHasher, type PasswordTurnstile } from "./modules/accounts/passwords/index.ts";
import { createSigner } from "./modules/foundation/keys/index.ts";
import type { OrganizationDirectory } from "./modules/foundation/organizations/index.ts";
import { aaaClientRoutes, type ClientTable, createAaaClientService, createClientTable } from "./modules/network/aaa-clients/index.ts";
import {
  type AttributeSpelling,
  accessDecisionRoutes,
  appLoginRoutes,
  createAccessGathering,
  createAccessJournal,
  createAccessSimulationService,
  createAppLoginService,
  createFailedAttempts,
  createGoodLogins,
  createNetworkAccess,
  createProfileBook,
  createSessionTickets,
  type NetworkAccess,
} from "./modules/network/network-access/index.ts";
import type { Stores } from "./stores.ts";

export interface NetworkDependencies {
  readonly work: Work<Stores>;
  readonly ids: IdSource;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly directory: OrganizationDirectory;
  readonly secretKey: Buffer;
  readonly passwordTurnstile: PasswordTurnstile;
  readonly hasher: PasswordHasher;
}

/** What network equipment meets, wired together: it does not listen yet. */
export interface Network {
  readonly clientTable: ClientTable;
  readonly access: NetworkAccess;
  readonly routes: readonly Route[];
  /** Writes what may be written a moment later. */
  flush(): Promise<void>;
  /** A profile has changed: what was read of it is no longer true. */
  forgetProfiles(): void;
  /** A client has changed. */
  reloadClients(): void;
}

const spelling: AttributeSpelling = { name: (name) => name, value: (_name, value) => value };

/** Wires the third rank: clients, decisions, sessions and what ends them. */
export const buildNetwork = (deps: NetworkDependencies): Network => {
  const { work, ids, clock, logger, directory, hasher } = deps;
  const clientTable = createClientTable({ work });
  const clients = createAaaClientService<Stores>({ work, ids, directory, table: clientTable, dependents: [] });
  const passwords = createPasswordVerifier({ clock, turnstile: deps.passwordTurnstile });
  const profiles = createProfileBook({ work, clock, spelling });
  const gathering = createAccessGathering({ work, directory, profiles, passwords });
  const journal = createAccessJournal({
    work,
    node: hostname(),
    onFailure: (error, lost) => logger.error({ err: error, lost }, "access decisions could not be kept"),
  });
  const goodLogins = createGoodLogins({
    work,
    directory,
    journal,
    hasher,
    passwords,
    onFailure: (error) => logger.error({ err: error }, "a password could not be stored anew after a login"),
  });
  const moment = async () => ({ nowMs: clock.nowMs(), decisionId: await ids.take("access_decision") });
  const tickets = createSessionTickets(createSigner(deps.secretKey, "session-ticket"));
  const access = createNetworkAccess({ work, moment, gathering, journal, goodLogins, tickets });
  const attempts = createFailedAttempts(clock);
  const appLogin = createAppLoginService({ work, moment, gathering, journal, goodLogins, attempts });
  const simulation = createAccessSimulationService({ work, clock, gathering, spelling });

  return {
    clientTable,
    access,
    routes: [
      ...aaaClientRoutes({ service: clients, directory, work }),
      ...accessDecisionRoutes({ work, simulation }),
      ...appLoginRoutes({ service: appLogin, directory }),
    ],
    async flush() {
      await goodLogins.settle();
      await journal.flush();
    },
    forgetProfiles: () => profiles.forget(),
    reloadClients() {
      clientTable.reload().catch((error: unknown) => logger.error({ err: error }, "the AAA clients could not be read"));
    },
  };
};
