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
import { aaaProfileRoutes, createAaaProfileService } from "./modules/accounts/aaa-profiles/index.ts";
import { createDeviceAppService, deviceAppRoutes } from "./modules/accounts/device-app/index.ts";
import { deviceRoutes, devicesOfAccounts } from "./modules/accounts/devices/index.ts";
import { createPasswordHasher, createPasswordTurnstile, type PasswordHasher } from "./modules/accounts/passwords/index.ts";
import { eraseReversibleSecrets, reversibleSecretsOfAccounts } from "./modules/accounts/reversible-secrets/index.ts";
import { createUserExtraService, extrasOfAccounts, userExtraRoutes } from "./modules/accounts/user-extras/index.ts";
import { createUserService, userRoutes, userTokenRoutes } from "./modules/accounts/users/index.ts";
import {
  type ApiTokenService,
  apiTokenRoutes,
  apiTokenStoreOver,
  createApiTokenService,
  createAuthenticator,
} from "./modules/foundation/api-tokens/index.ts";
import { auditHandler } from "./modules/foundation/audit/index.ts";
import { keptCountsHandler } from "./modules/foundation/kept-counts/index.ts";
import { createSecretBox, type SecretBox } from "./modules/foundation/keys/index.ts";
import {
  createOrganizationDirectory,
  createOrganizationService,
  type OrganizationDirectory,
  organizationRoutes,
} from "./modules/foundation/organizations/index.ts";
import { decisionsOfAccounts } from "./modules/network/network-access/index.ts";
import { buildNetwork, type Network } from "./network.ts";
import type { Database, Handle } from "./storage/database.ts";
import { createIdSource } from "./storage/ids.ts";
import { type Stores, storeFactories } from "./stores.ts";

export type { Stores } from "./stores.ts";

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
  readonly network: Network;
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
    stores: storeFactories(database.capabilities, secretBox),
    // What becomes of every change, in this order.
    handlers: [
      auditHandler,
      keptCountsHandler(database.capabilities),
      {
        afterCommit(changes) {
          if (changes.some((change) => change.resource === "organization")) directory.drop();
          if (changes.some((change) => change.resource === "api_token")) authenticator.forget();
          if (changes.some((change) => change.resource === "aaa_profile")) network.forgetProfiles();
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
    dependents: [devicesOfAccounts, extrasOfAccounts, reversibleSecretsOfAccounts, decisionsOfAccounts],
  });
  const network = buildNetwork({ work, ids, clock, logger, directory, secretKey: deps.secretKey, passwordTurnstile, hasher: passwords });
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
      ...network.routes,
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
    network,
    database,
    async close() {
      clearInterval(job);
      await http.close();
      await network.flush();
      await flushUses();
      await database.close();
    },
  };
};
