import { randomBytes } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Database, Handle } from "../../../storage/database.ts";
import { fingerprintOf } from "./secret-key.ts";

/** The key cannot be used; the message says what to do. */
export class KeyRefused extends Error {
  override readonly name = "KeyRefused";
}

const keyFile = "secret.key";
const fingerprintName = "secret_key_fingerprint";

/** The configured key, or the one kept in the data directory, which is made at the first start. */
export const loadSecretKey = async (configured: string | undefined, dataDir: string): Promise<Buffer> => {
  if (configured !== undefined) return Buffer.from(configured, "base64");
  const path = join(dataDir, keyFile);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  try {
    const file = await open(path, "wx", 0o600);
    await file.writeFile(`${randomBytes(32).toString("base64")}\n`);
    await file.sync();
    await file.close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const key = Buffer.from((await readFile(path, "utf8")).trim(), "base64");
  if (key.length !== 32) throw new KeyRefused(`${path} does not hold 32 bytes in base64. Restore it from a backup.`);
  return key;
};

/** Binds the database to its first key and refuses every other one: a second key would make records unreadable. */
export const requireSameKey = async (database: Database, key: Buffer): Promise<void> => {
  await database.write((handle) =>
    handle
      .insertInto("installation")
      .values({ name: fingerprintName, value: fingerprintOf(key) })
      .onConflict((conflict) => conflict.column("name").doNothing())
      .execute(),
  );
  await requireKeptKey(database.reader, key);
};

/** Refuses every key but the one that the database is bound to. */
export const requireKeptKey = async (reader: Handle, key: Buffer): Promise<void> => {
  const kept = await reader.selectFrom("installation").select("value").where("name", "=", fingerprintName).executeTakeFirst();
  if (kept?.value !== fingerprintOf(key)) {
    throw new KeyRefused(
      "The secret key is not the one that this database was made with. Set GATEHOUSE_SECRET_KEY to that key, or put its secret.key file into the data directory.",
    );
  }
};
