import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandRefused } from "../packages/server/src/commands/command-refused.ts";
import { runArrays } from "./arrays.ts";
import { bareFile } from "./bare-question.ts";
import { compare, failuresOf, isExceeded } from "./check.ts";
import { startChild } from "./child.ts";
import { openFolder } from "./data-cache.ts";
import { atEnd, endEverything, endOnSignals, isEnding } from "./ending.ts";
import { knowsWorkers } from "./gatehouse.ts";
import { currentCommit } from "./machine.ts";
import { readSavedNeighbours } from "./neighbour/neighbour-results.ts";
import { runNeighbour } from "./neighbour/neighbour-run.ts";
import { runOneAccount } from "./one-account.ts";
import { operations } from "./operations.ts";
import { type Options, readOptions } from "./options.ts";
import { writePage } from "./page.ts";
import { openPostgresDatabases } from "./postgres-databases.ts";
import { print } from "./print.ts";
import { say } from "./progress.ts";
import { runRadius } from "./radius/radius-run.ts";
import { readSavedRadius } from "./radius/radius-saved.ts";
import { type Configuration, nameOf, type Result } from "./results.ts";
import { readSaved, save } from "./saved-results.ts";
import { type Extent, measureConfiguration, usualOperations, type Workshop } from "./session.ts";
import { clientNote, factsOf, operationsTable, verdictsTable } from "./tables.ts";
import { judge } from "./targets.ts";
import { runTrips } from "./trips/trips-run.ts";

const openWorkshop = async (options: Options): Promise<Workshop> => {
  await openFolder(options.data);
  const logs = await mkdtemp(join(tmpdir(), "gatehouse-bench-"));
  atEnd(() => rm(logs, { recursive: true, force: true }));
  let postgres: ReturnType<typeof openPostgresDatabases> | undefined;
  return {
    folder: options.data,
    logs,
    profiles: options.profiles,
    commit: currentCommit(),
    bare: startChild(bareFile),
    load: startChild("load-generator.ts"),
    postgres: () => {
      postgres ??= openPostgresDatabases(options.data);
      return postgres;
    },
  };
};

/** The configurations of a command line; those that this Gatehouse does not know are named and left out. */
const configurationsOf = (options: Options): Configuration[] => {
  const known =
    options.workers.some((workers) => workers > 1) && !knowsWorkers() ? options.workers.filter((one) => one === 1) : options.workers;
  const skipped = options.workers.filter((workers) => !known.includes(workers));
  if (skipped.length > 0) say(`Skipped: ${skipped.join(" and ")} workers, for this gatehouse serve has no --workers.`);
  return options.users.flatMap((users) => options.databases.flatMap((database) => known.map((workers) => ({ database, workers, users }))));
};

const extentOf = (options: Options, { workers }: Configuration): Extent => {
  const usual = usualOperations(workers);
  return {
    operations: options.only ? operations.filter((operation) => options.only!.includes(operation)) : usual,
    rounds: options.rounds,
    seconds: options.seconds,
    tool: options.tool,
    starts: options.only || options.check ? 1 : options.quick ? 2 : 5,
    references: true,
    eventLoop: options.only === undefined && !options.check,
    soak: options.soak,
  };
};

/** Measures what was asked for, shows it, and keeps it where that was asked for, too. */
const measure = async (options: Options, workshop: Workshop): Promise<void> => {
  const results: Result[] = [];
  for (const configuration of configurationsOf(options)) {
    const result = await measureConfiguration(workshop, configuration, extentOf(options, configuration));
    results.push(result);
    process.stdout.write(`\n${nameOf(configuration)}\n\n`);
    print(operationsTable(result));
    process.stdout.write(`${factsOf(result).join("\n")}\n\n`);
    if (options.save) await save([result]);
  }
  process.stdout.write(`${clientNote}\n\n`);
  if (options.only === undefined) {
    print(verdictsTable(judge(results, await readSaved()).filter(({ concernsThisRun }) => concernsThisRun)));
  }
  if (options.save) await writePage(await readSaved(), await readSavedRadius(), await readSavedNeighbours());
};

/** Measures what results are committed of, and sets the exit code where something became too dear twice in a row. */
const check = async (options: Options, workshop: Workshop): Promise<void> => {
  const saved = await readSaved();
  const only = options.only && new Set(options.only.map(({ id }) => id));
  const failures: string[] = [];
  const committed = configurationsOf(options).flatMap((wanted) => saved.filter((result) => nameOf(result) === nameOf(wanted)));
  for (const then of committed) {
    const extent = extentOf(options, then);
    let rows = compare(then, await measureConfiguration(workshop, then, extent), only);
    const exceeded = new Set(rows.filter(isExceeded).map(({ row }) => row.split(" ")[0]!));
    if (exceeded.size > 0) {
      say(`${nameOf(then)}: measuring again ${[...exceeded].join(", ")}`);
      const operations = extent.operations.filter(({ id }) => exceeded.has(id));
      const again = compare(then, await measureConfiguration(workshop, then, { ...extent, operations }), exceeded);
      rows = [
        ...rows.filter((row) => !isExceeded(row)),
        ...again.filter((row) => rows.some((first) => first.row === row.row && isExceeded(first))),
      ];
    }
    failures.push(...failuresOf(rows));
  }
  if (committed.length === 0) failures.push(...failuresOf([]));
  for (const failure of failures) process.stdout.write(`${failure}\n`);
  process.stdout.write(failures.length === 0 ? "No row costs over a fifth more CPU than committed.\n" : "The check failed.\n");
  process.exitCode = failures.length === 0 ? 0 : 1;
};

endOnSignals();
try {
  const [node, script, part, ...rest] = process.argv as [string, string, ...string[]];
  if (part === "radius") await runRadius([node, script, ...rest]);
  else if (part === "neighbour") await runNeighbour([node, script, ...rest]);
  else if (part === "arrays") await runArrays([node, script, ...rest]);
  else if (part === "one-account") await runOneAccount([node, script, ...rest]);
  else if (part === "trips") await runTrips([node, script, ...rest]);
  else {
    const options = readOptions(process.argv);
    const workshop = await openWorkshop(options);
    await (options.check ? check(options, workshop) : measure(options, workshop));
  }
} catch (error) {
  const text = error instanceof CommandRefused ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (!isEnding()) process.stderr.write(`bench: ${text}\n`);
  process.exitCode = 1;
} finally {
  await endEverything();
}
