import assert from "node:assert/strict";
import { mkdir, mkdtemp, rename, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { runProgram, serveProgram } from "../support/program.ts";
import { freshDatabase } from "../support/world.ts";

const files = ["gatehouse.db", "gatehouse.db-wal", "gatehouse.db-shm", "secret.key", "serve.lock", "serve.pid"];

/** Standard error of a program that refused in one sentence. */
const refusal = async (args: readonly string[], environment: Record<string, string>): Promise<string> => {
  const { code, stdout, stderr } = await runProgram(args, { GATEHOUSE_PORT: "0", ...environment });
  assert.deepEqual([code, stdout], [1, ""], `${args.join(" ")}: ${stderr}`);
  assert.match(stderr, /^gatehouse: [^\n]+\.\n$/, "sentences, and no stack");
  return stderr;
};

describe("a file of the data directory that cannot be used", () => {
  let directory: string;
  let environment: Record<string, string>;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "gatehouse-files-"));
    environment = { GATEHOUSE_DATA_DIR: directory };
    const server = await serveProgram(environment);
    await server.end("SIGTERM");
  });
  after(() => rm(directory, { recursive: true, force: true }));

  for (const name of files) {
    it(`is named where a directory stands in its place: ${name}`, async () => {
      const path = join(directory, name);
      const kept = join(directory, "kept");
      await rename(path, kept).catch(() => {});
      await mkdir(path);
      const said = await refusal(["serve"], environment);
      assert.ok(said.includes(`${path} `), said);
      if (!name.startsWith("serve.")) assert.ok((await refusal(["token", "list"], environment)).includes(`${path} `));
      await rm(path, { recursive: true });
      await rename(kept, path).catch(() => {});
    });

    it(`is named where it leads to itself: ${name}`, async () => {
      const path = join(directory, name);
      const kept = join(directory, "kept");
      await rename(path, kept).catch(() => {});
      await symlink(path, path);
      const said = await refusal(["serve"], environment);
      assert.ok(said.includes(`${path} `), said);
      await rm(path);
      await rename(kept, path).catch(() => {});
    });
  }

  it("and serves again when all is in its place", async () => {
    await (await serveProgram(environment)).end("SIGTERM");
  });
});

describe("a key file beside PostgreSQL that cannot be used", () => {
  it("is named, and the database is not blamed", async () => {
    const fresh = await freshDatabase("postgres", false);
    try {
      const { GATEHOUSE_SECRET_KEY: _, ...environment } = fresh.environment;
      const path = join(environment["GATEHOUSE_DATA_DIR"]!, "secret.key");
      await rm(path, { force: true });
      await mkdir(path, { recursive: true });
      const said = await refusal(["serve"], { ...environment, GATEHOUSE_LOG_LEVEL: "warn" });
      assert.ok(said.startsWith(`gatehouse: ${path} cannot be read: a directory stands there`), said);
    } finally {
      await fresh.drop();
    }
  });
});

describe("the place of a PostgreSQL database", () => {
  const nowhere = join(tmpdir(), "no-socket-here");
  const places: readonly (readonly [url: string, place: string])[] = [
    ["postgres://u:hidden-word@127.0.0.1:1/x", "x at 127.0.0.1:1"],
    ["postgres://u:hidden-word@[::1]:1/x", "x at [::1]:1"],
    ["postgres:///x?port=1", "x at localhost:1"],
    ["postgres://u@/x?host=127.0.0.1&port=1&password=hidden-word", "x at 127.0.0.1:1"],
    ["postgres://127.0.0.1:1", "at 127.0.0.1:1"],
    [`postgres:///x?host=${nowhere}`, `x at the socket ${nowhere}/.s.PGSQL.5432`],
    [`postgres://u:hidden-word@/x?host=${nowhere}&port=1`, `x at the socket ${nowhere}/.s.PGSQL.1`],
    [`postgres://${encodeURIComponent(nowhere)}/x`, `x at the socket ${nowhere}/.s.PGSQL.5432`],
  ];
  for (const [url, place] of places) {
    it(`is told as it is meant: ${url}`, async () => {
      const said = await refusal(["token", "list"], { DATABASE_URL: url });
      assert.ok(said.includes(`${place} cannot be used: `), said);
      assert.doesNotMatch(said, /hidden-word/);
      assert.match(said, /Start PostgreSQL/);
    });
  }

  it("is not blamed for a certificate that its URL names and that is not there", async () => {
    const said = await refusal(["token", "list"], { DATABASE_URL: "postgres://127.0.0.1:1/x?sslrootcert=/nowhere/root.crt" });
    assert.match(said, /\/nowhere\/root\.crt cannot be read, which the URL names \(DATABASE_URL\)/);
  });
});
