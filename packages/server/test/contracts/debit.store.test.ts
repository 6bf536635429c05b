import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { makeAccount } from "../support/network.ts";
import { firstPage, makeTenants, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("the store of debits", (open) => {
  let world: World;
  let mine: Tenant;
  let foreign: Tenant;
  let userId: number;
  before(async () => {
    world = await open();
    ({ mine, foreign } = await makeTenants(world));
    userId = await makeAccount(world, { username: "debtor", organization: mine.id, user_time: 100 });
  });
  after(() => world.close());

  const debit = (change: object = {}) =>
    mine.write((tx) =>
      tx.debits.debit({
        namespaceId: mine.namespaceId,
        organizationId: mine.id,
        userId,
        sessionId: 1,
        seconds: 10,
        ledgerId: null,
        hasDebited: false,
        isFinal: false,
        reason: "session abc",
        actor: "aaa_client:7",
        nowMs: 50,
        ...change,
      }),
    );
  const rows = async () => {
    const page = await mine.stores.timeLedger.list(mine.namespaceId, userId, firstPage);
    return page.rows.map((row) => [row.delta, row.balanceAfter, row.sessionId, row.isGrowing, row.lastBurnMs]);
  };
  const balance = () => mine.stores.timeLedger.findBalance(mine.namespaceId, userId);
  const opening = [100, 100, null, false, null];

  it("debit: one row that grows with its session, until it is sealed", async () => {
    const first = await debit();
    assert.deepEqual([first.seconds, first.balance], [10, 90]);
    const page = await mine.stores.timeLedger.list(mine.namespaceId, userId, firstPage);
    const ledgerId = page.rows[1]!.id;
    assert.ok(first.ledgerId === null || first.ledgerId === ledgerId, "a number that is told is the row's");
    assert.deepEqual(await debit({ ledgerId: first.ledgerId, hasDebited: true, seconds: 3, nowMs: 55 }), {
      seconds: 3,
      ledgerId,
      balance: 87,
    });
    assert.deepEqual(await debit({ ledgerId, hasDebited: true, seconds: 2, nowMs: 60 }), { seconds: 2, ledgerId, balance: 85 });
    assert.deepEqual(await rows(), [opening, [-15, 85, 1, true, 60]]);
    await assert.rejects(debit(), { name: "ConstraintViolation", constraint: "time_ledger__growing" }, "a session has one growing row");
    assert.equal(await balance(), 85, "half a debit does not exist");
    await mine.write((tx) => tx.debits.seal(mine.namespaceId, [1, 2], 70));
    await mine.write((tx) => tx.debits.seal(mine.namespaceId, [], 70));
    assert.deepEqual(await rows(), [opening, [-15, 85, 1, false, 60]]);
    assert.equal((await debit({ isFinal: true, seconds: 5 })).ledgerId, null);
    assert.deepEqual((await rows())[2], [-5, 80, 1, false, 50]);
  });

  it("debit: never below 0", async () => {
    const { seconds, balance: left } = await debit({ sessionId: 2, seconds: 500 });
    assert.deepEqual([seconds, left, await balance()], [80, 0, 0]);
    assert.deepEqual(await debit({ sessionId: 3 }), { seconds: 0, ledgerId: null, balance: 0 });
    assert.equal((await rows()).length, 4, "nothing debited is no row");
  });

  it("debit: nothing of who is not metered, or is somebody else's", async () => {
    assert.deepEqual(await debit({ userId: 999_999 }), { seconds: 0, ledgerId: null, balance: null });
    assert.deepEqual(await debit({ namespaceId: foreign.namespaceId }), { seconds: 0, ledgerId: null, balance: null });
  });

  it("seal: of its namespace alone", async () => {
    await mine.write((tx) => tx.debits.seal(foreign.namespaceId, [2], 70));
    assert.equal((await rows())[3]![3], true);
  });
});
