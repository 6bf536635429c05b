import { statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import pg from "pg";
import { startPostgres } from "../packages/server/test/support/postgres-server.ts";
import {
  dataSetKey,
  isRunning,
  type PlantedDatabase,
  plantWithProgress,
  prepareInstallation,
  sharedEnvironment,
  temporaryFolder,
} from "./data-cache.ts";
import { atEnd } from "./ending.ts";
import { say } from "./progress.ts";

/** What differs from the defaults of PostgreSQL: memory as a small machine of one's own would give it. All writes are durable. */
export const postgresSettings = { fsync: "on", synchronous_commit: "on", shared_buffers: "256MB", max_connections: "200" } as const;

/** The PostgreSQL of this run with the data sets that earlier runs have made in it. */
export interface PostgresDatabases {
  readonly pid: number;
  /** A copy of the data set; the data set itself is made where it is not there yet. */
  openCopy(users: number): Promise<PlantedDatabase>;
  /** Two databases with nothing in them, one for Gatehouse and one for what it is measured beside, by their URLs. */
  openEmpty(): Promise<{ ours: string; theirs: string; drop(): Promise<void> }>;
  stop(): Promise<void>;
}

export const openPostgresDatabases = async (folder: string): Promise<PostgresDatabases> => {
  const keptIn = join(await reachable(folder), "postgres");
  const server = await startPostgres({ keptIn, settings: postgresSettings });
  const stop = atEnd(() => server.stop());
  const databases = await namesOf(server.url("postgres"));
  for (const name of databases) {
    const pid = /^run_(\d+)_/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) await onServer(server.url("postgres"), `drop database ${name} with (force)`);
  }
  let copies = 0;
  const openOne = async () => {
    copies += 1;
    const name = `run_${process.pid}_${copies}`;
    const drop = atEnd(() => onServer(server.url("postgres"), `drop database if exists ${name} with (force)`));
    await onServer(server.url("postgres"), `create database ${name}`);
    return { url: server.url(name), drop };
  };
  return {
    pid: server.pid,
    stop,
    async openEmpty() {
      const [ours, theirs] = [await openOne(), await openOne()];
      const drop = async () => {
        await ours.drop();
        await theirs.drop();
      };
      return { ours: ours.url, theirs: theirs.url, drop };
    },
    async openCopy(users) {
      const source = `data_set_${dataSetKey(users)}`;
      if (!(await namesOf(server.url("postgres"))).includes(source)) await makeDataSet(server.url, folder, users, source);
      copies += 1;
      const name = `run_${process.pid}_${copies}`;
      const drop = atEnd(() => onServer(server.url("postgres"), `drop database if exists ${name} with (force)`));
      await onServer(server.url("postgres"), `create database ${name} template ${source} strategy file_copy`);
      const { path: dataDir } = await temporaryFolder(folder);
      return {
        environment: { ...sharedEnvironment, GATEHOUSE_DATA_DIR: dataDir, DATABASE_URL: server.url(name) },
        databasePid: server.pid,
        drop,
      };
    },
  };
};

const makeDataSet = async (url: (database: string) => string, folder: string, users: number, source: string): Promise<void> => {
  for (const name of await namesOf(url("postgres"))) {
    if (name.startsWith(`data_set_${users}_`)) await onServer(url("postgres"), `drop database ${name} with (force)`);
  }
  const unfinished = `run_${process.pid}_unfinished`;
  const { path: dataDir } = await temporaryFolder(folder);
  await onServer(url("postgres"), `create database ${unfinished}`);
  const drop = atEnd(() => onServer(url("postgres"), `drop database if exists ${unfinished} with (force)`));
  const environment = { GATEHOUSE_DATA_DIR: dataDir, DATABASE_URL: url(unfinished) };
  await prepareInstallation(environment);
  // Built at once over all rows they cost a fraction; the unique ones stay, for planting relies on them.
  const [indexes] = await onServer(
    url(unfinished),
    "select indexname as name, indexdef as definition from pg_indexes where schemaname = current_schema() and indexdef not like 'CREATE UNIQUE%'",
  );
  await onServer(url(unfinished), ...indexes!.map(({ name }) => `drop index ${name}`));
  await plantWithProgress(environment, users, "PostgreSQL");
  say("building the indexes");
  await onServer(url(unfinished), ...indexes!.map(({ definition }) => definition as string));
  // As the database of a settled installation: analyzed, and its pages marked and written out.
  await onServer(url(unfinished), "vacuum (analyze)", "checkpoint");
  await onServer(url("postgres"), `alter database ${unfinished} rename to ${source}`);
  await drop();
};

/** As root the server runs as a user of its own, who must be able to enter the folder: else another one must do. */
const reachable = async (folder: string): Promise<string> => {
  if (process.getuid?.() !== 0) return folder;
  const mayEnter = (path: string): boolean => (statSync(path).mode & 0o001) !== 0 && (dirname(path) === path || mayEnter(dirname(path)));
  if (mayEnter(folder)) return folder;
  const other = join(tmpdir(), "gatehouse-bench");
  await mkdir(other, { recursive: true, mode: 0o755 });
  say(`PostgreSQL must not run as root, and its user cannot enter ${folder}: its data sets are kept in ${other}.`);
  return other;
};

const namesOf = async (url: string): Promise<string[]> => {
  const [rows] = await onServer(url, "select datname as name from pg_database");
  return rows!.map((row) => row["name"] as string);
};

/** Runs statements one after another, each outside of a transaction, and returns their rows. */
export const onServer = async (url: string, ...statements: string[]): Promise<Record<string, unknown>[][]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const answers: Record<string, unknown>[][] = [];
    for (const statement of statements) answers.push((await client.query(statement)).rows);
    return answers;
  } finally {
    await client.end();
  }
};
