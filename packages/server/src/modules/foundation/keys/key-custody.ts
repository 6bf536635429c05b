import { randomBytes } from "node:crypto";
import { chmod, link, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Database, Handle } from "../../../storage/database.ts";
import { makeOwnDirectory } from "../../../storage/own-directory.ts";
import { installationStore } from "../installation/index.ts";
import { fingerprintOf } from "./secret-key.ts";

/** The key cannot be used; the message says what to do. */
export class KeyRefused extends Error {
  override readonly name = "KeyRefused";
}

const keyFile = "secret.key";
const fingerprintName = "secret_key_fingerprint";

/**
 * The configured key, or the one kept in the data directory. `mayMake`: the database has no key yet, so that one is made
 * where none is kept. A lost key is never replaced: what it sealed would be unreadable for good. Throws KeyRefused.
 */
export const loadSecretKey = async (configured: string | undefined, dataDir: string, mayMake: boolean): Promise<Buffer> => {
  if (configured !== undefined) return Buffer.from(configured, "base64");
  const path = join(dataDir, keyFile);
  if (mayMake) {
    await makeKeyFile(path, dataDir).catch((error: unknown) => {
      throw unusable(path, "made", error);
    });
  }
  const key = Buffer.from((await readKeyFile(path)).trim(), "base64");
  if (key.length !== 32) throw new KeyRefused(`${path} does not hold 32 bytes in base64. Restore it from a backup.`);
  return key;
};

const reasons: Readonly<Record<string, string>> = {
  EISDIR: "a directory stands there. Move it away, and put the file there",
  ENOTDIR: "GATEHOUSE_DATA_DIR is no directory",
  EEXIST: "GATEHOUSE_DATA_DIR is no directory",
  EACCES: "this user may not. Check who owns it and its directory",
  EPERM: "this user may not. Check who owns it and its directory",
  EROFS: "the disk is mounted read-only",
  ENOSPC: "there is no room on its disk",
  EDQUOT: "this user has no room left on its disk",
  ELOOP: "it is a symbolic link to itself",
};

const unusable = (path: string, what: "read" | "made", error: unknown): KeyRefused => {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return new KeyRefused(`${path} cannot be ${what}: ${reasons[code] ?? message}. GATEHOUSE_SECRET_KEY gives the key without a file.`);
};

/** Two processes that start together use the file of the one that was faster. It is whole before it has its name. */
const makeKeyFile = async (path: string, dataDir: string): Promise<void> => {
  await makeOwnDirectory(dataDir);
  const draft = `${path}.${process.pid}`;
  const file = await open(draft, "w", 0o600);
  try {
    await file.writeFile(`${randomBytes(32).toString("base64")}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(draft, { force: true });
  }
};

const readKeyFile = async (path: string): Promise<string> => {
  try {
    // Whoever can read the key can read all that it seals.
    if (process.platform !== "win32") await chmod(path, 0o600).catch(() => undefined);
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw unusable(path, "read", error);
    throw new KeyRefused(
      `The database was made with a secret key, and ${path} is missing. Restore that file from a backup, or set GATEHOUSE_SECRET_KEY to the key. No new one is made: it could not read what the lost one has encrypted.`,
    );
  }
};

/** Whether the database has its key already. */
export const isBoundToKey = async (reader: Handle): Promise<boolean> => (await keptFingerprint(reader)) !== undefined;

/** What the installation keeps, before there are units of work: it belongs to no tenant. */
const factsOver = (handle: Handle) => installationStore()(handle, null);

const keptFingerprint = (reader: Handle): Promise<string | undefined> => factsOver(reader).find(fingerprintName);

/** Binds the database to its first key and refuses every other one: a second key would make records unreadable. */
export const requireSameKey = async (database: Database, key: Buffer): Promise<void> => {
  await database.write((handle) => factsOver(handle).claim(fingerprintName, fingerprintOf(key)));
  await requireKeptKey(database.reader, key);
};

/** Refuses every key but the one that the database is bound to. */
export const requireKeptKey = async (reader: Handle, key: Buffer): Promise<void> => {
  if ((await keptFingerprint(reader)) !== fingerprintOf(key)) {
    throw new KeyRefused(
      "The secret key is not the one that this database was made with. Set GATEHOUSE_SECRET_KEY to that key, or put its secret.key file into the data directory.",
    );
  }
};
