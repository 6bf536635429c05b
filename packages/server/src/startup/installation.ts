import type { Logger } from "pino";
import { type App, buildApp, type Surroundings } from "../composition/app.ts";
import type { Config } from "../config/settings.ts";
import { type Clock, systemClock } from "../kernel/clock.ts";
import { isBoundToKey, loadSecretKey, requireKeptKey, requireSameKey } from "../modules/foundation/keys/index.ts";
import type { Database } from "../storage/database.ts";
import { openPostgres } from "../storage/dialects/postgres.ts";
import { strictTls } from "../storage/dialects/postgres-tls.ts";
import { openSqlite, openSqliteReader } from "../storage/dialects/sqlite.ts";
import { contentsOf, migrate } from "../storage/migrator.ts";
import { InstallationRefused, type Opening, prepareSqliteFile, sqliteFile } from "./data-directory.ts";
import { explainDatabaseFailure } from "./database-failure.ts";

/** Opens the database that the configuration names: PostgreSQL by its URL, else SQLite in the data directory. */
export const openDatabase = async (config: Config, logger: Logger, opening: Opening = "may_create"): Promise<Database> => {
  try {
    if (config.databaseUrl !== undefined) {
      return openPostgres(strictTls(config.databaseUrl), {
        poolSize: config.databasePool,
        timeoutMs: config.databaseTimeoutSeconds * 1000,
        onConnectionError: (error) => logger.warn({ err: error }, "a database connection was lost"),
      });
    }
    await prepareSqliteFile(config, opening);
    return openSqlite(sqliteFile(config));
  } catch (error) {
    throw explainDatabaseFailure(error, config);
  }
};

/**
 * Opens the installation: the database at the newest schema, the key that belongs to it, and the wired app. Where it must
 * exist, neither a database nor a key is made.
 */
export const openInstallation = async (
  config: Config,
  logger: Logger,
  clock: Clock = systemClock,
  surroundings: Surroundings = {},
  opening: Opening = "may_create",
): Promise<App> => {
  const database = await openDatabase(config, logger, opening);
  return closingOnFailure(database, config, async () => {
    if (opening === "must_exist") await requireSchema(database);
    const ran = await migrate(database, clock);
    if (ran.length > 0) logger.info({ migrations: ran }, "the schema was brought up to date");
    const mayMakeKey = opening === "may_create" && !(await isBoundToKey(database.reader));
    const secretKey = await loadSecretKey(config.secretKey, config.dataDir, mayMakeKey);
    await requireSameKey(database, secretKey);
    return withClients(buildApp({ config, database, secretKey, clock, logger, surroundings }));
  });
};

/**
 * Opens the installation for one of several workers, when the primary has opened it and closed it again. A worker whose
 * surroundings take its writes reads alone.
 */
export const openWorker = async (config: Config, logger: Logger, surroundings: Surroundings): Promise<App> => {
  const database = surroundings.writes ? openSqliteReader(sqliteFile(config)) : await openDatabase(config, logger, "must_exist");
  return closingOnFailure(database, config, async () => {
    const secretKey = await loadSecretKey(config.secretKey, config.dataDir, false);
    await requireKeptKey(database.reader, secretKey);
    return withClients(buildApp({ config, database, secretKey, clock: systemClock, logger, surroundings }));
  });
};

/** An app that knows its AAA clients: from its first packet on each is looked up in memory. */
const withClients = async (app: App): Promise<App> => {
  await app.services.aaaClients.table.reload();
  return app;
};

/** Refuses a database in which no Gatehouse has ever served. */
export const requireSchema = async (database: Database): Promise<void> => {
  const contents = await contentsOf(database);
  if (contents === "ours") return;
  const found = contents === "none" ? "is empty" : "holds tables of another program, and none of Gatehouse's";
  throw new InstallationRefused(`The database ${found}. Start \`gatehouse serve\` once, which brings it to life, or name another one.`);
};

/** Refuses a command whose key is lost or another one, where it has no use for the key: it stands at the wrong place. */
export const requireItsKey = async (database: Database, config: Config): Promise<void> => {
  if (!(await isBoundToKey(database.reader))) return;
  await requireKeptKey(database.reader, await loadSecretKey(config.secretKey, config.dataDir, false));
};

const closingOnFailure = async <T>(database: Database, config: Config, use: () => Promise<T>): Promise<T> => {
  try {
    return await use();
  } catch (error) {
    await database.close();
    throw explainDatabaseFailure(error, config);
  }
};
