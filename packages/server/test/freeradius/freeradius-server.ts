import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { machine } from "../support/program.ts";

const run = promisify(execFile);
const deployed = join(import.meta.dirname, "../../../../deploy/freeradius");
const gatehouse = join(import.meta.dirname, "../../bin/gatehouse.mjs");
const debian = "/etc/freeradius/3.0";
const startPatienceMs = 120_000;

export interface FreeradiusOptions {
  /** The settings of the Gatehouse that it asks. */
  readonly environment: Record<string, string>;
  /** Lines of gatehouse.conf that a user of this machine edits: name and value. */
  readonly settings: Readonly<Record<string, string | number>>;
}

/** A FreeRADIUS of Debian with the files of deploy/freeradius, installed as their README says. */
export interface FreeradiusServer {
  /** All that it has said, secrets among it. */
  output(): string;
  stop(): Promise<void>;
}

/** The commands of the README's steps, in order; what is no `console` block is for other places than a shell. */
const installSteps = async (): Promise<string> => {
  const text = await readFile(join(deployed, "README.md"), "utf8");
  const [, install] = text.split(/^## Install$/m);
  const blocks = [...install!.split(/^## /m)[0]!.matchAll(/^ *```console\n([\s\S]*?)^ *```$/gm)].map(([, block]) => block!);
  assert.equal(blocks.length, 8, "the README's steps are not where they were");
  return blocks.join("\n");
};

/** What a test has no use for: packages are there, and nobody else's service is started. */
const stage = `set -euo pipefail
sudo() { "$@"; }
apt-get() { :; }
chown() { :; }
systemctl() { :; }
freeradius() { command freeradius -d "$RADDB" "$@"; }
npx() { shift 3; "$NODE" --conditions=gatehouse-source "$GATEHOUSE" "$@"; }
`;

/** Debian's configuration in a directory of its own, for a server that a test can run beside others. */
const copyOfDebian = async (home: string): Promise<string> => {
  const raddb = join(home, "raddb");
  await cp(debian, raddb, { recursive: true, verbatimSymlinks: true });
  const main = join(raddb, "radiusd.conf");
  const places: Record<string, string> = { raddbdir: raddb, logdir: join(home, "log"), run_dir: join(home, "run"), db_dir: home };
  let text = await readFile(main, "utf8");
  for (const [name, place] of Object.entries(places)) {
    await mkdir(place, { recursive: true });
    text = text.replace(new RegExp(`^${name} = .*$`, "m"), `${name} = ${place}`);
  }
  await writeFile(main, text.replaceAll(/^\s*(?:user|group) = freerad$/gm, ""));
  return raddb;
};

export const startFreeradius = async ({ environment, settings }: FreeradiusOptions): Promise<FreeradiusServer> => {
  const home = await mkdtemp(join(tmpdir(), "gatehouse-freeradius-"));
  const drop = () => rm(home, { recursive: true, force: true });
  const raddb = await copyOfDebian(home);
  const edits = Object.entries(settings).map(([name, value]) => `sed -i 's|^${name} = .*$|${name} = ${value}|' "$RADDB/gatehouse.conf"`);
  const [before, after] = (await installSteps()).replaceAll(debian, raddb).split(/^(?= *sudo chown)/m);
  const script = [stage, before, ...edits, after].join("\n");
  const known: Record<string, string> = { ...machine(), ...environment, RADDB: raddb, NODE: process.execPath, GATEHOUSE: gatehouse };
  const env = { ...known, PATH: `${known["PATH"]}:/usr/sbin` };
  await run("bash", ["-c", script], { cwd: deployed, env }).catch(async (error) => {
    await drop();
    assert.fail(`${error.message}\n${error.stdout}`);
  });
  const child = spawn("freeradius", ["-fxx", "-l", "stdout", "-d", raddb], { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const stop = async () => {
    await end(child);
    await drop();
  };
  for (const startedAt = performance.now(); !output.includes("Ready to process requests"); await pause(20)) {
    if (child.exitCode === null && performance.now() - startedAt < startPatienceMs) continue;
    await stop();
    assert.fail(`FreeRADIUS did not start:\n${output}`);
  }
  return { output: () => output, stop };
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
  await ended;
  clearTimeout(timer);
};
