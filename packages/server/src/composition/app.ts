import { allOperations } from "@gatehouse-aaa/contract";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import type { Config } from "../config/settings.ts";
import { createWriteReceiver, type WriteReceiver } from "../handover/write-receiver.ts";
import { registerHealth } from "../http/health.ts";
import { registerMetrics } from "../http/metrics.ts";
import { productVersion } from "../http/product-version.ts";
import { createHttpServer } from "../http/server.ts";
import { registerSwagger } from "../http/swagger.ts";
import { type Clock, systemDelay } from "../kernel/clock.ts";
import type { IdSource } from "../kernel/ids.ts";
import { createWork, type Work } from "../kernel/unit-of-work.ts";
import { contentType, exposition } from "../metrics/exposition.ts";
import type { Family } from "../metrics/family.ts";
import { aaaProfileRoutes, createAaaProfileService } from "../modules/accounts/aaa-profiles/index.ts";
import { createDeviceAppService, deviceAppRoutes } from "../modules/accounts/device-app/index.ts";
import { deviceRoutes, devicesOfAccounts } from "../modules/accounts/devices/index.ts";
import { createPasswordHasher, createPasswordQueue, type PasswordHasher } from "../modules/accounts/passwords/index.ts";
import { eraseReversibleSecrets, reversibleSecretsOfAccounts } from "../modules/accounts/reversible-secrets/index.ts";
import { createLedgerProof } from "../modules/accounts/time-ledger/index.ts";
import { createUserExtraService, extrasOfAccounts, userExtraRoutes } from "../modules/accounts/user-extras/index.ts";
import { createUserService, userRoutes, userTokenRoutes } from "../modules/accounts/users/index.ts";
import {
  type ApiTokenService,
  apiTokenRoutes,
  apiTokenStore,
  createApiTokenService,
  createAuthenticator,
  createTokenRecall,
} from "../modules/foundation/api-tokens/index.ts";
import { changeLogHandler } from "../modules/foundation/change-log/index.ts";
import { installationStore } from "../modules/foundation/installation/index.ts";
import { keptCountsHandler } from "../modules/foundation/kept-counts/index.ts";
import { createSecretBox, type SecretBox } from "../modules/foundation/keys/index.ts";
import {
  createOrganizationDirectory,
  createOrganizationService,
  createPayers,
  type OrganizationDirectory,
  organizationRoutes,
} from "../modules/foundation/organizations/index.ts";
import { createAttempts } from "../modules/network/network-access/index.ts";
import type { RadiusServer } from "../radius/server/radius-server.ts";
import type { Database, Handle } from "../storage/database.ts";
import { createIdSource } from "../storage/ids.ts";
import { doTogether } from "../storage/runner.ts";
import { createSignals, signalsHandler } from "../storage/signals.ts";
import { createAccountNames } from "./account-names.ts";
import { dictionarySecrets, dictionarySpelling, profileDictionary, storedDictionary } from "./attribute-dictionary.ts";
import { createCoaClient } from "./coa-client.ts";
import { constraintErrors } from "./constraint-errors.ts";
import { createFigures } from "./figures.ts";
import { handedRoutes } from "./handed-routes.ts";
import { counting, deletionBlockers, moveBlockers, type Noun, type Stores, signalTopics, storeFactories } from "./modules.ts";
import { buildNetwork, type Network } from "./network.ts";
import { createNetworkTraffic } from "./network-traffic.ts";
import { createReadiness } from "./readiness.ts";
import { createSchedule } from "./schedule.ts";
import type { Surroundings } from "./surroundings.ts";

export type { Stores } from "./modules.ts";
export type { Surroundings } from "./surroundings.ts";

export interface AppDependencies {
  readonly config: Config;
  readonly database: Database;
  readonly secretKey: Buffer;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly surroundings?: Surroundings;
}

