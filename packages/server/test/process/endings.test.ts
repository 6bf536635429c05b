import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { eventually } from "../support/eventually.ts";
import { machine, serveProgram } from "../support/program.ts";

const bin = join(import.meta.dirname, "../../bin/gatehouse.mjs");

describe("the end of a server", () => {
  let directory: string;
  let environment: Record<string, string>;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "gatehouse-endings-"));
    environment = { GATEHOUSE_DATA_DIR: join(directory, "data"), GATEHOUSE_RADIUS_HOST: "127.0.0.1" };
    environment["GATEHOUSE_RADIUS_AUTH_PORT"] = "0";
    environment["GATEHOUSE_RADIUS_ACCT_PORT"] = "0";
  });
  after(() => rm(directory, { recursive: true, force: true }));

  for (const args of [["serve"], ["serve", "--workers", "2"]]) {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
      it(`comes in order at ${signal}: ${args.join(" ")}`, async () => {
        const server = await serveProgram(environment, args);
        const { code, signal: by, stdout, stderr } = await server.end(signal);
        assert.deepEqual([code, by, stderr], [0, null, ""]);
        assert.match(stdout, new RegExp(`"signal":"${signal}".*"Gatehouse ended"`));
      });
    }

    // An older Node cannot become another program: it starts the server below itself, and passes signals on.
    for (const signal of ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGKILL"] as const) {
      it(`comes in order when its launcher gets ${signal}: ${args.join(" ")}`, async () => {
        const launcher = join(directory, "launcher.mjs");
        await writeFile(launcher, `process.execve = undefined;\nawait import(${JSON.stringify(pathToFileURL(bin).href)});\n`);
        const server = await serveProgram(environment, args, launcher);
        // It ends when nobody holds its output open any more: the server and its workers, too.
        const { code, stdout } = await server.end(signal);
        assert.match(stdout, /"Gatehouse ended"/);
        assert.equal(code, signal === "SIGKILL" || signal === "SIGQUIT" ? null : 0);
        await assert.rejects(fetch(server.address), "nobody has the port any more");
      });
    }
  }

  it("comes in order when npm ends, whose shell passes no signal on", async () => {
    const npm = spawn("sh", ["-c", `"${process.execPath}" --conditions=gatehouse-source "${bin}" serve; true`], {
      env: { ...machine(), ...environment, GATEHOUSE_PORT: "0", npm_lifecycle_event: "start" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    npm.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    await eventually("it is ready", () => said.includes("limit=10"));
    npm.kill("SIGTERM");
    await once(npm, "close");
    assert.match(said, /"signal":"SIGTERM".*"Gatehouse ended"/);
  });

  it("does not come with the end of who started it in the background", async () => {
    const shell = spawn("sh", ["-c", `"${process.execPath}" --conditions=gatehouse-source "${bin}" serve <&- & echo "pid $!"`], {
      env: { ...machine(), ...environment, GATEHOUSE_PORT: "0" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    shell.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    await once(shell, "exit");
    await eventually("it is ready", () => said.includes("limit=10"));
    // Longer than who has npm above looks whether it is still there.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const address = /API +(http:\/\/[^/\s]+)/.exec(said)![1]!;
    assert.equal((await fetch(`${address}/healthz`)).status, 200);
    process.kill(Number(/pid (\d+)/.exec(said)![1]), "SIGTERM");
    await once(shell, "close");
    assert.match(said, /"Gatehouse ended"/);
  });
});
