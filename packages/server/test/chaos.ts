import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { repositoryRoot } from "./generated/generated-files.ts";

const help = `Breaks Gatehouse for longer than the suite does: kills, hostile input, packets in random orders, on both databases.
Everything is bounded and stays on this machine. The results of the last run are in bench/results/chaos.json.

  npm run chaos                        some 20 minutes on two cores
  npm run chaos -- --kills 50          more kills on each database
  npm run chaos -- --seed 7            other hostile input than the last time
  npm run chaos -- --times 3           three times as much of everything but kills
  npm run chaos -- --times 0.25        a quarter of it, for a machine that does much else
`;

const { values } = parseArgs({
  options: {
    help: { type: "boolean", short: "h" },
    kills: { type: "string", default: "15" },
    seed: { type: "string", default: String(Math.trunc(performance.timeOrigin) % 1_000_000) },
    times: { type: "string", default: "1" },
  },
});
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}

const wholeNumber = (name: string, text: string): number => {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  process.stderr.write(`--${name} is a whole number above 0, not ${text}.\n\n${help}`);
  process.exit(1);
};

const times = Number(values.times);
if (!(times > 0 && times <= 1_000)) {
  process.stderr.write(`--times is a number above 0, not ${values.times}.\n\n${help}`);
  process.exit(1);
}
const scaled = (number: number): number => Math.ceil(number * times);
/** How often the suite's hostile bodies are sent: 250 for each operation on SQLite, 80 on PostgreSQL. */
const fuzzTimes = scaled(10);
const extent = {
  kills: wholeNumber("kills", values.kills),
  seed: wholeNumber("seed", values.seed),
  rawRequests: scaled(10_000),
  bodiesOfEachOperation: { sqlite: 250 * fuzzTimes, postgres: 80 * fuzzTimes },
  randomOrders: scaled(1_000),
};
const environment = {
  ...process.env,
  TEST_KILLS: String(extent.kills),
  TEST_FUZZ_SEED: String(extent.seed),
  TEST_FUZZ_RUNS: String(extent.rawRequests),
  TEST_FUZZ_TIMES: String(fuzzTimes),
  TEST_ORDERS: String(extent.randomOrders),
  TEST_FILE_MINUTES: "120",
};

process.stdout.write(`Seed ${extent.seed}: the same seed gives the same hostile input again.\n`);
const beganAt = performance.now();
const suite = spawn(
  process.execPath,
  [
    "--conditions=gatehouse-source",
    join(import.meta.dirname, "run.ts"),
    "process/kill",
    "api/raw-requests",
    "api/bad-input",
    "radius/random-orders",
  ],
  { env: environment, stdio: ["ignore", "pipe", "inherit"] },
);
let lastLine = "";
suite.stdout.on("data", (chunk: Buffer) => {
  process.stdout.write(chunk);
  lastLine = chunk.toString().trimEnd().split("\n").at(-1) || lastLine;
});
const [code] = (await once(suite, "close")) as [number | null];
const folder = join(repositoryRoot, "bench/results");
await mkdir(folder, { recursive: true });
const result = {
  node: process.version,
  cores: availableParallelism(),
  seconds: Math.round((performance.now() - beganAt) / 1000),
  ...extent,
  result: lastLine,
};
await writeFile(join(folder, "chaos.json"), `${JSON.stringify(result, null, 2)}\n`);
process.exitCode = code ?? 1;
