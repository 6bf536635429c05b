import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { measureBarePair } from "./bare-pair.ts";
import { benchToken, openSqliteCopy, type PlantedDatabase } from "./data-cache.ts";
import { measureEventLoop } from "./event-loop.ts";
import { type Gatehouse, startGatehouse } from "./gatehouse.ts";
import type { LoadTool } from "./load-tools.ts";
import { describeMachine } from "./machine.ts";
import { operations as allOperations, type Operation, operationOf } from "./operations.ts";
import { onServer, type PostgresDatabases, postgresSettings } from "./postgres-databases.ts";
import { readTree } from "./process-tree.ts";
import { say, showProgress } from "./progress.ts";
import { measureReferences } from "./references.ts";
import { type Configuration, nameOf, type Result } from "./results.ts";
import { measureOperations, warmUp } from "./rounds.ts";
import { readMemory, soak } from "./soak.ts";
import { loadGatehouse, type Stage } from "./stage.ts";
import { sqliteVersion } from "./statement-runner.ts";
import { checkWorld } from "./world-check.ts";

/** How much is measured of one configuration. */
export interface Extent {
  readonly operations: readonly Operation[];
  readonly rounds: number;
  readonly seconds: number;
  readonly tool: LoadTool;
  /** Starts that are timed; the last one is measured further. */
  readonly starts: number;
  /** Whether the bare statements are measured as well, and the event loop's delay; both of one process alone. */
  readonly references: boolean;
  readonly eventLoop: boolean;
  /** Whether one process is also watched over a million requests. */
  readonly soak: boolean;
}

/** What every configuration of a run shares. */
export interface Workshop {
  /** Where data sets are kept. */
  readonly folder: string;
  readonly logs: string;
  /** Where the servers leave CPU profiles when they end. */
  readonly profiles: string | undefined;
  readonly commit: string;
  readonly bare: Stage["bare"];
  readonly load: Stage["load"];
  postgres(): Promise<PostgresDatabases>;
}

/** Measures one configuration, from the start of a server on a copy of the data set to the server's end. */
export const measureConfiguration = async (workshop: Workshop, configuration: Configuration, extent: Extent): Promise<Result> => {
  const { users } = configuration;
  const { rounds, seconds, tool } = extent;
  const open = async () =>
    configuration.database === "sqlite" ? openSqliteCopy(workshop.folder, users) : (await workshop.postgres()).openCopy(users);
  const database = await open();
  const log = join(workshop.logs, `${nameOf(configuration)}.log`);
  const { startMs, gatehouse } = await timeStarts(configuration, extent, { ...database.environment, ...profiling(workshop) }, log);
  const { bare, load } = workshop;
  const { databasePid } = database;
  const stage: Stage = { token: benchToken, users, gatehouse, databasePid, bare, load, rounds, seconds, tool, answered: 0 };
  const measured = await measureStage(stage, configuration, extent, { database, open }).catch(async (error: unknown) => {
    throw new Error(`${nameOf(configuration)}: ${error instanceof Error ? error.message : String(error)}${await complaintsIn(log)}`, {
      cause: error,
    });
  });
  await gatehouse.stop();
  const soaked = extent.soak && configuration.workers === 1 ? await soakFreshly(stage, database, log) : undefined;
  const facts = await databaseFacts(configuration, database);
  await database.drop();
  return {
    format: 1,
    ...configuration,
    date: new Date().toISOString(),
    commit: workshop.commit,
    machine: describeMachine(),
    ...facts,
    settings: { rounds, seconds, tool },
    startMs,
    ...measured,
    soak: soaked,
  };
};

/** In a process that has done nothing else: what arrays of 1,000 accounts and the like have left behind says little about the mix. */
const soakFreshly = async (stage: Stage, { environment }: PlantedDatabase, log: string) => {
  const gatehouse = await startGatehouse(environment, 1, log);
  const soaked = await soak({ ...stage, gatehouse, answered: 0 });
  await gatehouse.stop();
  return soaked;
};

