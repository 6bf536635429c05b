import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freeUdpPort } from "../../packages/server/test/support/free-udp-port.ts";
import { startChild } from "../child.ts";
import { openFolder, sharedEnvironment, temporaryFolder } from "../data-cache.ts";
import { atEnd } from "../ending.ts";
import { startGatehouse } from "../gatehouse.ts";
import { currentCommit, describeMachine } from "../machine.ts";
import { writePage } from "../page.ts";
import { openPostgresDatabases } from "../postgres-databases.ts";
import { print } from "../print.ts";
import { say } from "../progress.ts";
import { readSavedRadius } from "../radius/radius-saved.ts";
import type { DatabaseName } from "../results.ts";
import { readSaved } from "../saved-results.ts";
import { median } from "../statistics.ts";
import type { FloodAnswer, FloodQuestion } from "./flood-process.ts";
import { type NeighbourOptions, readNeighbourOptions } from "./neighbour-options.ts";
import { type NeighbourResult, type NeighbourRound, neighbourTable, readSavedNeighbours, saveNeighbours } from "./neighbour-results.ts";
import { askApi, floodAccounts, makeWorld, type NeighbourWorld } from "./neighbour-world.ts";
import { openQuietTenant } from "./quiet-tenant.ts";

/** How long what a flood has left behind is worked off before the next thing is measured. */
const settleMs = 2_000;
/** How long a flood lasts before it is measured. */
const risingMs = 500;
const rowsOfArray = 1_000;

const measureArray = async (world: NeighbourWorld): Promise<number> => {
  const times: number[] = [];
  for (let array = 0; array < 5; array += 1) {
    const body = Array.from({ length: rowsOfArray }, (_, row) => ({ username: `unit.${array}.${row}` }));
    const askedMs = performance.now();
    await askApi(world, world.flood.token, "/user_token/", { method: "POST", body });
    times.push(performance.now() - askedMs);
  }
  return median(times)!;
};

/** A Gatehouse of its own with two tenants in it, and the process that floods it for one of them. */
const openNeighbourhood = async (database: DatabaseName, options: NeighbourOptions, logs: string) => {
  const { path, drop } = await temporaryFolder(options.data);
  const postgres = database === "postgres" ? await openPostgresDatabases(options.data) : undefined;
  const empty = await postgres?.openEmpty();
  const ports = { authentication: await freeUdpPort(), accounting: await freeUdpPort() };
  const environment = {
    ...sharedEnvironment,
    GATEHOUSE_DATA_DIR: path,
    GATEHOUSE_RADIUS_HOST: "127.0.0.1",
    GATEHOUSE_RADIUS_AUTH_PORT: String(ports.authentication),
    GATEHOUSE_RADIUS_ACCT_PORT: String(ports.accounting),
    GATEHOUSE_COA_LOCAL: "always",
    GATEHOUSE_OVERLOAD_DELAY: "0",
    ...(empty ? { DATABASE_URL: empty.ours } : {}),
    ...(options.profiles ? { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${options.profiles}` } : {}),
  };
  const gatehouse = await startGatehouse(environment, 1, join(logs, `${database}.log`));
  const child = startChild<FloodQuestion, FloodAnswer>("neighbour/flood-process.ts");
  const { silentPort } = await child.ask({ what: "open" });
  const world = await makeWorld({ address: gatehouse.address, ports }, silentPort!);
  // The sockets of RADIUS open a moment after the first client.
  await pause(settleMs);
  const tenant = await openQuietTenant(world);
  await tenant.watch(1);
  return {
    world,
    tenant,
    child,
    async close() {
      tenant.close();
      await child.stop();
      await gatehouse.stop();
      await empty?.drop();
      await postgres?.stop();
      await drop();
    },
  };
};

const measure = async (database: DatabaseName, options: NeighbourOptions, logs: string): Promise<NeighbourResult> => {
  const load = loadavg()[1]!;
  const { world, tenant, child, close } = await openNeighbourhood(database, options, logs);
  const arrayMs = await measureArray(world);
  const measured: Record<string, NeighbourRound[]> = {};
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const { id } of options.floods) {
      say(`${database}: ${id}, round ${round} of ${options.rounds}`);
      const quiet = await tenant.watch(options.seconds);
      await child.ask({ what: "begin", flood: id, world, seconds: options.seconds + 1 });
      await pause(risingMs);
      const flooded = await tenant.watch(options.seconds);
      const { outcomes } = await child.ask({ what: "end" });
      measured[id] ??= [];
      measured[id].push({ quiet, flooded, outcomes: outcomes! });
      await pause(settleMs);
    }
  }
  await close();
  return {
    format: 1,
    database,
    workers: 1,
    users: floodAccounts,
    date: new Date().toISOString(),
    commit: currentCommit(),
    machine: describeMachine(),
    settings: { rounds: options.rounds, seconds: options.seconds },
    load,
    arrayMs,
    floods: measured,
  };
};

/** `npm run bench -- neighbour`: what a flood of one tenant does to the slowest requests of another. */
export const runNeighbour = async (argv: readonly string[]): Promise<void> => {
  const options = readNeighbourOptions(argv);
  await openFolder(options.data);
  const logs = await mkdtemp(join(tmpdir(), "gatehouse-bench-"));
  atEnd(() => rm(logs, { recursive: true, force: true }));
  for (const database of options.databases) {
    const result = await measure(database, options, logs);
    process.stdout.write(`\nA flooding neighbour on ${database}, one process; an array's unit takes ${Math.round(result.arrayMs)} ms\n\n`);
    print(neighbourTable(result, "p50"));
    print(neighbourTable(result));
    for (const [id, rounds] of Object.entries(result.floods)) {
      process.stdout.write(`${id}: ${rounds.map(({ outcomes }) => JSON.stringify(outcomes)).join(" ")}\n`);
    }
    if (options.save) await saveNeighbours([result]);
  }
  if (options.save) await writePage(await readSaved(), await readSavedRadius(), await readSavedNeighbours());
};
