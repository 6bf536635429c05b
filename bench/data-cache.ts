import { createHash } from "node:crypto";
import { constants, existsSync, readFileSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { readConfig } from "../packages/server/src/config/settings.ts";
import { openInstallation } from "../packages/server/src/startup/installation.ts";
import { atEnd } from "./ending.ts";
import { plantDataSet } from "./planting.ts";
import { showProgress } from "./progress.ts";

/** The full-rights token of the data set. It opens nothing but a server that the bench has started on loopback. */
export const benchToken = "bench-token-of-the-root-organization-0123456789";
const secretKey = Buffer.alloc(32, 9).toString("base64");

/** Settings that every use of a data set shares. */
export const sharedEnvironment = { GATEHOUSE_SECRET_KEY: secretKey, GATEHOUSE_BOOTSTRAP_TOKEN: benchToken } as const;

/** A database that holds the data set and is one run's own. */
export interface PlantedDatabase {
  readonly environment: Readonly<Record<string, string>>;
  /** The database server's first process, where there is one. */
  readonly databasePid: number | undefined;
  drop(): Promise<void>;
}

const repository = join(import.meta.dirname, "..");
const madeFrom = ["packages/server/src/storage/schema.sqlite.sql", "packages/server/src/storage/schema.postgres.sql"];

/** Names what a data set is made from: another schema or another way of planting makes another one. */
export const dataSetKey = (users: number): string => {
  const hash = createHash("sha256");
  for (const path of [...madeFrom, "bench/data-set.ts", "bench/planting.ts"]) hash.update(readFileSync(join(repository, path)));
  return `${users}_${hash.digest("hex").slice(0, 12)}`;
};

/** Gives an empty database its schema. */
export const prepareInstallation = async (environment: Readonly<Record<string, string>>): Promise<void> => {
  const app = await openInstallation(readConfig({ ...sharedEnvironment, ...environment }), pino({ level: "error" }));
  await app.close();
};

/** Plants the data set into an empty database and shows how far it is. */
export const plantWithProgress = async (environment: Readonly<Record<string, string>>, users: number, what: string): Promise<void> => {
  const progress = showProgress(`planting ${users.toLocaleString("en")} users (${what})`, users);
  try {
    await plantDataSet({ environment: { ...sharedEnvironment, ...environment }, token: benchToken, users, onProgress: progress.update });
  } finally {
    progress.stop();
  }
};

/** A copy of the data set on SQLite; the data set itself is made where it is not there yet. */
export const openSqliteCopy = async (folder: string, users: number): Promise<PlantedDatabase> => {
  const name = `sqlite_${dataSetKey(users)}`;
  const source = join(folder, name, "gatehouse.db");
  if (!existsSync(source)) await makeSqlite(folder, name, users);
  const { path: copy, drop } = await temporaryFolder(folder);
  await copyFile(source, join(copy, "gatehouse.db"), constants.COPYFILE_FICLONE);
  return { environment: { ...sharedEnvironment, GATEHOUSE_DATA_DIR: copy }, databasePid: undefined, drop };
};

const makeSqlite = async (folder: string, name: string, users: number): Promise<void> => {
  for (const entry of await readdir(folder)) {
    if (entry.startsWith(`sqlite_${users}_`)) await rm(join(folder, entry), { recursive: true, force: true });
  }
  const { path: unfinished, drop } = await temporaryFolder(folder);
  await plantWithProgress({ GATEHOUSE_DATA_DIR: unfinished }, users, "SQLite");
  await rename(unfinished, join(folder, name));
  await drop();
};

/** A folder of this run beside the data sets, so that a copy of one is made on the same disk. */
export const temporaryFolder = async (folder: string): Promise<{ path: string; drop(): Promise<void> }> => {
  const path = await mkdtemp(join(folder, `run_${process.pid}_`));
  return { path, drop: atEnd(() => rm(path, { recursive: true, force: true })) };
};

/** Makes the folder of the data sets, and frees what benches that were killed have left in it. */
export const openFolder = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true });
  for (const entry of await readdir(folder)) {
    const pid = /^run_(\d+)_/.exec(entry)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) await rm(join(folder, entry), { recursive: true, force: true });
  }
};

export const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};
