import { randomBytes } from "node:crypto";
import { benchToken } from "../data-cache.ts";
import { currentCommit, describeMachine } from "../machine.ts";
import { onServer, type PostgresDatabases, postgresSettings } from "../postgres-databases.ts";
import { readTree } from "../process-tree.ts";
import { say } from "../progress.ts";
import type { DatabaseName } from "../results.ts";
import { sqliteVersion } from "../statement-runner.ts";
import { checkBurned } from "./burned-check.ts";
import type { RadiusCase } from "./cases.ts";
import type { RadiusOptions } from "./radius-options.ts";
import type { RadiusCaseResult, RadiusResult } from "./radius-results.ts";
import { measureCase, type RadiusStage } from "./radius-rounds.ts";
import { type RadiusServers, startServers } from "./radius-servers.ts";

/** What every database of a run shares. */
export interface RadiusWorkshop extends Pick<RadiusStage, "bare" | "load"> {
  readonly logs: string;
  postgres(): Promise<PostgresDatabases>;
}

/** Measures the cases given on one kind of database, from planting to the servers' ends. */
export const measureRadius = async (
  workshop: RadiusWorkshop,
  options: RadiusOptions,
  database: DatabaseName,
  cases: readonly RadiusCase[],
): Promise<RadiusResult> => {
  const { accounts, rounds, seconds, window, data: folder, profiles, threads } = options;
  const { logs, postgres, bare, load } = workshop;
  const isBesideFreeRadius = options.freeRadius;
  const servers = await startServers({ database, accounts, folder, logs, isBesideFreeRadius, threads, profiles, postgres });
  const run = randomBytes(4).toString("hex");
  const stage: RadiusStage = { servers, bare, load, accounts, run, rounds, seconds, window, answered: { ours: 0, theirs: 0 } };
  const operations: Record<string, RadiusCaseResult> = {};
  for (const one of cases) {
    say(`radius on ${database}: ${one.id}`);
    const { result, reported } = await measureCase(stage, one);
    operations[one.id] = result;
    if (one.id === "Interim") await checkBurned({ address: servers.gatehouse.address, token: benchToken }, reported);
  }
  const memory = readMemory(stage);
  const facts = await factsOf(servers, database);
  await servers.stop();
  return {
    format: 1,
    database,
    workers: 1,
    users: accounts,
    date: new Date().toISOString(),
    commit: currentCommit(),
    machine: describeMachine(),
    ...facts,
    settings: { rounds, seconds, window },
    freeRadius: servers.freeRadius?.version,
    operations,
    memory,
  };
};

const readMemory = ({ servers: { gatehouse, freeRadius }, answered }: RadiusStage): RadiusResult["memory"] => ({
  ours: { requests: answered.ours, residentBytes: readTree(gatehouse.pid).residentBytes },
  theirs: freeRadius && { requests: answered.theirs, residentBytes: readTree(freeRadius.pid).residentBytes },
});

const factsOf = async ({ url }: RadiusServers, database: DatabaseName) => {
  if (database === "sqlite" || url === undefined) {
    return {
      databaseVersion: `SQLite ${sqliteVersion()}`,
      databaseSettings: { journal_mode: "wal", synchronous: "normal and a flush before each answer" },
    };
  }
  const [rows] = await onServer(url, "show server_version");
  return { databaseVersion: `PostgreSQL ${rows![0]!["server_version"]}`, databaseSettings: postgresSettings };
};
