import { globSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { parseArgs } from "node:util";
import pg from "pg";
import { startPostgres } from "./support/postgres-server.ts";
import { stockPostgres } from "./support/stock-postgres.ts";
import { makeTemplates } from "./support/templates.ts";

/** How long one test file may take before it counts as failed. */
const filePatienceMs = Number(process.env["TEST_FILE_MINUTES"] ?? 10) * 60_000;

// Settings of the machine must not reach the tests, which say themselves what they need.
for (const name of Object.keys(process.env)) {
  if (name.startsWith("GATEHOUSE_") || name.startsWith("PG") || name === "DATABASE_URL" || name === "NODE_TEST_CONTEXT")
    delete process.env[name];
}

const root = import.meta.dirname;
const { values, positionals: wanted } = parseArgs({
  options: { lanes: { type: "boolean" }, postgres: { type: "string", default: "bundled" } },
  allowPositionals: true,
});
if (values.postgres !== "bundled" && values.postgres !== "stock") {
  process.stderr.write(`--postgres is "bundled" or "stock", not ${values.postgres}.\n`);
  process.exit(1);
}
// Lanes need programs that are not on every machine; .ci runs them.
const files = globSync(values.lanes ? ["**/*.lane.ts"] : ["**/*.test.ts", "../src/**/*.test.ts", "../../../bench/*.test.ts"], { cwd: root })
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .map((file) => join(root, file))
  .sort();
if (files.length === 0) {
  process.stderr.write(`No test file's path contains ${wanted.join(" or ")}.\n`);
  process.exit(1);
}

const startedAt = performance.now();
const isStock = values.postgres === "stock";
// A file that is named is kept, for whoever wants to know afterwards what the server has said.
const log = process.env["TEST_POSTGRES_LOG"];
const postgres = await (isStock ? stockPostgres({ log }) : startPostgres({ log }));
// The one that is installed is what is tried, beside the suite on both.
if (isStock) process.env["TEST_DATABASES"] = "postgres";
process.env["TEST_POSTGRES_KIND"] = values.postgres;
const templates = await mkdtemp(join(tmpdir(), "gatehouse-templates-"));
let passed = 0;
let failed = 0;
let skipped = 0;
try {
  const client = new pg.Client({ connectionString: postgres.url("postgres") });
  await client.connect();
  await client.query("create database gatehouse_template");
  await client.end();
  await makeTemplates(templates, postgres.url("gatehouse_template"));
  process.env["TEST_POSTGRES_URL"] = postgres.url("postgres");
  process.env["TEST_POSTGRES_LOG"] = postgres.log;
  process.env["TEST_SQLITE_TEMPLATE"] = templates;
  const stream = run({
    files,
    concurrency: Math.max(2, availableParallelism()),
    timeout: filePatienceMs,
    execArgv: ["--conditions=gatehouse-source"],
  });
  stream.on("test:pass", (event) => {
    if (event.details.type === "suite") return;
    if (event.skip !== undefined || event.todo !== undefined) skipped += 1;
    else passed += 1;
  });
  stream.on("test:fail", (event) => {
    // A failed suite whose tests are counted would count twice, unless it failed by itself.
    const cause = event.details.error as Error & { failureType?: string };
    if (event.details.type === "suite" && cause.failureType === "subtestsFailed") return;
    failed += 1;
  });
  stream.compose(new spec()).pipe(process.stdout);
  await new Promise((resolve) => stream.once("end", resolve));
} finally {
  await postgres.stop();
  await rm(templates, { recursive: true, force: true });
}
await new Promise((resolve) => setTimeout(resolve, 100));
const seconds = Math.round((performance.now() - startedAt) / 1000);
process.stdout.write(
  `\n${files.length} files in ${seconds} s on ${isStock ? "the PostgreSQL that is installed" : "SQLite and PostgreSQL"}\n`,
);
process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
