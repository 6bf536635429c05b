import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { eventually } from "../support/eventually.ts";
import { runProgram, serveProgram, spawnProgram } from "../support/program.ts";
import { databaseNames, freshDatabase } from "../support/world.ts";

describe("a data directory that is served", () => {
  let directory: string;
  let environment: Record<string, string>;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "gatehouse-served-"));
    environment = { GATEHOUSE_DATA_DIR: directory };
  });
  after(() => rm(directory, { recursive: true, force: true }));

  for (const workers of ["1", "2"]) {
    it(`by ${workers} is served by nobody else, who is told the process, and by the next after kill -9`, async () => {
      const args = ["serve", "--workers", workers];
      let server = await serveProgram(environment, args);
      for (const others of [["serve"], ["serve", "--workers", "2"]]) {
        const { code, stdout, stderr } = await runProgram(others, { ...environment, GATEHOUSE_PORT: "0" });
        assert.deepEqual([code, stdout], [1, ""]);
        assert.match(stderr, new RegExp(`^gatehouse: ${directory} is served already, by process ${server.pid}\\.[^\\n]+\\n$`));
      }
      assert.equal((await runProgram(["token", "list"], environment)).code, 0, "other commands work beside it");
      assert.equal((await fetch(`${server.address}/healthz`)).status, 200);
      await server.end("SIGKILL");
      server = await serveProgram(environment, args);
      assert.match(await readFile(join(directory, "serve.pid"), "utf8"), new RegExp(`^${server.pid} `));
      assert.equal((await server.end("SIGTERM")).code, 0);
    });
  }

  it("is that of one of several who begin at once", async () => {
    const settings = { ...environment, GATEHOUSE_PORT: "0" };
    const children = Array.from({ length: 4 }, () => spawnProgram(["serve"], settings));
    const ended: (number | null)[] = [];
    for (const child of children) child.once("close", (code) => ended.push(code));
    await eventually("all but one are refused", () => ended.length === 3);
    assert.deepEqual(ended, [1, 1, 1]);
    const last = children.find((child) => child.exitCode === null)!;
    last.kill("SIGTERM");
    await once(last, "close");
    assert.equal(last.exitCode, 0);
  });
});

for (const database of databaseNames) {
  describe(`a start that is told to end (${database})`, () => {
    let fresh: Awaited<ReturnType<typeof freshDatabase>>;
    before(async () => {
      fresh = await freshDatabase(database);
    });
    after(() => fresh.drop());

    for (const workers of ["1", "2", "4"]) {
      it(`has left no request unanswered, and says nothing of one, at any moment: ${workers} workers`, async () => {
        // However slow the machine is, the last one comes while the program starts.
        for (const afterMs of [600, 900, 1_200, 1_600, 2_000, 2_500, "its first word"] as const) {
          const child = spawnProgram(["serve", "--workers", workers], {
            ...fresh.environment,
            GATEHOUSE_PORT: "0",
            GATEHOUSE_LOG_LEVEL: "info",
          });
          let said = "";
          for (const stream of [child.stdout!, child.stderr!]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
          if (afterMs === "its first word") child.stdout!.once("data", () => child.kill("SIGTERM"));
          else setTimeout(() => child.kill("SIGTERM"), afterMs);
          const [code, signal] = await once(child, "close");
          assert.doesNotMatch(said, /unanswered|does not start|unexpected/);
          // Before the program was loaded the signal ends it as any other.
          assert.ok(code === 0 || (said === "" && signal === "SIGTERM"), `after ${afterMs}: ${code} ${signal}\n${said}`);
        }
      });
    }
  });
}
