#!/usr/bin/env node
// Plain JavaScript that any Node can read: an older one would fail on the first .ts file before a check of ours ran,
// and its addons would crash instead of complaining. Finds a Node that is new enough, then starts the program on it.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import * as nodeModule from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const lowestMajor = 24;
const condition = "gatehouse-source";
// A server keeps little between two requests: with half of Node's usual room for young objects it needs 30 MB less, and no
// more CPU time. It has few threads that allocate at once: two arenas of malloc are enough for them.
const serverFlags = ["--max-semi-space-size=8"];
const serverEnvironment = { MALLOC_ARENA_MAX: "2" };
const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, "../src/main.ts");
// In a checkout the source itself runs; an installed package has only what the build made of it.
const runsSource = existsSync(source);

const isNewEnough = Number(process.versions.node.split(".")[0]) >= lowestMajor;
const isServer = process.argv[2] === "serve";
/** Whether somebody has chosen a value for this flag already. */
const isChosen = (flag) => [...process.execArgv, process.env.NODE_OPTIONS ?? ""].some((given) => given.includes(flag.split("=")[0]));
const missingFlags = [
  ...(runsSource && !process.execArgv.includes(`--conditions=${condition}`) ? [`--conditions=${condition}`] : []),
  ...(isServer ? serverFlags.filter((flag) => !isChosen(flag)) : []),
];

/** Says to a process below this one that the channel between them is the launcher's. */
const launchedBelow = "GATEHOUSE_LAUNCHED_BELOW";

if (isNewEnough && missingFlags.length === 0) {
  nodeModule.enableCompileCache?.();
  endWithLauncher();
  if (isServer) endWithNpm();
  const { main } = await import(runsSource ? "../src/main.ts" : "../dist/main.js");
  await main(process.argv);
} else {
  restart(isNewEnough ? process.execPath : packagedNode());
}

/** Runs this file again on the given Node, as this process where that is possible, else below it. */
function restart(node) {
  // Flags of an older Node may be none of this one's.
  const kept = isNewEnough ? process.execArgv : [];
  const args = [...kept, ...missingFlags, fileURLToPath(import.meta.url), ...process.argv.slice(2)];
  const env = isServer ? { ...serverEnvironment, ...process.env } : process.env;
  if (typeof process.execve === "function" && process.platform !== "win32") {
    process.removeAllListeners("warning");
    process.emitWarning = () => {};
    process.execve(node, [node, ...args], env);
  }
  const child = spawn(node, args, { stdio: ["inherit", "inherit", "inherit", "ipc"], env: { ...env, [launchedBelow]: "1" } });
  if (isServer) endWithNpm();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`The Node at ${node} does not start: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0)));
}

/**
 * Ends in order when the launcher is gone, however it ended: nobody would know of this process any more, which has the port
 * and the database. The channel says so, and keeps nothing alive.
 */
function endWithLauncher() {
  const isBelow = process.env[launchedBelow] !== undefined && process.channel;
  delete process.env[launchedBelow];
  if (!isBelow) return;
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
  process.channel.unref();
}

/**
 * Ends in order when `npm start` or `npx` is gone: npm has a shell between, which passes no signal on, so that an end of npm is
 * seen only by whose children this process and that shell have become.
 */
function endWithNpm() {
  if (!["start", "npx"].includes(process.env.npm_lifecycle_event)) return;
  const began = ancestors();
  const looking = setInterval(() => {
    if (ancestors() === began) return;
    clearInterval(looking);
    process.kill(process.pid, "SIGTERM");
  }, 500);
  looking.unref();
}

/** The parent of this process, and on Linux its parent. */
function ancestors() {
  const parent = process.ppid;
  try {
    return `${parent} ${/^PPid:.*$/m.exec(readFileSync(`/proc/${parent}/status`, "utf8"))}`;
  } catch {
    return `${parent}`;
  }
}

/** The Node that came with the installation as a package, or the end. */
function packagedNode() {
  const suffix = process.platform === "win32" ? "node.exe" : "node";
  try {
    return join(
      dirname(nodeModule.createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/package.json`)),
      "bin",
      suffix,
    );
  } catch {
    return fail(
      `Gatehouse needs Node ${lowestMajor} or newer; this is ${process.versions.node}, and no packaged Node came with the installation.\n` +
        "Install a newer Node, or install again without --omit=optional.",
    );
  }
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
