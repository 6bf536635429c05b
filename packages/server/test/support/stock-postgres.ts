import { execFileSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { type PostgresOptions, type PostgresServer, startPostgres } from "./postgres-server.ts";

/** The PostgreSQL that the suite is to hold on: the oldest that Gatehouse names. */
const preferred = "15";

/** The folder of the programs of an installed PostgreSQL. */
const installedPrograms = (): string => {
  const debians = globSync("/usr/lib/postgresql/*/bin").sort((a, b) => Number(/\d+/.exec(a)) - Number(/\d+/.exec(b)));
  const found = [...debians.filter((folder) => folder.includes(`/${preferred}/`)), ...debians, ...configured()];
  const folder = found.find((place) => existsSync(join(place, "initdb")) && existsSync(join(place, "postgres")));
  if (folder !== undefined) return folder;
  throw new Error(
    `No PostgreSQL server is installed here: neither in /usr/lib/postgresql nor where pg_config says. On Debian: apt-get install postgresql-${preferred}`,
  );
};

const configured = (): string[] => {
  try {
    return [execFileSync("pg_config", ["--bindir"], { encoding: "utf8" }).trim()];
  } catch {
    return [];
  }
};

/** Starts the PostgreSQL that is installed as its package has set it up: with JIT, with a hundred connections, with every write on disk. */
export const stockPostgres = (options: Pick<PostgresOptions, "settings" | "log" | "tls"> = {}): Promise<PostgresServer> =>
  startPostgres({ settings: {}, ...options, programsIn: installedPrograms() });