/** A Gatehouse that is wired together and does not listen yet. */
export interface App {
  readonly http: FastifyInstance;
  readonly work: Work<Stores>;
  readonly ids: IdSource<Noun>;
  readonly directory: OrganizationDirectory;
  readonly apiTokens: ApiTokenService;
  readonly passwords: PasswordHasher;
  readonly secretBox: SecretBox;
  readonly network: Network;
  /** The embedded RADIUS server; it opens when there is a client. */
  readonly radius: RadiusServer;
  readonly database: Database;
  /** Carries out the writes of other processes of this node. */
  readonly writeReceiver: WriteReceiver;
  /** What this process measures of itself; each call begins a new period. */
  figures(): Promise<readonly Family[]>;
  /** What keeps this process from its work; empty where nothing does. */
  troubles(): readonly string[];
  /** Begins what runs beside requests: hearing other processes, recurring jobs. */
  start(): void;
  /** Ends what runs, in order: requests, jobs, the database. */
  close(): Promise<void>;
}

/** Wires everything together: the only place that knows all modules. `serve` and the tests build the same. */
export const buildApp = (deps: AppDependencies): App => {
  const { config, database, clock, logger, surroundings = {} } = deps;
  const { writes, lookup, delay = systemDelay } = surroundings;
  const ids = createIdSource<Noun>(database, clock);
  const directory = createOrganizationDirectory(database.reader, clock);
  const payerOf = createPayers(directory);
  const passwordQueue = createPasswordQueue();
  const passwords = createPasswordHasher(passwordQueue, clock);
  const secretBox = createSecretBox(deps.secretKey);
  const signals = createSignals({ database, topics: signalTopics, onTrouble: (message, error) => logger.warn({ err: error }, message) });
  const work = createWork<Handle, Stores>({
    database: {
      reader: database.reader,
      write: (unit, { scope }) => database.write(unit, scope.payer ?? payerOf(scope.organizationId)),
      doTogether,
      announce: database.announce,
    },
    clock,
    stores: storeFactories({ capabilities: database.capabilities, secretBox, ...storedDictionary }),
    onEffectFailure: (error) => logger.error({ err: error }, "an effect after a commit failed"),
  });
  const authenticator = createAuthenticator({ work, directory, clock });
  const tokenRecall = createTokenRecall({ work, directory, clock });
  signals.on("organization", directory.drop);
  signals.on("api_token", authenticator.forget);
  signals.on("api_token", tokenRecall.forget);
  signals.on("aaa_profile", () => network.forgetProfiles());
  const attempts = createAttempts({ clock, delay, tell: signals.send });
  signals.onMessage(attempts.hear);
  for (const topic of ["aaa_client", "address_grant", "organization"] as const) signals.on(topic, () => network.reloadClients());
  const coaClient = createCoaClient(config, clock, delay);
  const network = buildNetwork({
    work,
    attempts,
    ids,
    clock,
    logger,
    directory,
    payerOf,
    isConcurrent: database.capabilities.needsRowLocks,
    secretKey: deps.secretKey,
    passwordQueue,
    hasher: passwords,
    decisionDays: config.decisionDays,
    surroundings: { spelling: dictionarySpelling, coaClient, delay, lookup, hasKnownSource: config.radiusSourceAddresses.length > 0 },
    wake: () => traffic.wake(),
  });
  const traffic = createNetworkTraffic({ network, coaClient, config, sharesPorts: surroundings.sharesRadiusPorts ?? false, clock, logger });
  // What becomes of every change, in this order: the rows of the counts are everybody's, and come after what may have to wait.
  work.addHandler(changeLogHandler);
  work.addHandler(network.deadlineHandler);
  work.addHandler(keptCountsHandler(counting));
  work.addHandler(signalsHandler(signals));
  const readiness = createReadiness({ database, radius: traffic.radius, logger });
  const organizations = createOrganizationService({
    work,
    ids,
    directory,
    deletionBlockers,
    moveBlockers,
    dependents: [(tx, organization) => tx.apiTokens.deleteRevoked(organization)],
    followers: [eraseReversibleSecrets],
  });
  const apiTokens = createApiTokenService({ work, ids, directory });
  const aaaProfiles = createAaaProfileService({ work, ids, directory, ...profileDictionary });
  const users = createUserService<Stores>({
    work,
    ids,
    directory,
    passwords,
    hooks: [...network.accountHooks, devicesOfAccounts, extrasOfAccounts, reversibleSecretsOfAccounts],
  });
  const userExtras = createUserExtraService({ work, ids });
  const deviceApp = createDeviceAppService({ work, ids, directory, users, findNamed: createAccountNames({ work, directory }) });

  const routes = [
    ...organizationRoutes({ service: organizations, directory, work }),
    ...apiTokenRoutes({ service: apiTokens, directory, work }),
    ...aaaProfileRoutes({ service: aaaProfiles, directory, work, isSecret: dictionarySecrets }),
    ...userRoutes({ service: users, directory, work }),
    ...userTokenRoutes({ service: users, directory, work }),
    ...userExtraRoutes({ service: userExtras, directory, work }),
    ...deviceRoutes({ directory, work }),
    ...deviceAppRoutes({ service: deviceApp }),
    ...network.routes,
  ];
  const noteUses = (uses: ReadonlyMap<number, number>) => database.write((handle) => apiTokenStore(database)(handle, null).noteUse(uses));
  const noteTokenUses = async () => {
    const uses = authenticator.takeUses();
    if (uses.size > 0) await (writes ?? { noteUses }).noteUses(uses);
  };
  const ledgerProof = createLedgerProof({
    store: work.acrossTenants("a job proves every ledger").ledgerProof,
    find: () => work.acrossTenants("a pass belongs to no tenant").installation.find("ledger_proof"),
    keep: (pass) => database.write((handle) => installationStore()(handle, null).keep("ledger_proof", pass)),
    clock,
    onDiscrepancy: (found) => logger.error(found, "a balance is not the sum of its ledger"),
  });
  const scheduler = createSchedule({
    work: { noteTokenUses, ledgerProof: ledgerProof.job, network: writes ? network.readingJobs : [readiness.damageJob, ...network.jobs] },
    database,
    logger,
    writes: !writes,
  });
  const figures = createFigures(
    productVersion,
    allOperations.map((operation) => operation.operationId),
    {
      database,
      authenticator,
      signals,
      scheduler,
      ledgerProof,
      others: [...(surroundings.collectors ?? []), ...(writes ? [writes.collect] : [traffic.collect])],
    },
  );
  const collectFigures = async () => {
    if (!writes) await network.figures.refresh();
    return figures.collect();
  };
  const writeReceiver = createWriteReceiver({
    routes,
    callerOf: tokenRecall.callerOf,
    translateError: constraintErrors,
    noteUses,
    logger,
  });
  const http = createHttpServer({
    routes: writes ? handedRoutes(routes, writes, signals, directory) : routes,
    authenticate: authenticator.authenticate,
    translateError: constraintErrors,
    observer: {
      logger,
      logRequest: surroundings.logRequest ?? ((request) => logger.info(request, "request")),
      onAnswered: figures.onAnswered,
    },
    settings: {
      publicUrl: config.publicUrl,
      trustedProxies: config.trustedProxies,
      bodyLimits: { memory: config.bodyMemoryBytes },
      overloadDelayMs: config.overloadDelayMs,
    },
  });
  registerMetrics(http, {
    access: config.metrics,
    authenticate: authenticator.authenticate,
    contentType,
    text: surroundings.gatherMetrics ?? (async () => exposition([await collectFigures()])),
  });
  registerHealth(http, {
    askDatabase: readiness.askDatabase,
    troubles: () => [...new Set([...readiness.troubles(), ...(surroundings.troublesOfOthers?.() ?? [])])],
  });
  registerSwagger(http, config.publicUrl);
  let isOpen = false;
  http.addHook("onReady", async () => {
    isOpen = true;
  });

  return {
    http,
    work,
    ids,
    directory,
    apiTokens,
    passwords,
    secretBox,
    network,
    radius: traffic.radius,
    database,
    writeReceiver,
    figures: collectFigures,
    troubles: readiness.troubles,
    start() {
      signals.start();
      scheduler.start();
      network.clientNames.start();
      if (!writes) scheduler.runNow(readiness.damageJob.name);
      // A process that cannot write leaves network equipment to the one that can.
      if (!writes) traffic.open();
    },
    async close() {
      figures.close();
      await scheduler.close();
      // To close what was never opened would load it first, and a command has no use for that.
      if (isOpen) await http.close();
      await traffic.close();
      await signals.close();
      await network.close();
      await writeReceiver.close();
      await noteTokenUses().catch((error: unknown) => logger.warn({ err: error }, "when tokens were last used could not be noted"));
      await network.flush();
      await writes?.close();
      await database.close();
    },
  };
};
