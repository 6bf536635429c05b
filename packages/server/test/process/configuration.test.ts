import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { readConfig, settings } from "../../src/config/settings.ts";
import { runProgram } from "../support/program.ts";

const wrong = {
  GATEHOUSE_PORT: "eighty-value",
  DATABASE_URL: "mysql://value@host/db",
  GATEHOUSE_PUBLIC_URL: "value.example",
  GATEHOUSE_TRUSTED_PROXIES: "10.0.0.0/8, value",
  GATEHOUSE_BOOTSTRAP_TOKEN: "short-value",
  GATEHOUSE_SECRET_KEY: "value-that-is-no-key",
  GATEHOUSE_RATE_LIMIT: "-1value",
  GATEHOUSE_RADIUS_HOST: "radius.value.example",
  GATEHOUSE_RADIUS_AUTH_PORT: "value",
  GATEHOUSE_RADIUS_ACCT_PORT: "65536",
  GATEHOUSE_RADIUS_SOURCE: "192.0.2.1,value",
  GATEHOUSE_DATABASE_POOL: "0",
  GATEHOUSE_BODY_MEMORY: "31",
  GATEHOUSE_LOG_LEVEL: "value",
};

describe("a start that cannot be", () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "gatehouse-configuration-"));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  it("lists every wrong setting by name, and no value", async () => {
    const { code, stdout, stderr } = await runProgram(["serve"], { GATEHOUSE_DATA_DIR: directory, ...wrong, GATEHOUSE_PROT: "8080" });
    assert.deepEqual([code, stdout], [1, ""]);
    for (const name of [...Object.keys(wrong), "GATEHOUSE_PROT"]) assert.match(stderr, new RegExp(`- ${name} `), name);
    assert.equal(stderr.match(/^ {2}- /gm)?.length, Object.keys(wrong).length + 1);
    assert.doesNotMatch(stderr, /value|65536|mysql/);
    assert.match(stderr, /GATEHOUSE_PROT is not a setting\. Did you mean GATEHOUSE_PORT\?/);
    assert.doesNotMatch(stderr, /^\s+at /m, "no stack");
    assert.deepEqual(await readdir(directory), [], "nothing was made");
  });

  it("says that the port is in use, and what to do", async () => {
    const listener = createServer();
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    const { port } = listener.address() as { port: number };
    try {
      const { code, stderr } = await runProgram(["serve"], { GATEHOUSE_DATA_DIR: join(directory, "port"), GATEHOUSE_PORT: String(port) });
      assert.equal(code, 1);
      assert.match(stderr, /Port \d+ of 127\.0\.0\.1 is in use.*GATEHOUSE_PORT/);
      assert.doesNotMatch(stderr, /^\s+at /m);
    } finally {
      listener.close();
    }
  });

  it("refuses to publish the demo passwords beyond this machine", async () => {
    const { code, stderr } = await runProgram(["serve", "--demo"], { GATEHOUSE_DATA_DIR: directory, GATEHOUSE_HOST: "0.0.0.0" });
    assert.equal(code, 1);
    assert.match(stderr, /GATEHOUSE_HOST/);
  });

  it("says that the database cannot be reached, and not how it was asked", async () => {
    const url = "postgres://someone:hunter2@127.0.0.1:1/nothing";
    const { code, stderr } = await runProgram(["migrate"], { GATEHOUSE_DATA_DIR: directory, DATABASE_URL: url });
    assert.equal(code, 1);
    assert.match(stderr, /^gatehouse: The PostgreSQL database nothing at 127\.0\.0\.1:1 cannot be used: nothing listens there/);
    assert.doesNotMatch(stderr, /hunter2/);
  });

  it("says that the data directory is none", async () => {
    const file = join(directory, "file");
    await writeFile(file, "");
    const { code, stderr } = await runProgram(["migrate"], { GATEHOUSE_DATA_DIR: file });
    assert.equal(code, 1);
    assert.match(stderr, /^gatehouse: /);
  });

  it("says which command was meant", async () => {
    const { code, stderr } = await runProgram(["serv"], {});
    assert.notEqual(code, 0);
    assert.match(stderr, /serve/);
  });
});

describe("the settings", () => {
  it("all have a default that works, and an empty value counts as unset", () => {
    const config = readConfig({});
    assert.deepEqual([config.host, config.port, config.dataDir, config.databaseUrl], ["127.0.0.1", 8080, "./data", undefined]);
    assert.deepEqual(readConfig(Object.fromEntries(Object.keys(settings).map((name) => [name, ""]))), config);
    assert.ok(Object.isFrozen(config));
    assert.deepEqual(
      [config.radiusHosts, config.radiusAuthPort, config.radiusAcctPort, config.radiusSourceAddresses],
      [["0.0.0.0", "::"], 1812, 1813, []],
    );
  });

  it("of RADIUS name addresses and ports, or close a port", () => {
    const config = readConfig({
      GATEHOUSE_RADIUS_HOST: "192.0.2.1, 2001:db8::1",
      GATEHOUSE_RADIUS_AUTH_PORT: "0",
      GATEHOUSE_RADIUS_ACCT_PORT: "off",
      GATEHOUSE_RADIUS_SOURCE: "2001:db8::1,192.0.2.1",
    });
    assert.deepEqual(
      [config.radiusHosts, config.radiusAuthPort, config.radiusAcctPort, config.radiusSourceAddresses],
      [["192.0.2.1", "2001:db8::1"], 0, undefined, ["2001:db8::1", "192.0.2.1"]],
    );
    for (const [name, value] of [
      ["GATEHOUSE_RADIUS_HOST", "192.0.2.1,192.0.2.1"],
      ["GATEHOUSE_RADIUS_HOST", "192.0.2.1,"],
      ["GATEHOUSE_RADIUS_SOURCE", "192.0.2.1,192.0.2.2"],
      ["GATEHOUSE_RADIUS_ACCT_PORT", "70000"],
    ] as const) {
      assert.throws(() => readConfig({ [name]: value }), new RegExp(name));
    }
  });
});
