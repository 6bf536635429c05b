import { constants } from "node:fs";
import { access, chmod, open, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../config/settings.ts";
import { isForeignFile } from "../storage/dialects/sqlite-contents.ts";
import { makeOwnDirectory } from "../storage/own-directory.ts";

/** The installation cannot be opened as it stands; the message says what to do. */
export class InstallationRefused extends Error {
  override readonly name = "InstallationRefused";
}

/** Who opens an installation: `serve` makes what is not there yet; a command needs an installation that exists. */
export type Opening = "may_create" | "must_exist";

/** The SQLite database of a data directory. */
export const sqliteFile = (config: Config): string => join(config.dataDir, "gatehouse.db");

const ownerOnly = 0o600;

/**
 * Makes the data directory and an empty database file where there is none yet, and keeps both to their owner: SQLite gives
 * its other files the mode of the database. Throws InstallationRefused where a part of an installation is lost.
 */
export const prepareSqliteFile = async (config: Config, opening: Opening): Promise<void> => {
  const file = sqliteFile(config);
  const files = [file, `${file}-wal`, `${file}-shm`];
  for (const path of files) await requireUsable(path);
  if (!(await hasContent(file))) {
    await refuseHalf(config, file);
    if (opening === "must_exist") {
      throw new InstallationRefused(
        `There is no database in ${config.dataDir}. Start \`gatehouse serve\` once, which makes it, or set GATEHOUSE_DATA_DIR to the directory that is meant.`,
      );
    }
    await makeOwnDirectory(config.dataDir);
    await (await open(file, "a", ownerOnly)).close();
  } else if (isForeignFile(file)) {
    throw new InstallationRefused(
      `${file} is the database of another program: it holds tables, and none of Gatehouse's. Nothing was changed. Set GATEHOUSE_DATA_DIR to a directory of Gatehouse's own.`,
    );
  }
  for (const path of files) await keepToOwner(path);
};

/** Makes an empty file of the data directory where there is none yet, and keeps it to its owner. */
export const makeOwnFile = async (path: string): Promise<void> => {
  await requireUsable(path);
  await (await open(path, "a", ownerOnly)).close();
  await keepToOwner(path);
};

/** Refuses what stands in the place of a file and is none, and a file that this user may not open: the database would name neither. */
const requireUsable = async (path: string): Promise<void> => {
  try {
    if (!(await stat(path)).isFile()) {
      throw new InstallationRefused(
        `${path} is no file, and a file must stand there. Move it away; if it held data, restore it from a backup.`,
      );
    }
    await access(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EACCES") {
      throw new InstallationRefused(
        `This user may not read and write ${path}. Give the file to the user that runs Gatehouse, with the mode 0600.`,
      );
    }
    // What is missing is made, or missed, further on.
    if (code !== "ENOENT") throw error;
  }
};

/** A key or a log without its database is what is left of an installation: a new database beside it would hide the loss. */
const refuseHalf = async (config: Config, file: string): Promise<void> => {
  for (const name of ["secret.key", "gatehouse.db-wal"]) {
    if (!(await hasContent(join(config.dataDir, name)))) continue;
    throw new InstallationRefused(
      `${config.dataDir} holds ${name} and no database: gatehouse.db is missing or empty. Restore ${file} from a backup. To begin anew instead, move everything out of ${config.dataDir} first.`,
    );
  }
};

const hasContent = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).size > 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
};

const keepToOwner = async (path: string): Promise<void> => {
  try {
    await access(path);
  } catch {
    return;
  }
  const { mode } = await stat(path);
  if ((mode & 0o777) !== ownerOnly && process.platform !== "win32") await chmod(path, ownerOnly);
};
