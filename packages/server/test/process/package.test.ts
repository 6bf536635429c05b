import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { repositoryRoot } from "../generated/generated-files.ts";
import { machine, serveProgram } from "../support/program.ts";

const run = promisify(execFile);
/** Where the machine keeps its settings of npm, and whom it trusts: npm looks for the global ones beside its Node, which is ours here. */
const npmSettings = ["npm_config_cache", "npm_config_registry", "npm_config_userconfig", "npm_config_globalconfig", "NODE_EXTRA_CA_CERTS"];

/** npm with the machine's own settings and none of those that `npm test` hands down. */
const npm = async (args: readonly string[], cwd: string): Promise<string> => {
  const kept = npmSettings.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]] as const]));
  const { stdout } = await run("npm", args, { cwd, env: { ...machine(), ...Object.fromEntries(kept) }, maxBuffer: 16 * 1024 * 1024 });
  return stdout;
};

/** A copy of the workspace to build in: what a build leaves in the checkout would be read there instead of the sources. */
const copyWorkspace = async (target: string): Promise<void> => {
  for (const name of ["package.json", "tsconfig.base.json", ".npmrc", "packages"]) {
    await cp(join(repositoryRoot, name), join(target, name), { recursive: true, filter: (path) => !/[\\/](?:dist|test)$/.test(path) });
  }
  const modules = join(target, "node_modules");
  await mkdir(join(modules, "@gatehouse-aaa"), { recursive: true });
  for (const name of await readdir(join(repositoryRoot, "node_modules"))) {
    if (name !== "@gatehouse-aaa") await symlink(join(repositoryRoot, "node_modules", name), join(modules, name));
  }
  await symlink(join(target, "packages/contract"), join(modules, "@gatehouse-aaa/contract"));
};

describe("the packed packages, installed elsewhere", () => {
  let folder: string;
  let tarballs: string[];
  const contents = new Map<string, string[]>();

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "gatehouse-package-"));
    const workspace = join(folder, "workspace");
    await copyWorkspace(workspace);
    await npm(["run", "build"], workspace);
    for (const name of ["contract", "server"]) {
      const packed = JSON.parse(await npm(["pack", "--json", "--pack-destination", folder, `./packages/${name}`], workspace));
      const [made] = Object.values(packed) as [{ files: { path: string }[] }];
      contents.set(
        name,
        made.files.map((file) => file.path),
      );
    }
    tarballs = (await readdir(folder)).filter((file) => file.endsWith(".tgz"));
    await rm(workspace, { recursive: true });
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
    const entry = join(folder, "node_modules/gatehouse-aaa/bin/gatehouse.mjs");
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
