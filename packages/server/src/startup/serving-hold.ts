import { readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Config } from "../config/settings.ts";
import { holdFile } from "../storage/dialects/sqlite-file-hold.ts";
import { makeOwnDirectory } from "../storage/own-directory.ts";
import { InstallationRefused, makeOwnFile } from "./data-directory.ts";
import { explainDatabaseFailure } from "./database-failure.ts";

/** The right of a process to serve a data directory. */
export interface ServingHold {
  release(): Promise<void>;
}

/**
 * Takes the right to serve the database of a data directory, or throws InstallationRefused with the process that has it: two
 * would each remember what the other changes, and count sessions and attempts of their own. Nodes share a PostgreSQL
 * database as they like, and their data directory holds no more than the key.
 */
export const holdForServing = async (config: Config): Promise<ServingHold> => {
  if (config.databaseUrl !== undefined) return { release: async () => {} };
  const lockFile = join(config.dataDir, "serve.lock");
  const processFile = join(config.dataDir, "serve.pid");
  try {
    await makeOwnDirectory(config.dataDir);
    for (const file of [lockFile, processFile]) await makeOwnFile(file);
    const hold = holdFile(lockFile);
    if (!hold) throw new InstallationRefused(await servedBy(config.dataDir, processFile));
    await writeFile(processFile, `${process.pid} ${hostname()}\n`);
    return {
      async release() {
        await rm(processFile, { force: true });
        hold.release();
      },
    };
  } catch (error) {
    throw explainDatabaseFailure(error, config);
  }
};

const servedBy = async (dataDir: string, processFile: string): Promise<string> => {
  const [pid = "", host = ""] = (await readFile(processFile, "utf8").catch(() => "")).trim().split(" ");
  const holder = /^\d+$/.test(pid) ? `process ${pid}${host === hostname() ? "" : ` on ${host}`}` : "a process that does not say its number";
  return `${dataDir} is served already, by ${holder}. Stop that Gatehouse, or set GATEHOUSE_DATA_DIR to another directory. For several processes on one database use --workers, or PostgreSQL.`;
};
