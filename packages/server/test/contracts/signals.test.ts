import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import pg from "pg";
import { pino } from "pino";
import type { App } from "../../src/composition/app.ts";
import { openDatabase, openInstallation } from "../../src/startup/installation.ts";
import type { Database } from "../../src/storage/database.ts";
import { createSignals, type Signals } from "../../src/storage/signals.ts";
import { eventually } from "../support/eventually.ts";
import { onEachDatabase, openWorld, type World } from "../support/world.ts";

const logger = pino({ level: "silent" });

/** What a process hears, in order. */
const listenTo = (signals: Signals): string[] => {
  const heard: string[] = [];
  signals.on("api_token", () => heard.push("api_token"));
  signals.on("organization", () => heard.push("organization"));
  signals.start();
  return heard;
};

onEachDatabase("signals between processes", (open) => {
  let world: World;
  let database: Database;
  let signals: Signals;
  let heard: string[];
  const troubles: string[] = [];
  before(async () => {
    world = await open();
    database = await openDatabase(world.config, logger);
    signals = createSignals({ database, topics: ["api_token", "organization"], onTrouble: (message) => troubles.push(message) });
    heard = listenTo(signals);
    await eventually("the listener is live", () => signals.isLive());
    heard.length = 0;
  });
  after(async () => {
    await signals.close();
    await database.close();
    await world.close();
  });

  const announce = (topic: string) => world.app.database.write((handle) => world.app.database.announce(handle, topic));

  it("carry a topic to the others, and no other topic", async () => {
    await announce("organization");
    await eventually("organization is heard", () => heard.includes("organization"));
    assert.ok(!heard.includes("api_token"));
    await announce("api_token");
    await eventually("api_token is heard", () => heard.includes("api_token"));
  });

  it("carry nothing of a unit that is undone", async () => {
    heard.length = 0;
    const undone = world.app.database.write(async (handle) => {
      await world.app.database.announce(handle, "organization");
      throw new Error("on purpose");
    });
    await assert.rejects(undone, /on purpose/);
    await announce("api_token");
    await eventually("what comes after is heard", () => heard.includes("api_token"));
    assert.ok(!heard.includes("organization"));
  });

  it("are made of the changes of tokens and organizations", async () => {
    heard.length = 0;
    const { body } = await world.post("/api_token/", { name: "announced", scopes: ["user:read"] });
    await eventually("the token is heard", () => heard.includes("api_token"));
    assert.ok(!heard.includes("organization"));
    assert.equal((await world.post("/organization/", { slug: "announced", name: "Announced" })).status, 201);
    await eventually("the organization is heard", () => heard.includes("organization"));
    heard.length = 0;
    assert.equal((await world.patch("/user/1/", { first_name: "Nobody's business" })).status, 200);
    assert.equal((await world.delete(`/api_token/${body.id}/`)).status, 204);
    await eventually("the revocation is heard", () => heard.includes("api_token"));
    assert.deepEqual(new Set(heard), new Set(["api_token"]));
    assert.deepEqual(troubles, []);
  });
});

onEachDatabase("a token that another process revokes", (open) => {
  const stillClock = { nowMs: () => 1_790_000_000_000 };
  let world: World;
  let other: App;
  before(async () => {
    world = await open({ clock: stillClock });
    other = await openInstallation(world.config, logger, stillClock);
    other.start();
  });
  after(async () => {
    await other.close();
    await world.close();
  });

  it("stops working by the signal alone: no second passes on these clocks", async () => {
    const made = (await world.post("/api_token/", { name: "watched", scopes: ["user:read"] })).body;
    const ask = async () =>
      (await other.http.inject({ url: "/api/v1/user/", headers: { authorization: `Bearer ${made.token}` } })).statusCode;
    assert.equal(await ask(), 200);
    assert.equal((await world.delete(`/api_token/${made.id}/`)).status, 204);
    await eventually("the token is refused", async () => (await ask()) === 401);
  });
});

describe("a listener that loses its connection", () => {
  it("listens again, drops what it may have missed, and says so once", async () => {
    const world = await openWorld("postgres");
    const database = await openDatabase(world.config, logger);
    const troubles: string[] = [];
    const signals = createSignals({ database, topics: ["api_token", "organization"], onTrouble: (message) => troubles.push(message) });
    const heard = listenTo(signals);
    await eventually("the listener is live", () => signals.isLive());
    heard.length = 0;
    const admin = new pg.Client({ connectionString: world.config.databaseUrl });
    await admin.connect();
    const { rowCount } = await admin.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'gatehouse signals' and datname = current_database()",
    );
    assert.equal(rowCount, 1);
    await eventually("everything is dropped", () => heard.includes("api_token") && heard.includes("organization"));
    await eventually("the listener is live again", () => signals.isLive());
    assert.equal(troubles.length, 1);
    heard.length = 0;
    await world.app.database.announce(world.app.database.reader, "organization");
    await eventually("the next signal is heard", () => heard.includes("organization"));
    await admin.end();
    await signals.close();
    await database.close();
    await world.close();
  });
});
