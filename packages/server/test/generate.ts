import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import pg from "pg";
import { pino } from "pino";
import { readConfig } from "../src/config/settings.ts";
import { systemClock } from "../src/kernel/clock.ts";
import { openDatabase } from "../src/startup/installation.ts";
import { migrate } from "../src/storage/migrator.ts";
import { generatedFiles, repositoryRoot, staleFiles } from "./generated/generated-files.ts";
import { startPostgres } from "./support/postgres-server.ts";

/** The schema that the migrations make of an empty database. */
const schemaOf = async (environment: Record<string, string>): Promise<string> => {
  const database = await openDatabase(readConfig(environment), pino({ level: "silent" }));
  try {
    await migrate(database, systemClock);
    return await database.describeSchema();
  } finally {
    await database.close();
  }
};

const directory = await mkdtemp(join(tmpdir(), "gatehouse-generate-"));
const server = await startPostgres();
try {
  const client = new pg.Client({ connectionString: server.url("postgres") });
  await client.connect();
  await client.query("create database generate");
  await client.end();
  const schemas = {
    sqlite: await schemaOf({ GATEHOUSE_DATA_DIR: directory }),
    postgres: await schemaOf({ GATEHOUSE_DATA_DIR: directory, DATABASE_URL: server.url("generate") }),
  };
  const stale = await staleFiles(schemas);
  for (const path of stale) {
    const file = join(repositoryRoot, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, generatedFiles(schemas).get(path)!);
    process.stdout.write(`wrote ${path}\n`);
  }
  if (stale.length === 0) process.stdout.write("Everything generated is fresh.\n");
} finally {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}
