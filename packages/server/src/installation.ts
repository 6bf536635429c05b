import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import { type App, buildApp } from "./app.ts";
import type { Config } from "./config/settings.ts";
import { type Clock, systemClock } from "./kernel/clock.ts";
import { loadSecretKey, requireSameKey } from "./modules/foundation/keys/index.ts";
import type { Database } from "./storage/database.ts";
import { openPostgres } from "./storage/dialects/postgres.ts";
import { openSqlite } from "./storage/dialects/sqlite.ts";
import { migrate } from "./storage/migrator.ts";

/** Opens the database that the configuration names: PostgreSQL by its URL, else SQLite in the data directory. */
export const openDatabase = async (config: Config, logger: Logger): Promise<Database> => {
  if (config.databaseUrl !== undefined) {
    return openPostgres(config.databaseUrl, {
      poolSize: config.databasePool,
      onConnectionError: (error) => logger.warn({ err: error }, "a database connection was lost"),
    });
  }
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  return openSqlite(join(config.dataDir, "gatehouse.db"));
};

/** Opens the installation: the database at the newest schema, the key that belongs to it, and the wired app. */
export const openInstallation = async (config: Config, logger: Logger, clock: Clock = systemClock): Promise<App> => {
  const database = await openDatabase(config, logger);
  try {
    const ran = await migrate(database, clock);
    if (ran.length > 0) logger.info({ migrations: ran }, "the schema was brought up to date");
    const secretKey = await loadSecretKey(config.secretKey, config.dataDir);
    await requireSameKey(database, secretKey);
    const app = buildApp({ config, database, secretKey, clock, logger });
    await app.network.clientTable.reload();
    return app;
  } catch (error) {
    await database.close();
    throw error;
  }
};
