import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import BetterSqlite from "better-sqlite3";
import pg from "pg";
import { runProgram, serveProgram } from "../support/program.ts";
import { freshDatabase } from "../support/world.ts";

const refusal = async (args: readonly string[], environment: Record<string, string>): Promise<string> => {
  const { code, stdout, stderr } = await runProgram(args, { GATEHOUSE_PORT: "0", ...environment });
  assert.deepEqual([code, stdout], [1, ""], `${args.join(" ")}: ${stderr}`);
  assert.match(stderr, /^gatehouse: [^\n]+\n$/, "one sentence, no stack");
  return stderr;
};

describe("a database of another program", () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "gatehouse-foreign-"));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  it("on SQLite is refused, and stays as it was", async () => {
    const data = join(directory, "sqlite");
    await mkdir(data);
    const file = join(data, "gatehouse.db");
    const foreign = new BetterSqlite(file);
    foreign.exec("create table x (a integer); insert into x values (1)");
    foreign.close();
    const before = await readFile(file);
    for (const args of [["serve"], ["serve", "--workers", "2"], ["migrate"], ["token", "list"]]) {
      const said = await refusal(args, { GATEHOUSE_DATA_DIR: data });
      assert.ok(said.includes(`${file} is the database of another program`), said);
    }
    assert.ok(before.equals(await readFile(file)));
    const others = (await readdir(data)).filter((name) => !["gatehouse.db", "serve.lock", "serve.pid"].includes(name));
    assert.deepEqual(others, [], "no key was made");
  });

  it("on PostgreSQL is refused where it has a table by a name of ours, and stays as it was", async () => {
    const fresh = await freshDatabase("postgres");
    const client = new pg.Client({ connectionString: fresh.environment["DATABASE_URL"] });
    await client.connect();
    try {
      await client.query("drop schema public cascade");
      await client.query("create schema public create table organization (a integer)");
      assert.match(await refusal(["serve"], fresh.environment), /it holds a table of another program by a name that Gatehouse needs/);
      for (const args of [["migrate"], ["token", "list"]]) {
        const said = await refusal(args, fresh.environment);
        assert.match(said, /The database holds tables of another program, and none of Gatehouse's\. Start `gatehouse serve` once/);
      }
      const { rows } = await client.query("select tablename from pg_tables where schemaname = 'public'");
      assert.deepEqual(rows, [{ tablename: "organization" }]);
      await client.query("drop table organization");
      assert.match(await refusal(["migrate"], fresh.environment), /The database is empty\. Start `gatehouse serve` once/);
    } finally {
      await client.end();
      await fresh.drop();
    }
  });
});

describe("gatehouse migrate", () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "gatehouse-migrate-"));
    await (await serveProgram({ GATEHOUSE_DATA_DIR: join(directory, "made") })).end("SIGTERM");
  });
  after(() => rm(directory, { recursive: true, force: true }));

  it("refuses a key that is lost or another one, as every command does", async () => {
    const data = join(directory, "made");
    const environment = { GATEHOUSE_DATA_DIR: data };
    await cp(join(data, "secret.key"), join(directory, "kept.key"));
    await rm(join(data, "secret.key"));
    const other = Buffer.alloc(32, 7).toString("base64");
    for (const args of [["migrate"], ["migrate", "--dry-run"]]) {
      assert.match(await refusal(args, environment), /secret\.key is missing/);
      assert.match(await refusal(args, { ...environment, GATEHOUSE_SECRET_KEY: other }), /not the one that this database was made with/);
    }
    await rename(join(directory, "kept.key"), join(data, "secret.key"));
    assert.deepEqual(await runProgram(["migrate"], environment), { code: 0, stdout: "The schema is up to date.\n", stderr: "" });
  });
});

describe("a data directory that cannot be made", { skip: process.platform !== "linux" && "only Linux has /proc" }, () => {
  it("is told, and nothing waits for ever", async () => {
    for (const args of [["serve"], ["serve", "--workers", "2"]]) {
      const said = await refusal(args, { GATEHOUSE_DATA_DIR: "/proc/nowhere/below" });
      assert.match(said, /\/proc\/nowhere.* GATEHOUSE_DATA_DIR/);
    }
  });
});