/** What is measured while the server runs: first that it serves the right world, then everything else, reads before writes. */
const measureStage = async (
  stage: Stage,
  configuration: Configuration,
  extent: Extent,
  { database, open }: { database: PlantedDatabase; open(): Promise<PlantedDatabase> },
) => {
  await checkWorld(stage.gatehouse.address, stage.token, stage.users);
  const name = nameOf(configuration);
  say(`${name}: warming up`);
  await warmUp(stage);
  const progress = showProgress(`${name}: rounds`, extent.operations.length * stage.rounds);
  const operations = await measureOperations(stage, extent.operations, progress.update).finally(progress.stop);
  const isOne = configuration.workers === 1;
  const shares = "R1" in operations ? await measureShares(stage) : [];
  const references = extent.references && isOne ? await measureReferences(stage, extent.operations, database, open) : {};
  const barePair = isOne || !extent.operations.some(({ id }) => id === "R1") ? undefined : await measureBarePair(stage);
  const asksLoop = extent.eventLoop && isOne;
  if (asksLoop) say(`${name}: event loop`);
  const eventLoop = asksLoop ? await measureEventLoop(stage) : undefined;
  const memory = readMemory(stage);
  return { operations, references, barePair, eventLoop, shares, memory };
};

/** The last lines of a server's log that are more than notes, for whoever wonders why it answered so. */
const complaintsIn = async (log: string): Promise<string> => {
  const lines = (await readFile(log, "utf8")).split("\n").filter((line) => line !== "" && !line.startsWith('{"level":"info"'));
  const complaints = lines.slice(-5).filter((line) => line.startsWith("{"));
  return complaints.length === 0 ? "" : `\nThe server's log says:\n${complaints.join("\n")}`;
};

/** What makes Node write a CPU profile. */
const profiling = ({ profiles }: Workshop): Record<string, string> =>
  profiles === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profiles}` };

/** Starts the server several times on the database that is there, and leaves the last one running. */
const timeStarts = async ({ workers }: Configuration, extent: Extent, environment: Readonly<Record<string, string>>, log: string) => {
  const startMs: number[] = [];
  for (;;) {
    const gatehouse: Gatehouse = await startGatehouse(environment, workers, log);
    startMs.push(gatehouse.startMs);
    if (startMs.length >= extent.starts) return { startMs, gatehouse };
    await gatehouse.stop();
  }
};

/** What part each process takes of the CPU time of reads by id, the least first; those that do next to nothing are left out. */
const measureShares = async (stage: Stage): Promise<number[]> => {
  const before = readTree(stage.gatehouse.pid).cpuOf;
  await loadGatehouse(stage, operationOf("R1"));
  const used = [...readTree(stage.gatehouse.pid).cpuOf].map(([process, seconds]) => seconds - (before.get(process) ?? 0));
  const total = used.reduce((sum, seconds) => sum + seconds, 0);
  return used
    .map((seconds) => seconds / total)
    .filter((share) => share > 0.02)
    .sort((one, other) => one - other);
};

const databaseFacts = async ({ database }: Configuration, { environment }: PlantedDatabase) => {
  if (database === "sqlite") {
    return {
      databaseVersion: `SQLite ${sqliteVersion()}`,
      databaseSettings: { journal_mode: "wal", synchronous: "normal and a flush before each answer" },
    };
  }
  const [rows] = await onServer(environment["DATABASE_URL"]!, "show server_version");
  return { databaseVersion: `PostgreSQL ${rows![0]!["server_version"]}`, databaseSettings: postgresSettings };
};

/** The operations that are measured when nobody chooses, for a number of workers. */
export const usualOperations = (workers: number): readonly Operation[] =>
  workers === 1 ? allOperations : allOperations.filter(({ id }) => !/^W2-|^L2-offset$/.test(id));
