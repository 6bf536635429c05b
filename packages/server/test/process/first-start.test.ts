import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { pino } from "pino";
import { readConfig } from "../../src/config/settings.ts";
import { ensureRootOrganization } from "../../src/startup/first-start.ts";
import { openInstallation } from "../../src/startup/installation.ts";
import { runProgram, serveProgram } from "../support/program.ts";

const tokenIn = (output: string): string | undefined => /Bearer (gate_[0-9A-Za-z]+)/.exec(output)?.[1];

const inDirectory = async (use: (environment: Record<string, string>) => Promise<void>): Promise<void> => {
  const directory = await mkdtemp(join(tmpdir(), "gatehouse-first-"));
  try {
    await use({ GATEHOUSE_DATA_DIR: join(directory, "data") });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

describe("a first start", () => {
  for (const workers of ["1", "2"]) {
    it(`that cannot listen names the port, and the next one shows the token (--workers ${workers})`, () =>
      inDirectory(async (environment) => {
        const taken = createServer();
        taken.listen(0, "127.0.0.1");
        await once(taken, "listening");
        const { port } = taken.address() as { port: number };
        const args = ["serve", "--demo", "--workers", workers];
        const failed = await runProgram(args, { ...environment, GATEHOUSE_PORT: String(port) });
        taken.close();
        assert.equal(failed.code, 1);
        assert.equal(tokenIn(failed.stdout), undefined);
        assert.match(failed.stderr, new RegExp(`Port ${port} of 127\\.0\\.0\\.1 is in use`));
        const server = await serveProgram(environment, args);
        try {
          const token = tokenIn(server.output());
          assert.ok(token, server.output());
          assert.equal((await server.request("GET", "/user/", token)).status, 200);
        } finally {
          await server.end("SIGTERM");
        }
        const again = await serveProgram(environment, args);
        assert.equal(tokenIn(again.output()), undefined, "and only once");
        await again.end("SIGTERM");
      }));
  }

  it("with a token of one's own beside another one says that it is ignored", () =>
    inDirectory(async (environment) => {
      const own = "bootstrap-token-that-is-long-enough-0123456789";
      const first = await serveProgram(environment);
      const token = tokenIn(first.output())!;
      await first.end("SIGTERM");
      const second = await serveProgram({ ...environment, GATEHOUSE_BOOTSTRAP_TOKEN: own });
      try {
        assert.match(second.output(), /GATEHOUSE_BOOTSTRAP_TOKEN is ignored/);
        assert.ok(!second.output().includes(own));
        assert.deepEqual(
          [(await second.request("GET", "/user/", own)).status, (await second.request("GET", "/user/", token)).status],
          [401, 200],
        );
      } finally {
        await second.end("SIGTERM");
      }
    }));

  it("that was killed before it had a token is still the first one, demo world and all", () =>
    inDirectory(async (environment) => {
      const app = await openInstallation(readConfig(environment), pino({ level: "silent" }));
      await ensureRootOrganization(app);
      await app.close();
      const args = ["serve", "--demo"];
      const server = await serveProgram(environment, args);
      const token = tokenIn(server.output())!;
      try {
        assert.match(server.output(), /The demo world is loaded/);
        assert.equal((await server.request("GET", "/user/username/john_doe/", token)).status, 200);
      } finally {
        await server.end("SIGKILL");
      }
      const again = await serveProgram(environment, args);
      assert.doesNotMatch(again.output(), /demo world/, "and no later one is");
      await again.end("SIGTERM");
    }));

  it("leads who opens its address to a page for people", () =>
    inDirectory(async (environment) => {
      const server = await serveProgram(environment);
      try {
        const page = await fetch(`${server.address}/`);
        assert.deepEqual([page.status, page.redirected], [200, true]);
        assert.match(page.headers.get("content-type") ?? "", /text\/html/);
        assert.equal((await fetch(`${server.address}/`, { redirect: "manual" })).headers.get("location"), "swagger/");
      } finally {
        const ended = await server.end("SIGTERM");
        assert.match(ended.stdout, /"signal":"SIGTERM","upSeconds":\d+,"msg":"Gatehouse ended"/);
      }
    }));

  it("says of a host that is none of this machine's, or a setting that cannot be, what to do", () =>
    inDirectory(async (environment) => {
      for (const host of ["192.0.2.1", "no-such-host.invalid", "fe80::1"]) {
        const { code, stderr } = await runProgram(["serve"], { ...environment, GATEHOUSE_HOST: host });
        assert.equal(code, 1);
        assert.match(stderr, new RegExp(`GATEHOUSE_HOST names ${host.replaceAll(".", "\\.")}, which is no address of this machine`));
        assert.doesNotMatch(stderr, /^\s+at /m);
      }
    }));
});
