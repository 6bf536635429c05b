import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compare, failuresOf, isExceeded } from "../check.ts";
import { startChild } from "../child.ts";
import { openFolder } from "../data-cache.ts";
import { atEnd } from "../ending.ts";
import { readSavedNeighbours } from "../neighbour/neighbour-results.ts";
import { writePage } from "../page.ts";
import { openPostgresDatabases } from "../postgres-databases.ts";
import { print } from "../print.ts";
import { say } from "../progress.ts";
import { readSaved } from "../saved-results.ts";
import { clientNote, verdictsTable } from "../tables.ts";
import { radiusCases } from "./cases.ts";
import { type RadiusOptions, readRadiusOptions } from "./radius-options.ts";
import type { RadiusResult } from "./radius-results.ts";
import { readSavedRadius, saveRadius } from "./radius-saved.ts";
import { measureRadius, type RadiusWorkshop } from "./radius-session.ts";
import { besideFreeRadiusTable, radiusFacts, radiusTable } from "./radius-tables.ts";
import { judgeRadius } from "./radius-targets.ts";

const openWorkshop = async (options: RadiusOptions): Promise<RadiusWorkshop> => {
  await openFolder(options.data);
  const logs = await mkdtemp(join(tmpdir(), "gatehouse-bench-"));
  atEnd(() => rm(logs, { recursive: true, force: true }));
  let postgres: ReturnType<typeof openPostgresDatabases> | undefined;
  return {
    logs,
    bare: startChild("radius/bare-echo.ts"),
    load: startChild("radius/load-generator.ts"),
    postgres: () => {
      postgres ??= openPostgresDatabases(options.data);
      return postgres;
    },
  };
};

const show = (result: RadiusResult): void => {
  process.stdout.write(`\nRADIUS on ${result.database}, one process\n\n`);
  print(radiusTable(result));
  const theirs = besideFreeRadiusTable(result);
  if (theirs) {
    process.stdout.write("\n");
    print(theirs);
  }
  process.stdout.write(`${radiusFacts(result).join("\n")}\n\n`);
};

const measure = async (options: RadiusOptions, workshop: RadiusWorkshop): Promise<void> => {
  const results: RadiusResult[] = [];
  for (const database of options.databases) {
    const result = await measureRadius(workshop, options, database, options.only ?? radiusCases);
    results.push(result);
    show(result);
    if (options.save) await saveRadius([result]);
  }
  process.stdout.write(`${clientNote}\n\n`);
  print(verdictsTable(judgeRadius(results).filter(({ concernsThisRun }) => concernsThisRun)));
  if (options.save) await writePage(await readSaved(), await readSavedRadius(), await readSavedNeighbours());
};

/** Compares the CPU per packet, in multiples of the bare echo's, with the committed results; what became too dear is measured twice. */
const check = async (options: RadiusOptions, workshop: RadiusWorkshop): Promise<void> => {
  const alone = { ...options, freeRadius: false };
  const only = options.only && new Set(options.only.map(({ id }) => id));
  const committed = (await readSavedRadius()).filter(({ database }) => options.databases.includes(database));
  const failures: string[] = committed.length === 0 ? failuresOf([]) : [];
  for (const then of committed) {
    const measured = { ...alone, accounts: then.users };
    let rows = compare(then, await measureRadius(workshop, measured, then.database, options.only ?? radiusCases), only);
    const exceeded = new Set(rows.filter(isExceeded).map(({ row }) => row));
    if (exceeded.size > 0) {
      say(`radius on ${then.database}: measuring again ${[...exceeded].join(", ")}`);
      const again = radiusCases.filter(({ id }) => exceeded.has(id));
      rows = compare(then, await measureRadius(workshop, measured, then.database, again), exceeded);
      failures.push(...failuresOf(rows));
    }
  }
  for (const failure of failures) process.stdout.write(`${failure}\n`);
  process.stdout.write(failures.length === 0 ? "No case costs over a fifth more CPU than committed.\n" : "The check failed.\n");
  process.exitCode = failures.length === 0 ? 0 : 1;
};

/** `npm run bench -- radius`: measures the RADIUS door, or compares it with what is committed. */
export const runRadius = async (argv: readonly string[]): Promise<void> => {
  const options = readRadiusOptions(argv);
  const workshop = await openWorkshop(options);
  await (options.check ? check(options, workshop) : measure(options, workshop));
};
