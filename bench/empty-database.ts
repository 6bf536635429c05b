import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atEnd } from "./ending.ts";
import { onServer } from "./postgres-databases.ts";
import type { DatabaseName } from "./results.ts";

/** A database with nothing in it; `url` gives the URLs of a PostgreSQL server. */
export const openEmpty = async (database: DatabaseName, url: ((name: string) => string) | undefined) => {
  const dataDir = await mkdtemp(join(tmpdir(), "gatehouse-bench-"));
  const removeFolder = atEnd(() => rm(dataDir, { recursive: true, force: true }));
  if (database === "sqlite") return { environment: { GATEHOUSE_DATA_DIR: dataDir }, drop: removeFolder };
  if (!url) throw new Error("PostgreSQL was not started.");
  const name = `bench_${randomUUID().replaceAll("-", "")}`;
  await onServer(url("postgres"), `create database ${name}`);
  return {
    environment: { GATEHOUSE_DATA_DIR: dataDir, DATABASE_URL: url(name) },
    async drop() {
      await onServer(url("postgres"), `drop database ${name} with (force)`);
      await removeFolder();
    },
  };
};
