import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import { type App, buildApp, type Surroundings } from "./app.ts";
import type { Config } from "./config/settings.ts";
import { type Clock, systemClock } from "./kernel/clock.ts";
import { loadSecretKey, requireKeptKey, requireSameKey } from "./modules/foundation/keys/index.ts";
import type { Database } from "./storage/database.ts";
import { openPostgres } from "./storage/dialects/postgres.ts";
import { openSqlite, openSqliteReader } from "./storage/dialects/sqlite.ts";
import { migrate } from "./storage/migrator.ts";

/** Opens the database that the configuration names: PostgreSQL by its URL, else SQLite in the data directory. */
export const openDatabase = async (config: Config, logger: Logger): Promise<Database> => {
  if (config.databaseUrl !== undefined) {
    return openPostgres(config.databaseUrl, {
      poolSize: config.databasePool,
      timeoutMs: config.databaseTimeoutSeconds * 1000,
      onConnectionError: (error) => logger.warn({ err: error }, "a database connection was lost"),
    });
  }
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  return openSqlite(sqliteFile(config));
};

const sqliteFile = (config: Config): string => join(config.dataDir, "gatehouse.db");

/** Opens the installation: the database at the newest schema, the key that belongs to it, and the wired app. */
export const openInstallation = async (
  config: Config,
  logger: Logger,
  clock: Clock = systemClock,
  surroundings: Surroundings = {},
): Promise<App> => {
  const database = await openDatabase(config, logger);
  return closingOnFailure(database, async () => {
    const ran = await migrate(database, clock);
    if (ran.length > 0) logger.info({ migrations: ran }, "the schema was brought up to date");
    const secretKey = await loadSecretKey(config.secretKey, config.dataDir);
    await requireSameKey(database, secretKey);
    return withClients(buildApp({ config, database, secretKey, clock, logger, surroundings }));
  });
};

/**
 * Opens the installation for one of several workers, when the primary has opened it and closed it again. A worker whose
 * surroundings take its writes reads alone.
 */
export const openWorker = async (config: Config, logger: Logger, surroundings: Surroundings): Promise<App> => {
  const database = surroundings.writes ? openSqliteReader(sqliteFile(config)) : await openDatabase(config, logger);
  return closingOnFailure(database, async () => {
    const secretKey = await loadSecretKey(config.secretKey, config.dataDir);
    await requireKeptKey(database.reader, secretKey);
    return withClients(buildApp({ config, database, secretKey, clock: systemClock, logger, surroundings }));
  });
};

/** An app that knows its AAA clients: from its first packet on each is looked up in memory. */
const withClients = async (app: App): Promise<App> => {
  await app.network.clientTable.reload();
  return app;
};

const closingOnFailure = async <T>(database: Database, use: () => Promise<T>): Promise<T> => {
  try {
    return await use();
  } catch (error) {
    await database.close();
    throw error;
  }
};
