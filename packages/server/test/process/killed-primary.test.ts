import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { eventually } from "../support/eventually.ts";
import { loadLedger } from "../support/ledger-load.ts";
import { machine, serveProgram } from "../support/program.ts";
import { databaseNames, freshDatabase, fullToken } from "../support/world.ts";

/** Whether a process is there still. One that has ended and that nobody has asked about is not. */
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || !/^\d+ \(.*\) [ZX]/s.test(readFileSync(stat, "latin1"));
};

/** The processes of workers that have come to listen, as the log tells. */
const workersOf = (output: string): number[] =>
  output
    .split("\n")
    .filter((line) => line.includes('"a worker listens"'))
    .map((line) => (JSON.parse(line) as { pid: number }).pid);

describe("a primary that is killed", () => {
  for (const database of databaseNames) {
    it(`takes its workers with it, and another server is there at once (${database})`, async () => {
      const { environment, drop } = await freshDatabase(database);
      const settings = { ...environment, GATEHOUSE_LOG_LEVEL: "info" };
      const first = await serveProgram(settings, ["serve", "--workers", "2"]);
      const load = loadLedger(first.address, 4);
      let pids: number[] = [];
      try {
        await eventually("both workers listen", () => workersOf(first.output()).length === 2);
        pids = workersOf(first.output());
        await eventually("the load is under way", () => load.acknowledged.length > 20);
        await first.end("SIGKILL");
        await eventually("the workers are gone", () => !pids.some(isAlive));
        const second = await serveProgram(settings, ["serve", "--workers", "2"]);
        assert.equal((await second.request("GET", "/user/1/", fullToken)).status, 200);
        await second.end("SIGTERM");
      } finally {
        await load.stop();
        for (const pid of pids.filter(isAlive)) process.kill(pid, "SIGKILL");
        await drop();
      }
    });
  }

  it("takes a worker with it whose thread is in the middle of something long", async () => {
    const entry = join(import.meta.dirname, "../support/stuck-worker.ts");
    const primary = spawn(process.execPath, ["--conditions=gatehouse-source", entry], {
      env: machine(),
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [said] = (await once(primary.stdout!, "data")) as [Buffer];
    const pid = Number(said.toString());
    try {
      assert.ok(isAlive(pid));
      primary.kill("SIGKILL");
      await eventually("the worker is gone", () => !isAlive(pid));
    } finally {
      if (isAlive(pid)) process.kill(pid, "SIGKILL");
    }
  });
});
