import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { planDeadlines } from "../../src/modules/network/disconnects/session-deadline.service.ts";
import { recordStatements } from "../support/recorded-statements.ts";
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

  it("goes out in the order in which it is true: the lock of the account, the sessions, the balance", async () => {
    for (const makesDeadline of [true, false]) {
      const recorded = recordStatements();
      const owner = { id: 1, namespaceId: tenant.namespaceId };
      const planning = tenant.write(async (tx) => {
        await tx.accountLocks.takeAtOnce(owner);
        return planDeadlines(tx, [{ ...owner, makesDeadline }], 1);
      });
      await planning.finally(recorded.stop);
      // The balance comes with its account.
      const tables = [...recorded.texts].map((text) => /(?:from|into) "(\w+)"/.exec(text)?.[1] ?? text);
      const wanted = ["begin", "user_account", ...(makesDeadline ? [] : ["session_deadline"]), "session", "time_balance"];
      assert.deepEqual(tables.slice(0, wanted.length), wanted, String(makesDeadline));
    }
  });
});
