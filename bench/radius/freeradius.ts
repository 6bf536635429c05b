import { execFileSync, spawn } from "node:child_process";
import { accessSync, closeSync, constants, openSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { endOf } from "../child.ts";
import { atEnd } from "../ending.ts";
import type { DatabaseName } from "../results.ts";
import { dialectOf, type FreeRadiusPlan, freeRadiusConfiguration, shippedSql } from "./freeradius-configuration.ts";

/** Debian's places. */
const libraries = "/usr/lib/freeradius";
const shipped = "/etc/freeradius/3.0";
const startPatienceMs = 20_000;

/** A FreeRADIUS of the distribution that can be measured on a database. */
export interface FoundFreeRadius {
  readonly program: string;
  /** Such as 3.2.1. */
  readonly version: string;
  readonly libraries: string;
  readonly shipped: string;
}

/** Where the package puts it; /usr/sbin is on no ordinary user's path. */
const programs = ["freeradius", "/usr/sbin/freeradius"];

const versionOf = (program: string): string | undefined => {
  try {
    return /Version ([\d.]+)/.exec(execFileSync(program, ["-v"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }))?.[1];
  } catch {
    return undefined;
  }
};

const isReadable = (path: string): boolean => {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
};

/** The FreeRADIUS of this machine, or the sentence that says what is missing and how it comes. */
export const findFreeRadius = (database: DatabaseName): FoundFreeRadius | { readonly missing: string } => {
  const install = "sudo apt-get install freeradius freeradius-postgresql";
  const program = programs.find((one) => versionOf(one) !== undefined);
  const beside = "Only the ratios to the bare echo are measured.";
  if (program === undefined) return { missing: `FreeRADIUS is not installed: ${install}. ${beside}` };
  const driver = `rlm_sql_${dialectOf[database]}`;
  if (!isReadable(join(libraries, `${driver}.so`))) return { missing: `FreeRADIUS lacks ${driver}: ${install}. ${beside}` };
  const queries = join(shippedSql(shipped, database), "queries.conf");
  if (!isReadable(queries)) {
    return {
      missing: `${queries} cannot be read: only root and the group freerad may, or the package freeradius-config is missing. ${beside}`,
    };
  }
  return { program, version: versionOf(program)!, libraries, shipped };
};

/** A FreeRADIUS that runs as a process of its own. */
export interface RunningFreeRadius {
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts a FreeRADIUS in the foreground, without debugging output, on a configuration that is written to the plan's folder. */
export const startFreeRadius = async (found: FoundFreeRadius, plan: FreeRadiusPlan): Promise<RunningFreeRadius> => {
  await mkdir(plan.folder, { recursive: true });
  await writeFile(join(plan.folder, "radiusd.conf"), freeRadiusConfiguration(plan), { mode: 0o600 });
  const output = join(plan.folder, "output.log");
  const log = openSync(output, "w");
  const child = spawn(found.program, ["-f", "-n", "radiusd", "-d", plan.folder], { stdio: ["ignore", log, log], detached: true });
  closeSync(log);
  const stop = atEnd(() => endOf(child));
  const said = async () => {
    const texts = await Promise.all([output, join(plan.folder, "freeradius.log")].map((file) => readFile(file, "utf8").catch(() => "")));
    return texts.join("\n").trim();
  };
  for (const startedAt = performance.now(); !(await said()).includes("Ready to process requests"); await pause(50)) {
    if (child.exitCode !== null || performance.now() - startedAt > startPatienceMs) {
      await stop();
      throw new Error(`FreeRADIUS does not start:\n${await said()}`);
    }
  }
  return { pid: child.pid!, stop };
};
