// Runs the README's two commands as a newcomer would: in a fresh clone, in a folder of mode 0700, with a PATH that has
// node, npm, git and coreutils alone, and with stray settings around that must not matter.
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const source = process.argv[2] ?? process.cwd();
const home = mkdtempSync(join(tmpdir(), "newcomer-"));
chmodSync(home, 0o700);
const bin = join(home, "bin");
mkdirSync(bin);
const coreutils = [
  "sh",
  "env",
  "ls",
  "cat",
  "cp",
  "mv",
  "rm",
  "mkdir",
  "chmod",
  "chown",
  "uname",
  "dirname",
  "basename",
  "tail",
  "head",
  "sleep",
  "id",
];
for (const program of ["node", "git", ...coreutils]) {
  const found = process.env.PATH.split(delimiter)
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path) && !path.includes("node_modules"));
  if (found) symlinkSync(realpathSync(found), join(bin, program));
  else if (["node", "git", "sh"].includes(program)) throw new Error(`${program} is not on the PATH`);
}
// npm is a script beside its library: the link must lead to the script itself.
const npm = process.env.PATH.split(delimiter)
  .map((folder) => join(folder, "npm"))
  .find((path) => existsSync(path) && !path.includes("node_modules/.bin"));
symlinkSync(realpathSync(npm), join(bin, "npm"));

const clone = join(home, "gatehouse");
execFileSync("git", ["clone", "--quiet", source, clone], { stdio: "inherit" });
const environment = {
  PATH: bin,
  HOME: process.env.HOME ?? home,
  TMPDIR: tmpdir(),
  LANG: "C.UTF-8",
};
const stray = { GATEHOUSE_PORT: "no-port", GATEHOUSE_TYPO: "1", DATABASE_URL: "postgres://nobody@127.0.0.1:1/nothing" };

const run = (command, env) => {
  process.stdout.write(`$ ${command}\n`);
  execFileSync(join(bin, "sh"), ["-c", command], { cwd: clone, env, stdio: "inherit" });
};

/** Starts the server by the README's command, asks it by the curl line's URL and token, and stops it. */
const start = async () => {
  process.stdout.write("$ npm ci && npm start\n");
  run("npm ci", environment);
  const server = spawn(join(bin, "sh"), ["-c", "npm start"], {
    cwd: clone,
    env: { ...environment, GATEHOUSE_PORT: "0" },
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const startedAt = performance.now();
  let output = "";
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`npm start said too little:\n${output}`)), 60_000);
    server.on("exit", (code) => reject(new Error(`npm start ended with ${code}:\n${output}`)));
    server.stdout.on("data", (chunk) => {
      output += chunk;
      if (!/curl .*limit=10"/.test(output)) return;
      clearTimeout(timer);
      resolve();
    });
  });
  const [, token, url] = /Bearer (\S+)" "([^"]+)"/.exec(output);
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  const body = await answer.json();
  if (answer.status !== 200 || body.count !== 5)
    throw new Error(`The printed curl line answered ${answer.status}: ${JSON.stringify(body)}`);
  process.stdout.write(`npm start answered the printed request after ${Math.round(performance.now() - startedAt)} ms\n`);
  server.removeAllListeners("exit");
  const ended = new Promise((resolve) => server.once("exit", resolve));
  process.kill(-server.pid, "SIGTERM");
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 15_000))]);
};

try {
  await start();
  run("npm ci && npm test", { ...environment, ...stray });
} finally {
  rmSync(home, { recursive: true, force: true });
}
