import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { Work } from "../../src/kernel/unit-of-work.ts";
import { createAccessJournal } from "../../src/modules/network/network-access/access-journal.service.ts";
import { DatabaseUnavailable } from "../../src/storage/database.ts";
import { makeAccount } from "../support/network.ts";
import { makeTenants, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("the journal of access", (open) => {
  let world: World;
  let mine: Tenant;
  let foreign: Tenant;
  let userId: number;
  before(async () => {
    world = await open();
    ({ mine, foreign } = await makeTenants(world));
    userId = await makeAccount(world, { username: "guest", organization: mine.id });
  });
  after(() => world.close());

  /** A journal whose units fail as they are told, before they begin. */
  const journalThatFails = (failures: (Error | undefined)[]) => {
    const told: [error: unknown, lost: number][] = [];
    const work = {
      ...world.app.work,
      run: (...unit: Parameters<typeof world.app.work.run>) => {
        const failure = failures.shift();
        return failure ? Promise.reject(failure) : world.app.work.run(...unit);
      },
    } as Work<never>;
    const journal = createAccessJournal({
      work,
      node: "test",
      payerOf: String,
      isSecret: () => false,
      onFailure: (error, lost) => told.push([error, lost]),
    });
    return { journal, told };
  };

  const decide = async (tenant: Tenant) => ({
    id: await world.app.ids.take("access_decision"),
    namespaceId: tenant.namespaceId,
    organizationId: tenant.id,
    createdAtMs: 1_700_000_000_000,
    clientId: 7,
    userId: null,
    username: "guest",
    callingStation: null,
    source: "radius" as const,
    outcome: "reject" as const,
    reason: "expired" as const,
    sessionTimeoutSeconds: null,
    reply: [],
    trace: [],
  });

  const kept = async (tenant: Tenant, id: number) => (await tenant.stores.accessDecisions.find(id)) !== undefined;

  it("keeps what the database would not take, and writes it later", async () => {
    const unavailable = new DatabaseUnavailable("gone");
    const { journal, told } = journalThatFails([unavailable]);
    const [one, other] = [await decide(mine), await decide(foreign)];
    journal.addDecision(one);
    journal.addDecision(other);
    journal.noteLogin({ namespaceId: mine.namespaceId, userId, atMs: 10 });
    await journal.flush();
    assert.deepEqual(told, [[unavailable, 0]]);
    assert.equal(await kept(mine, one.id), false);
    await journal.flush();
    assert.equal(told.length, 1);
    assert.deepEqual([await kept(mine, one.id), await kept(foreign, other.id), await kept(foreign, one.id)], [true, true, false]);
    assert.equal((await mine.stores.users.find(userId))?.lastLoginMs, 10);
  });

  it("loses the rows of a unit that fails otherwise, says how many, and writes the others", async () => {
    const broken = new Error("broken");
    const { journal, told } = journalThatFails([broken]);
    const record = await decide(mine);
    journal.addDecision(record);
    journal.noteLogin({ namespaceId: mine.namespaceId, userId, atMs: 20 });
    await journal.flush();
    assert.deepEqual(told, [[broken, 1]]);
    assert.equal(await kept(mine, record.id), false);
    assert.equal((await mine.stores.users.find(userId))?.lastLoginMs, 20);
  });

  it("tells of decisions for which it had no room", async () => {
    const { journal, told } = journalThatFails(Array.from({ length: 1_000 }, () => new Error("broken")));
    const record = await decide(mine);
    for (let number = 0; number < 20_003; number += 1) journal.addDecision(record);
    await journal.flush();
    assert.equal(told.length, 1);
    assert.equal(told[0]![1], 20_003);
  });
});
