import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { repositoryRoot } from "../generated/generated-files.ts";
import { machine, serveProgram } from "../support/program.ts";

const run = promisify(execFile);
const npmSettings = ["npm_config_cache", "npm_config_registry", "npm_config_userconfig"];

/** npm with the machine's own settings and none of those that `npm test` hands down. */
const npm = async (args: readonly string[], cwd: string): Promise<string> => {
  const kept = npmSettings.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]] as const]));
  const { stdout } = await run("npm", args, { cwd, env: { ...machine(), ...Object.fromEntries(kept) }, maxBuffer: 16 * 1024 * 1024 });
  return stdout;
};

describe("the packed packages, installed elsewhere", () => {
  let folder: string;
  let tarballs: string[];
  const contents = new Map<string, string[]>();

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "gatehouse-package-"));
    await npm(["run", "build"], repositoryRoot);
    for (const name of ["contract", "server"]) {
      const packed = JSON.parse(
        await npm(["pack", "--json", "--pack-destination", folder, `--workspace=packages/${name}`], repositoryRoot),
      );
      const [made] = Object.values(packed) as [{ files: { path: string }[] }];
      contents.set(
        name,
        made.files.map((file) => file.path),
      );
    }
    tarballs = (await readdir(folder)).filter((file) => file.endsWith(".tgz"));
    await writeFile(join(folder, "package.json"), JSON.stringify({ name: "elsewhere", private: true, type: "module" }));
    const files = tarballs.map((file) => `./${file}`);
    await npm(["install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", ...files], folder);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it("hold what the build made, and neither sources nor tests", () => {
    assert.equal(tarballs.length, 2);
    for (const [name, files] of contents) {
      assert.ok(
        files.some((path) => /^dist\/(?:index|main)\.js$/.test(path)),
        name,
      );
      assert.deepEqual(
        files.filter((path) => /(?:^|\/)(?:src|test)\/|\.test\.|[^d]\.ts$|\.tsbuildinfo$|\.env/.test(path)),
        [],
        name,
      );
    }
  });

  it("serve a request", async () => {
    const entry = join(folder, "node_modules/gatehouse/bin/gatehouse.mjs");
    const server = await serveProgram({ GATEHOUSE_DATA_DIR: join(folder, "data") }, ["serve", "--demo"], entry);
    try {
      const [, token, url] = /Bearer (\S+)" "([^"]+)"/.exec(server.output())!;
      const answer = await fetch(url!, { headers: { authorization: `Bearer ${token}` } });
      assert.equal(answer.status, 200);
      assert.equal(((await answer.json()) as { count: number }).count, 5);
      assert.equal((await fetch(`${server.address}/swagger/`)).status, 200);
    } finally {
      assert.equal((await server.end("SIGTERM")).code, 0);
    }
  });
});
