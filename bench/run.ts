import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startChild } from "./child.ts";
import { benchToken, openFolder, openSqliteCopy } from "./data-cache.ts";
import { atEnd, endEverything, endOnSignals } from "./ending.ts";
import { startGatehouse } from "./gatehouse.ts";
import { operations } from "./operations.ts";
import { measureOperation, type Stage } from "./rounds.ts";

endOnSignals();
try {
  const folder = join(import.meta.dirname, ".data");
  await openFolder(folder);
  const logs = await mkdtemp(join(tmpdir(), "gatehouse-bench-"));
  atEnd(() => rm(logs, { recursive: true, force: true }));
  const users = 100_000;
  const database = await openSqliteCopy(folder, users);
  const gatehouse = await startGatehouse(database.environment, 1, join(logs, "gatehouse.log"));
  console.log(gatehouse.startMs);
  const stage: Stage = {
    token: benchToken,
    users,
    gatehouse,
    databasePid: database.databasePid,
    bare: startChild("bare-server.ts"),
    load: startChild("load-generator.ts"),
    rounds: 3,
    seconds: 2,
    answered: 0,
  };
  for (const operation of operations) {
    const { summary } = await measureOperation(stage, operation);
    console.log(operation.id, JSON.stringify(summary));
  }
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await endEverything();
}
