import { join } from "node:path";
import type { StatementsAnswer, StatementsQuestion } from "./bare-statements.ts";
import { startChild } from "./child.ts";
import { benchToken, openSqliteCopy, type PlantedDatabase } from "./data-cache.ts";
import { measureEventLoop } from "./event-loop.ts";
import { type Gatehouse, startGatehouse } from "./gatehouse.ts";
import type { LoadTool } from "./load-tools.ts";
import { currentCommit, describeMachine } from "./machine.ts";
import { type Operation, operations } from "./operations.ts";
import { onServer, type PostgresDatabases, postgresSettings } from "./postgres-databases.ts";
import { readTree } from "./process-tree.ts";
import { say } from "./progress.ts";
import { measureReference, type ReferenceName, referenceNames } from "./references.ts";
import { type Configuration, nameOf, type OperationResult, type Result } from "./results.ts";
import { measureOperation } from "./rounds.ts";
import { readMemory, soak } from "./soak.ts";
import type { Stage } from "./stage.ts";
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
  readonly bare: Stage["bare"];
  readonly load: Stage["load"];
  postgres(): Promise<PostgresDatabases>;
}

/** Measures one configuration from the start of a server on a copy of the data set to the server's end. */
export const measureConfiguration = async (workshop: Workshop, configuration: Configuration, extent: Extent): Promise<Result> => {
  const { users, workers } = configuration;
  const open = async () =>
    configuration.database === "sqlite" ? openSqliteCopy(workshop.folder, users) : (await workshop.postgres()).openCopy(users);
  const database = await open();
  const { startMs, gatehouse } = await timeStarts(workshop, configuration, extent, database);
  const stage: Stage = {
    token: benchToken,
    users,
    gatehouse,
    databasePid: database.databasePid,
    bare: workshop.bare,
    load: workshop.load,
    rounds: extent.rounds,
    seconds: extent.seconds,
    tool: extent.tool,
    answered: 0,
  };
  await checkWorld(gatehouse.address, benchToken, users);
  const measured: Record<string, OperationResult> = {};
  let shares: number[] = [];
  for (const operation of extent.operations) {
    say(`${nameOf(configuration)}: ${operation.id}`);
    const sharesOf = shareMeter(gatehouse.pid);
    measured[operation.id] = await measureOperation(stage, operation);
    if (operation.id === "R1") shares = sharesOf();
  }
  const isOne = workers === 1;
  const references = extent.references && isOne ? await measureReferences(stage, extent.operations, database, open) : {};
  const measuresLoop = extent.eventLoop && isOne;
  if (measuresLoop) say(`${nameOf(configuration)}: event loop`);
  const eventLoop = measuresLoop ? await measureEventLoop(stage) : undefined;
  const memory = readMemory(stage);
  const soaked = extent.soak && isOne ? await soak(stage) : undefined;
  await gatehouse.stop();
  const facts = await databaseFacts(configuration, database);
  await database.drop();
  return {
    format: 1,
    ...configuration,
    date: new Date().toISOString(),
    commit: currentCommit(),
    machine: describeMachine(),
    ...facts,
    settings: { rounds: extent.rounds, seconds: extent.seconds, tool: extent.tool },
    startMs,
    operations: measured,
    references,
    eventLoop,
    shares,
    memory,
    soak: soaked,
  };
};

/** Starts the server several times on the database that is there, and leaves the last one running. */
const timeStarts = async (workshop: Workshop, { workers, ...rest }: Configuration, extent: Extent, database: PlantedDatabase) => {
  const log = join(workshop.logs, `${nameOf({ workers, ...rest })}.log`);
  const startMs: number[] = [];
  for (;;) {
    const gatehouse: Gatehouse = await startGatehouse(database.environment, workers, log);
    startMs.push(gatehouse.startMs);
    if (startMs.length >= extent.starts) return { startMs, gatehouse };
    await gatehouse.stop();
  }
};

const measureReferences = async (
  stage: Stage,
  measured: readonly Operation[],
  database: PlantedDatabase,
  open: () => Promise<PlantedDatabase>,
): Promise<Record<string, OperationResult>> => {
  const wanted = referenceNames.filter((name) => measured.some(({ id }) => id === name));
  const results: Partial<Record<ReferenceName, OperationResult>> = {};
  if (wanted.length === 0) return results as Record<string, OperationResult>;
  const target = await open();
  const statements = startChild<StatementsQuestion, StatementsAnswer | undefined>("bare-statements.ts");
  for (const name of wanted) {
    say(`${name} beside its bare statements`);
    const databases = { source: database.environment, target: target.environment };
    results[name] = await measureReference(stage, statements, name, databases);
  }
  await statements.stop();
  await target.drop();
  return results as Record<string, OperationResult>;
};

/** What part each process below `pid` takes of the CPU time from now on; those that do next to nothing are left out. */
const shareMeter = (pid: number) => {
  const before = readTree(pid).cpuOf;
  return (): number[] => {
    const used = [...readTree(pid).cpuOf].map(([process, seconds]) => seconds - (before.get(process) ?? 0));
    const total = used.reduce((sum, seconds) => sum + seconds, 0);
    return used
      .map((seconds) => seconds / total)
      .filter((share) => share > 0.02)
      .sort((one, other) => one - other);
  };
};

const databaseFacts = async ({ database }: Configuration, { environment }: PlantedDatabase) => {
  if (database === "sqlite") {
    return { databaseVersion: `SQLite ${sqliteVersion()}`, databaseSettings: { journal_mode: "wal", synchronous: "full" } };
  }
  const [rows] = await onServer(environment["DATABASE_URL"]!, "show server_version");
  return { databaseVersion: `PostgreSQL ${rows![0]!["server_version"]}`, databaseSettings: postgresSettings };
};

/** The operations that are measured when nobody chooses, for a number of workers. */
export const usualOperations = (workers: number): readonly Operation[] =>
  workers === 1 ? operations : operations.filter(({ id }) => !/^W2-|^L2-offset$/.test(id));
