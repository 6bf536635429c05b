import assert from "node:assert/strict";
import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { runProgram, serveProgram } from "../support/program.ts";
import { freshDatabase } from "../support/world.ts";

const commands = [
  ["migrate"],
  ["migrate", "--dry-run"],
  ["token", "list"],
  ["token", "create", "--name", "x"],
  ["token", "revoke", "1"],
  ["demo"],
] as const;

/** Standard error of a program that refused in one sentence. */
const refusal = async (args: readonly string[], environment: Record<string, string>): Promise<string> => {
  const { code, stdout, stderr } = await runProgram(args, environment);
  assert.deepEqual([code, stdout], [1, ""], `${args.join(" ")}: ${stderr}`);
  assert.match(stderr, /^gatehouse: [^\n]+\.\n$/, "one sentence or two, and no stack");
  return stderr;
};

describe("a data directory", () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(join(tmpdir(), "gatehouse-directory-"));
  });
  after(() => rm(root, { recursive: true, force: true }));

  const made = async (name: string): Promise<{ directory: string; environment: Record<string, string> }> => {
    const directory = join(root, name);
    const environment = { GATEHOUSE_DATA_DIR: directory };
    const server = await serveProgram(environment);
    assert.equal((await server.end("SIGTERM")).code, 0);
    return { directory, environment };
  };

  it("is made by serve alone: no other command makes a database or a key", async () => {
    const directory = join(root, "nowhere");
    for (const args of commands) {
      assert.match(await refusal(args, { GATEHOUSE_DATA_DIR: directory }), /no database in .*nowhere.*gatehouse serve/, args.join(" "));
    }
    await assert.rejects(stat(directory), /ENOENT/);
  });

  it("is closed to all but its owner, also where its files were open before", async () => {
    const { directory, environment } = await made("open");
    for (const file of await readdir(directory)) {
      assert.equal((await stat(join(directory, file))).mode & 0o777, 0o600, file);
      await chmod(join(directory, file), 0o644);
    }
    const server = await serveProgram(environment);
    try {
      for (const file of await readdir(directory)) assert.equal((await stat(join(directory, file))).mode & 0o777, 0o600, file);
    } finally {
      await server.end("SIGTERM");
    }
  });

  it("that has lost its key refuses, and gets no other key", async () => {
    const { directory, environment } = await made("keyless");
    const key = join(directory, "secret.key");
    await rename(key, join(root, "kept.key"));
    for (const args of [["serve"], ["serve", "--workers", "2"], ["token", "list"]] as const)
      assert.match(await refusal(args, environment), /secret\.key is missing.*Restore.*GATEHOUSE_SECRET_KEY/, args.join(" "));
    await assert.rejects(stat(key), /ENOENT/);
    await rename(join(root, "kept.key"), key);
    assert.equal((await runProgram(["token", "list"], environment)).code, 0, "and works again with it");
  });

  it("that has lost its database refuses, and gets no other database", async () => {
    const { directory, environment } = await made("baseless");
    const file = join(directory, "gatehouse.db");
    await rename(file, join(root, "kept.db"));
    assert.match(await refusal(["serve"], environment), /holds secret\.key and no database.*Restore/);
    await writeFile(file, "");
    assert.match(await refusal(["serve", "--demo"], environment), /missing or empty.*Restore/);
    await rename(join(root, "kept.db"), file);
    assert.equal((await runProgram(["token", "list"], environment)).code, 0, "and works again with it");
  });

  it("whose database is damaged says so, and changes nothing", async () => {
    const { directory, environment } = await made("damaged");
    const file = join(directory, "gatehouse.db");
    const damaged = Buffer.alloc((await stat(file)).size, "damaged");
    await writeFile(file, damaged);
    for (const args of [["serve"], ["migrate"], ["token", "list"]] as const)
      assert.match(await refusal(args, environment), /damaged.*Restore it from a backup/, args.join(" "));
    assert.deepEqual(await readFile(file), damaged);
  });

  it("that cannot be made says why", async () => {
    const file = join(root, "file");
    await writeFile(file, "");
    assert.match(await refusal(["serve"], { GATEHOUSE_DATA_DIR: file }), /GATEHOUSE_DATA_DIR is a directory/);
    assert.match(await refusal(["serve"], { GATEHOUSE_DATA_DIR: join(file, "below") }), /GATEHOUSE_DATA_DIR is a directory/);
  });
});

describe("a PostgreSQL that cannot be used", () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  before(async () => {
    fresh = await freshDatabase("postgres", false);
  });
  after(() => fresh.drop());
  const withUrl = (parts: Partial<Pick<URL, "port" | "hostname" | "pathname">>): Record<string, string> => ({
    ...fresh.environment,
    DATABASE_URL: Object.assign(new URL(fresh.environment["DATABASE_URL"]!), { username: "gatehouse", password: "hidden-word", ...parts })
      .href,
  });

  it("is named with its place and the reason, and never with its password", async () => {
    const cases: [environment: Record<string, string>, said: RegExp][] = [
      [withUrl({ port: "1" }), /world_\w+ at 127\.0\.0\.1:1 cannot be used: nothing listens there/],
      [withUrl({ hostname: "no-such-host.invalid" }), /no-such-host\.invalid.*its host is not known/],
      [withUrl({ pathname: "/absent" }), /absent at .*no database of that name/],
    ];
    for (const [environment, said] of cases) {
      for (const args of [["serve"], ["serve", "--workers", "2"], ["token", "list"]] as const) {
        const stderr = await refusal(args, environment);
        assert.match(stderr, said);
        assert.doesNotMatch(stderr, /hidden-word/);
      }
    }
  });

  it("and is empty gets no tokens and no key from a command", async () => {
    for (const args of commands) assert.match(await refusal(args, fresh.environment), /database is empty.*gatehouse serve/);
  });
});
