import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { eventually } from "../support/eventually.ts";
import { runProgram, serveProgram, spawnProgram } from "../support/program.ts";

const freePort = async (): Promise<number> => {
  const listener = createServer();
  await new Promise<void>((resolve) => void listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as { port: number };
  await new Promise((resolve) => void listener.close(resolve));
  return port;
};

describe("a reader that closes the pipe", () => {
  let directory: string;
  let environment: Record<string, string>;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "gatehouse-pipes-"));
    environment = { GATEHOUSE_DATA_DIR: join(directory, "data"), GATEHOUSE_RADIUS_AUTH_PORT: "off", GATEHOUSE_RADIUS_ACCT_PORT: "off" };
    await (await serveProgram(environment)).end("SIGTERM");
  });
  after(() => rm(directory, { recursive: true, force: true }));

  for (const args of [["openapi"], ["token", "list"], ["migrate"], ["token", "create", "--name", "Unread"]]) {
    it(`ends a command without a stack: ${args.join(" ")}`, async () => {
      const child = spawnProgram(args, environment);
      child.stdout!.destroy();
      let stderr = "";
      child.stderr!.on("data", (chunk: Buffer) => {
        stderr += chunk.toString();
      });
      const [code] = (await once(child, "close")) as [number];
      assert.equal(code, 141);
      assert.doesNotMatch(stderr, /EPIPE|^\s+at /m);
    });
  }

  it("ends no server", async () => {
    const port = await freePort();
    const child = spawnProgram(["serve"], { ...environment, GATEHOUSE_PORT: String(port) });
    child.stdout!.destroy();
    await eventually("it answers", async () => (await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined))?.status === 200);
    await new Promise((resolve) => setTimeout(resolve, 700));
    assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
    child.kill("SIGTERM");
    const [code] = (await once(child, "close")) as [number];
    assert.equal(code, 0);
  });
});

describe("an address of many machines", () => {
  for (const host of ["224.0.0.1", "255.255.255.255", "127.255.255.255", "ff02::1"]) {
    it(`is none to listen on: ${host}`, async () => {
      const { code, stderr } = await runProgram(["serve"], { GATEHOUSE_HOST: host, GATEHOUSE_RADIUS_HOST: host });
      assert.equal(code, 1);
      for (const name of ["GATEHOUSE_HOST", "GATEHOUSE_RADIUS_HOST"])
        assert.match(stderr, new RegExp(`- ${name} names an address of many machines`));
    });
  }
});
