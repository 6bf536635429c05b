import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import pg from "pg";
import { planSessions } from "../../src/modules/network/disconnects/session-plan.ts";
import { makeTenant, type Tenant } from "../support/tenants.ts";
import { openWorld, type World } from "../support/world.ts";

/** SQLite has one unit at a time, which nobody can come between. */
describe("what a plan asks PostgreSQL for", () => {
  let world: World;
  let tenant: Tenant;
  before(async () => {
    world = await openWorld("postgres");
    tenant = await makeTenant(world, "planned");
  });
  after(() => world.close());

  it("goes out in the order in which it is true: the lock, the sessions, the balance", async () => {
    const asked: string[] = [];
    const { query } = pg.Client.prototype;
    pg.Client.prototype.query = function (this: pg.Client, ...given: [string | { text: string }]) {
      asked.push(typeof given[0] === "string" ? given[0] : given[0].text);
      return (query as (...all: unknown[]) => unknown).apply(this, given);
    } as typeof query;
    try {
      for (const makesDeadline of [true, false]) {
        await tenant.write((tx) => planSessions(tx, { id: 1, nameSpaceId: tenant.nameSpaceId }, { nowMs: 1, makesDeadline }));
        const tables = asked.splice(0).map((text) => /(?:from|into) "(\w+)"/.exec(text)?.[1] ?? text);
        const expected = ["begin", "session_deadline", "session", "time_balance"];
        assert.deepEqual(tables.slice(0, 4), expected, String(makesDeadline));
      }
    } finally {
      pg.Client.prototype.query = query;
    }
  });
});
