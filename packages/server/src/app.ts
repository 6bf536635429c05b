import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { Config } from "./config/settings.ts";
import { constraintErrors } from "./constraint-errors.ts";
import { registerHealth } from "./http/health.ts";
import { createHttpServer } from "./http/server.ts";
import { registerSwagger } from "./http/swagger.ts";
import type { Clock } from "./kernel/clock.ts";
import type { IdSource } from "./kernel/ids.ts";
import { countAlone } from "./kernel/pagination.ts";
import { createWork, type Work } from "./kernel/unit-of-work.ts";
import {
  type AaaProfileStore,
  aaaProfileRoutes,
  aaaProfileStoreOver,
  createAaaProfileService,
} from "./modules/accounts/aaa-profiles/index.ts";
import { createDeviceAppService, deviceAppRoutes } from "./modules/accounts/device-app/index.ts";
import {
  createDeviceMoveStore,
  type DeviceMoveStore,
  type DeviceStore,
  deviceRoutes,
  deviceStoreOver,
  devicesOfAccounts,
} from "./modules/accounts/devices/index.ts";
import { createPasswordHasher, createPasswordTurnstile, type PasswordHasher } from "./modules/accounts/passwords/index.ts";
import {
  createReversibleSecretStore,
  eraseReversibleSecrets,
  type ReversibleSecretStore,
  reversibleSecretsOfAccounts,
} from "./modules/accounts/reversible-secrets/index.ts";
import { type TimeLedgerStore, timeLedgerStoreOver } from "./modules/accounts/time-ledger/index.ts";
import {
  createUserExtraService,
  extrasOfAccounts,
  type UserExtraStore,
  userExtraRoutes,
  userExtraStoreOver,
} from "./modules/accounts/user-extras/index.ts";
import { createUserService, type UserStore, userRoutes, userStoreOver, userTokenRoutes } from "./modules/accounts/users/index.ts";
import {
  type ApiTokenService,
  type ApiTokenStore,
  apiTokenRoutes,
  apiTokenStoreOver,
  createApiTokenService,
  createAuthenticator,
} from "./modules/foundation/api-tokens/index.ts";
import { auditHandler } from "./modules/foundation/audit/index.ts";
import { createInstallationStore, type InstallationStore } from "./modules/foundation/installation/index.ts";
import { keptCountsHandler } from "./modules/foundation/kept-counts/index.ts";
import { createSecretBox, type SecretBox } from "./modules/foundation/keys/index.ts";
import {
  createOrganizationDirectory,
  createOrganizationService,
  createOrganizationStore,
  type OrganizationDirectory,
  type OrganizationStore,
  organizationRoutes,
} from "./modules/foundation/organizations/index.ts";
import {
  type AaaClientStore,
  aaaClientRoutes,
  aaaClientStoreOver,
  type ClientTable,
  createAaaClientService,
  createClientTable,
} from "./modules/network/aaa-clients/index.ts";
import type { Database, Handle } from "./storage/database.ts";
import { createIdSource } from "./storage/ids.ts";

/** Every store, by the name under which units of work know it. */
export interface Stores {
  installation: InstallationStore;
  organizations: OrganizationStore;
  apiTokens: ApiTokenStore;
  aaaProfiles: AaaProfileStore;
  users: UserStore;
  timeLedger: TimeLedgerStore;
  reversibleSecrets: ReversibleSecretStore;
  devices: DeviceStore;
  deviceMoves: DeviceMoveStore;
  userExtras: UserExtraStore;
  aaaClients: AaaClientStore;
}

