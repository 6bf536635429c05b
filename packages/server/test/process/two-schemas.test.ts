import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import pg from "pg";
import { pino } from "pino";
import { readConfig } from "../../src/config/settings.ts";
import { openDatabase } from "../../src/startup/installation.ts";
import { eventually } from "../support/eventually.ts";
import { runProgram, type Served, serveProgram } from "../support/program.ts";
import { freshDatabase } from "../support/world.ts";

const names = ["one", "two"] as const;
const tokenOf = (name: string): string => `token-of-the-gatehouse-in-schema-${name}-0123456789`;

describe("two Gatehouses in two schemas of one PostgreSQL database", () => {
  let fresh: Awaited<ReturnType<typeof freshDatabase>>;
  let environments: Record<string, string>[];
  let servers: Served[];
  before(async () => {
    fresh = await freshDatabase("postgres", false);
    const client = new pg.Client({ connectionString: fresh.environment["DATABASE_URL"] });
    await client.connect();
    for (const name of names) await client.query(`create schema ${name}`);
    await client.end();
    environments = names.map((name) => ({
      ...fresh.environment,
      DATABASE_URL: `${fresh.environment["DATABASE_URL"]}?options=${encodeURIComponent(`-c search_path=${name}`)}`,
      GATEHOUSE_BOOTSTRAP_TOKEN: tokenOf(name),
      GATEHOUSE_RADIUS_AUTH_PORT: "off",
      GATEHOUSE_RADIUS_ACCT_PORT: "off",
    }));
    servers = await Promise.all(environments.map((environment) => serveProgram(environment)));
  });
  after(async () => {
    for (const server of servers ?? []) await server.end("SIGKILL");
    await fresh.drop();
  });

  it("come to life at once, and know nothing of each other", async () => {
    for (const [index, server] of servers.entries()) {
      const own = tokenOf(names[index]!);
      const made = await server.request("POST", "/user/", own, { username: `guest-${names[index]}` });
      assert.equal(made.status, 201, await made.text());
      assert.equal((await server.request("GET", "/user/", tokenOf(names[1 - index]!))).status, 401);
    }
    for (const [index, server] of servers.entries()) {
      const found = await server.request("GET", "/user/?username=guest", tokenOf(names[index]!));
      const { results } = (await found.json()) as { results: { username: string }[] };
      assert.deepEqual(
        results.map(({ username }) => username),
        [`guest-${names[index]}`],
      );
    }
  });

  it("are each at the newest schema for the commands, too", async () => {
    for (const environment of environments) {
      const { code, stdout } = await runProgram(["migrate", "--dry-run"], environment);
      assert.deepEqual([code, stdout], [0, "The schema is up to date.\n"]);
    }
  });

  it("hear their own signals alone", async () => {
    const databases = await Promise.all(
      environments.map((environment) => openDatabase(readConfig(environment), pino({ level: "silent" }))),
    );
    const heard = databases.map((): string[] => []);
    const onTrouble = () => {};
    const listeners = databases.map((database, index) =>
      database.listen({ receive: (topic) => heard[index]!.push(topic), missed: () => {}, onTrouble }),
    );
    try {
      await eventually("both listen", () => listeners.every((listener) => listener.isLive()));
      const [one, two] = databases as [(typeof databases)[0], (typeof databases)[0]];
      await two.announce(two.reader, "of two");
      await one.announce(one.reader, "of one");
      await eventually("each hears its own", () => heard[0]!.includes("of one") && heard[1]!.includes("of two"));
      assert.ok(!heard[0]!.includes("of two") && !heard[1]!.includes("of one"));
    } finally {
      for (const listener of listeners) await listener.close();
      for (const database of databases) await database.close();
    }
  });
});
