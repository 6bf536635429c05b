// Runs the lanes of CI: two rows side by side, the lanes of a row one after another. What a lane prints stands together, under
// its name, when it ends; a line every minute says what is still running. Ends with the sum of all lanes' tests.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** The second row's lanes install Debian's packages, which only one process may do at a time. */
const rows = [
  [{ name: "the README's commands in a fresh clone", command: ["node", ".ci/newcomer.mjs", root] }],
  [
    { name: "beside FreeRADIUS", command: ["bash", ".ci/freeradius"] },
    { name: "on Debian's PostgreSQL", command: ["bash", ".ci/stock-postgres"] },
    { name: "the README and the hotspot guide, pasted", command: ["bash", ".ci/pages"] },
    { name: "read by Prometheus' promtool", command: ["bash", ".ci/prometheus"] },
  ],
];

const startedAt = performance.now();
const running = new Set();
const sums = { passed: 0, failed: 0, skipped: 0 };
const print = (text) => process.stdout.write(text);
const time = (sinceMs) => `${Math.round((performance.now() - sinceMs) / 1000)} s`;

/** Runs one lane; true when it passed. */
const runLane = ({ name, command: [program, ...args] }) =>
  new Promise((resolve) => {
    const beganAt = performance.now();
    running.add(name);
    const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        output += chunk;
      });
    }
    child.once("error", (error) => {
      output += `${error.message}\n`;
    });
    child.once("close", (code) => {
      running.delete(name);
      // Each lane's own sum would be taken for the sum of all.
      const own = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/gm;
      for (const [, passed, failed, skipped] of output.matchAll(own)) {
        sums.passed += Number(passed);
        sums.failed += Number(failed);
        sums.skipped += Number(skipped ?? 0);
      }
      const hasPassed = code === 0;
      print(`\n== ${name}: ${hasPassed ? "passed" : `failed with ${code}`} in ${time(beganAt)}\n${output.replaceAll(own, "   $&")}\n`);
      resolve(hasPassed);
    });
  });

const runRow = async (lanes) => {
  let allPassed = true;
  for (const lane of lanes) allPassed = (await runLane(lane)) && allPassed;
  return allPassed;
};

const ticker = setInterval(() => print(`${time(startedAt)}: running ${[...running].join(" · ")}\n`), 60_000);
const passed = (await Promise.all(rows.map(runRow))).every(Boolean);
clearInterval(ticker);
// A lane that ends badly without a failed test has failed all the same.
if (!passed && sums.failed === 0) sums.failed = 1;
print(`\nAll lanes took ${time(startedAt)}.\n`);
print(`${sums.passed} passed, ${sums.failed} failed${sums.skipped > 0 ? `, ${sums.skipped} skipped` : ""}\n`);
process.exitCode = passed && sums.failed === 0 ? 0 : 1;