export interface AppDependencies {
  readonly config: Config;
  readonly database: Database;
  readonly secretKey: Buffer;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A Gatehouse that is wired together and does not listen yet. */
export interface App {
  readonly http: FastifyInstance;
  readonly work: Work<Stores>;
  readonly ids: IdSource;
  readonly directory: OrganizationDirectory;
  readonly apiTokens: ApiTokenService;
  readonly passwords: PasswordHasher;
  readonly secretBox: SecretBox;
  readonly clientTable: ClientTable;
  readonly database: Database;
  /** Ends what runs, in order: requests, jobs, the database. */
  close(): Promise<void>;
}

/** Wires everything together: the only place that knows all modules. `serve` and the tests build the same. */
export const buildApp = (deps: AppDependencies): App => {
  const { config, database, clock, logger } = deps;
  const ids = createIdSource(database, clock);
  const directory = createOrganizationDirectory(database.reader, clock);
  const passwordTurnstile = createPasswordTurnstile();
  const passwords = createPasswordHasher(passwordTurnstile);
  const secretBox = createSecretBox(deps.secretKey);
  const work = createWork<Handle, Stores>({
    reader: database.reader,
    write: (unit) => database.write(unit),
    clock,
    stores: {
      installation: createInstallationStore,
      organizations: createOrganizationStore,
      apiTokens: apiTokenStoreOver(database.capabilities),
      aaaProfiles: aaaProfileStoreOver(database.capabilities),
      users: userStoreOver(database.capabilities),
      timeLedger: timeLedgerStoreOver(database.capabilities),
      reversibleSecrets: createReversibleSecretStore(secretBox),
      devices: deviceStoreOver(database.capabilities),
      deviceMoves: createDeviceMoveStore,
      userExtras: userExtraStoreOver({ capabilities: database.capabilities, secretBox }),
      aaaClients: aaaClientStoreOver({ capabilities: database.capabilities, secretBox }),
    },
    // What becomes of every change, in this order.
    handlers: [
      auditHandler,
      keptCountsHandler(database.capabilities),
      {
        afterCommit(changes) {
          if (changes.some((change) => change.resource === "organization")) directory.drop();
          if (changes.some((change) => change.resource === "api_token")) authenticator.forget();
        },
      },
    ],
    onEffectFailure: (error) => logger.error({ err: error }, "an effect after a commit failed"),
  });
  const authenticator = createAuthenticator({ work, directory, clock });
  const organizations = createOrganizationService({
    work,
    ids,
    directory,
    holdings: [
      { nouns: ["user", "users"], count: async (stores, organization) => (await stores.users.list({ organization }, countAlone)).count },
      {
        nouns: ["AAA profile", "AAA profiles"],
        count: async (stores, organization) => (await stores.aaaProfiles.list({ organization }, countAlone)).count,
      },
      {
        nouns: ["API token", "API tokens"],
        count: async (stores, organization) => (await stores.apiTokens.list({ organization }, countAlone)).count,
      },
      {
        nouns: ["device", "devices"],
        count: async (stores, organization) => (await stores.devices.list({ organization }, countAlone)).count,
      },
      {
        nouns: ["AAA client", "AAA clients"],
        count: async (stores, organization) => (await stores.aaaClients.list({ organization }, countAlone)).count,
      },
    ],
    ties: [
      {
        nouns: ["user", "users"],
        count: (tx, { organizationIds, leavesBehind }) => tx.users.countUsing(organizationIds, leavesBehind),
      },
    ],
    dependents: [(tx, organization) => tx.apiTokens.deleteRevoked(organization)],
    followers: [eraseReversibleSecrets],
  });
  const apiTokens = createApiTokenService({ work, ids, directory });
  const aaaProfiles = createAaaProfileService({ work, ids, directory });
  const users = createUserService<Stores>({
    work,
    ids,
    directory,
    passwords,
    dependents: [devicesOfAccounts, extrasOfAccounts, reversibleSecretsOfAccounts],
  });
  const clientTable = createClientTable({ work });
  const aaaClients = createAaaClientService<Stores>({ work, ids, directory, table: clientTable, dependents: [] });
  const userExtras = createUserExtraService({ work, ids });
  const deviceApp = createDeviceAppService({ work, ids, directory, users });

  const http = createHttpServer({
    routes: [
      ...organizationRoutes({ service: organizations, directory, work }),
      ...apiTokenRoutes({ service: apiTokens, directory, work }),
      ...aaaProfileRoutes({ service: aaaProfiles, directory, work }),
      ...userRoutes({ service: users, directory, work }),
      ...userTokenRoutes({ service: users, directory, work }),
      ...userExtraRoutes({ service: userExtras, directory, work }),
      ...deviceRoutes({ directory, work }),
      ...deviceAppRoutes({ service: deviceApp }),
      ...aaaClientRoutes({ service: aaaClients, directory, work }),
    ],
    authenticate: authenticator.authenticate,
    translateError: constraintErrors,
    logger,
    publicUrl: config.publicUrl,
  });
  registerHealth(http, {
    isReady: async () => void (await database.reader.selectFrom("schema_migration").select("name").limit(1).execute()),
  });
  registerSwagger(http);

  const flushUses = async () => {
    const uses = authenticator.takeUses();
    if (uses.size > 0) await database.write((handle) => apiTokenStoreOver(database.capabilities)(handle, null).noteUse(uses));
  };
  const job = setInterval(
    () => void flushUses().catch((error: unknown) => logger.error({ err: error }, "noting token use failed")),
    30_000,
  );
  job.unref();

  return {
    http,
    work,
    ids,
    directory,
    apiTokens,
    passwords,
    secretBox,
    clientTable,
    database,
    async close() {
      clearInterval(job);
      await http.close();
      await flushUses();
      await database.close();
    },
  };
};
