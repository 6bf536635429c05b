import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startChild } from "./child.ts";
import { openFolder } from "./data-cache.ts";
import { atEnd, endEverything, endOnSignals } from "./ending.ts";
import { openPostgresDatabases } from "./postgres-databases.ts";
import { measureConfiguration, usualOperations, type Workshop } from "./session.ts";

endOnSignals();
try {
  const folder = join(import.meta.dirname, ".data");
  await openFolder(folder);
  const logs = await mkdtemp(join(tmpdir(), "gatehouse-bench-"));
  atEnd(() => rm(logs, { recursive: true, force: true }));
  let postgres: ReturnType<typeof openPostgresDatabases> | undefined;
  const workshop: Workshop = {
    folder,
    logs,
    bare: startChild("bare-server.ts"),
    load: startChild("load-generator.ts"),
    postgres: () => {
      postgres ??= openPostgresDatabases(folder);
      return postgres;
    },
  };
  const ids = process.argv.slice(2);
  for (const database of ["sqlite", "postgres"] as const) {
    const result = await measureConfiguration(
      workshop,
      { database, users: 100_000, workers: 1 },
      {
        operations: usualOperations(1).filter(({ id }) => ids.length === 0 || ids.includes(id)),
        rounds: 2,
        seconds: 1,
        starts: 2,
        isWhole: true,
        soak: false,
      },
    );
    for (const [id, { summary }] of Object.entries(result.operations)) console.log(id, JSON.stringify(summary));
    for (const [id, { summary }] of Object.entries(result.references)) console.log("ref", id, JSON.stringify(summary));
    console.log({ ...result, operations: 0, references: 0 });
  }
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await endEverything();
}
