import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { endOf } from "./child.ts";
import { atEnd } from "./ending.ts";

const bin = join(import.meta.dirname, "../packages/server/bin/gatehouse.mjs");
const startPatienceMs = 60_000;

/** A Gatehouse that runs as its own process, started as a user would start it. */
export interface Gatehouse {
  readonly pid: number;
  /** Where it listens, as a URL without a path. */
  readonly address: string;
  /** From the start of the process until `/readyz` said yes. */
  readonly startMs: number;
  stop(): Promise<void>;
}

/** What the machine gives to every program; no setting of ours is among it. */
const machineEnvironment = (): Record<string, string> => ({ PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "" });

/**
 * Starts `gatehouse serve` on a free port of loopback. Its standard output, banner and log, goes to a file: a pipe
 * that nobody empties would stop it.
 */
export const startGatehouse = async (
  environment: Readonly<Record<string, string>>,
  workers: number,
  logFile: string,
): Promise<Gatehouse> => {
  const log = openSync(logFile, "w");
  const startedAt = performance.now();
  const child = spawn(process.execPath, [bin, "serve", ...(workers === 1 ? [] : ["--workers", String(workers)])], {
    env: { ...machineEnvironment(), GATEHOUSE_PORT: "0", ...environment },
    stdio: ["ignore", log, log],
    // A Ctrl-C is for the bench, which ends what it has started in order.
    detached: true,
  });
  closeSync(log);
  const stop = atEnd(() => endOf(child));
  try {
    const address = await addressIn(logFile, child);
    while (!(await isReady(address))) await pause(2);
    return { pid: child.pid!, address, startMs: performance.now() - startedAt, stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const addressIn = async (logFile: string, child: ChildProcess): Promise<string> => {
  for (const startedAt = performance.now(); ; await pause(2)) {
    const said = await readFile(logFile, "utf8");
    const address = /API +(http:\/\/\S+)\/api\/v1\//.exec(said)?.[1];
    if (address !== undefined) return address;
    if (child.exitCode !== null) throw new Error(`gatehouse serve ended with ${child.exitCode}:\n${said}`);
    if (performance.now() - startedAt > startPatienceMs) throw new Error(`gatehouse serve said no address in time:\n${said}`);
  }
};

const isReady = async (address: string): Promise<boolean> => {
  try {
    return (await fetch(`${address}/readyz`)).status === 200;
  } catch {
    return false;
  }
};

/** Whether this Gatehouse can serve from several processes. */
export const knowsWorkers = (): boolean =>
  execFileSync(process.execPath, [bin, "serve", "--help"], { encoding: "utf8", env: machineEnvironment() }).includes("--workers");
