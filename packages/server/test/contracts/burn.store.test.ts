import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { makeAccount } from "../support/network.ts";
import { firstPage, makeTenants, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("the store of burned time", (open) => {
  let world: World;
  let mine: Tenant;
  let foreign: Tenant;
  let userId: number;
  before(async () => {
    world = await open();
    ({ mine, foreign } = await makeTenants(world));
    userId = await makeAccount(world, { username: "burner", organization: mine.id, user_time: 100 });
  });
  after(() => world.close());

  const burn = (change: object = {}) =>
    mine.write((tx) =>
      tx.burns.burn({
        nameSpaceId: mine.nameSpaceId,
        organizationId: mine.id,
        userId,
        sessionId: 1,
        seconds: 10,
        ledgerId: null,
        hasBurned: false,
        isFinal: false,
        reason: "session abc",
        actor: "aaa_client:7",
        nowMs: 50,
        ...change,
      }),
    );
  const rows = async () => {
    const page = await mine.stores.timeLedger.list(mine.nameSpaceId, userId, firstPage);
    return page.rows.map((row) => [row.delta, row.balanceAfter, row.sessionId, row.isGrowing, row.lastBurnMs]);
  };
  const balance = () => mine.stores.timeLedger.findBalance(mine.nameSpaceId, userId);
  const opening = [100, 100, null, false, null];

  it("burn: one row that grows with its session, until it is sealed", async () => {
    const first = await burn();
    assert.deepEqual([first.seconds, first.balance], [10, 90]);
    const page = await mine.stores.timeLedger.list(mine.nameSpaceId, userId, firstPage);
    const ledgerId = page.rows[1]!.id;
    assert.ok(first.ledgerId === null || first.ledgerId === ledgerId, "a number that is told is the row's");
    assert.deepEqual(await burn({ ledgerId: first.ledgerId, hasBurned: true, seconds: 3, nowMs: 55 }), {
      seconds: 3,
      ledgerId,
      balance: 87,
    });
    assert.deepEqual(await burn({ ledgerId, hasBurned: true, seconds: 2, nowMs: 60 }), { seconds: 2, ledgerId, balance: 85 });
    assert.deepEqual(await rows(), [opening, [-15, 85, 1, true, 60]]);
    await assert.rejects(burn(), { name: "ConstraintViolation", constraint: "time_ledger__growing" }, "a session has one growing row");
    assert.equal(await balance(), 85, "half a burn does not exist");
    await mine.write((tx) => tx.burns.seal(mine.nameSpaceId, [1, 2], 70));
    await mine.write((tx) => tx.burns.seal(mine.nameSpaceId, [], 70));
    assert.deepEqual(await rows(), [opening, [-15, 85, 1, false, 60]]);
    assert.equal((await burn({ isFinal: true, seconds: 5 })).ledgerId, null);
    assert.deepEqual((await rows())[2], [-5, 80, 1, false, 50]);
  });

  it("burn: never below 0", async () => {
    const { seconds, balance: left } = await burn({ sessionId: 2, seconds: 500 });
    assert.deepEqual([seconds, left, await balance()], [80, 0, 0]);
    assert.deepEqual(await burn({ sessionId: 3 }), { seconds: 0, ledgerId: null, balance: 0 });
    assert.equal((await rows()).length, 4, "nothing burned is no row");
  });

  it("burn: nothing of who is not metered, or is somebody else's", async () => {
    assert.deepEqual(await burn({ userId: 999_999 }), { seconds: 0, ledgerId: null, balance: null });
    assert.deepEqual(await burn({ nameSpaceId: foreign.nameSpaceId }), { seconds: 0, ledgerId: null, balance: null });
  });

  it("seal: of its name space alone", async () => {
    await mine.write((tx) => tx.burns.seal(foreign.nameSpaceId, [2], 70));
    assert.equal((await rows())[3]![3], true);
  });
});
