import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import type { Clock } from "../../src/kernel/clock.ts";
import type { NewLedgerEntry } from "../../src/modules/accounts/time-ledger/index.ts";
import { createLedgerProof, type Discrepancy, type LedgerProof } from "../../src/modules/accounts/time-ledger/ledger-proof.job.ts";
import type { User } from "../../src/modules/accounts/users/index.ts";
import { addTenant } from "../support/planted-tenants.ts";
import { inUnit, newUser, raiseWalls, type Walls } from "../support/store-world.ts";
import { onEachDatabase, type World } from "../support/world.ts";

const day = 24 * 60 * 60 * 1000;

onEachDatabase("the proof of the ledger", (open) => {
  let world: World;
  let walls: Walls;
  let many: User;
  let nowMs = 1_790_000_000_000;
  let kept: string | undefined;
  const clock: Clock = { nowMs: () => nowMs };

  const meteredUser = async (username: string, deltas: readonly number[]): Promise<User> => {
    const user = await newUser(world, walls.own, { username });
    let balance = 0;
    const entries = deltas.map((delta): NewLedgerEntry => {
      balance += delta;
      return {
        namespaceId: user.namespaceId,
        organizationId: user.organizationId,
        userId: user.id,
        delta,
        balanceAfter: balance,
        reason: null,
        actor: "command:test",
        createdAtMs: nowMs,
      };
    });
    await inUnit(world, walls.own, async (tx) => {
      await tx.users.insert([{ user, profiles: [] }]);
      await tx.timeLedger.append(entries);
    });
    return user;
  };

  before(async () => {
    world = await open();
    walls = await raiseWalls(world);
    await meteredUser("before.many", [5]);
    // More rows than three slices, so that slices end within and beside it.
    many = await meteredUser(
      "many",
      Array.from({ length: 1_700 }, (_, index) => (index % 2 === 0 ? 30 : -20)),
    );
    for (let index = 0; index < 700; index += 1) await meteredUser(`one.${index}`, [index]);
    const tenant = await addTenant(world, "ledger_tenant");
    assert.equal((await world.post("/user_token/", { username: "abroad", user_time: 77 }, { token: tenant.token })).status, 201);
  });
  after(() => world.close());

  const proofOf = (found: Discrepancy[]): LedgerProof =>
    createLedgerProof({
      store: world.app.work.acrossTenants("test").ledgerProof,
      find: async () => kept,
      keep: async (pass) => {
        kept = pass;
      },
      clock,
      onDiscrepancy: (one) => found.push(one),
    });
  /** Runs a whole pass, as the first or a day later. */
  const prove = async (beside: () => Promise<void> = async () => {}) => {
    nowMs += day;
    const found: Discrepancy[] = [];
    const proof = proofOf(found);
    for (let runs = 0; proof.figures().finishedAtMs < nowMs; runs += 1) {
      assert.ok(runs < 100, "the pass ends");
      await Promise.all([proof.job.run(() => true), beside()]);
    }
    assert.equal(proof.figures().discrepancies, found.length);
    return { found, users: proof.figures().users };
  };
  const change = (table: "time_balance" | "time_ledger", userId: number, values: object) =>
    world.app.database.write((handle) => handle.updateTable(table).set(values).where("user_id", "=", userId).execute());

  it("finds nothing where everything adds up, and has looked at every user of every namespace", async () => {
    const { found, users } = await prove();
    assert.deepEqual(found, []);
    const { rows } = await world.app.database.reader
      .selectFrom("time_ledger")
      .select("user_id")
      .where("user_id", "is not", null)
      .distinct()
      .execute()
      .then((rows) => ({ rows }));
    assert.equal(users, rows.length);
  });

  it("finds nothing wrong with balances that change meanwhile", async () => {
    let added = 0;
    const { found } = await prove(async () => {
      for (let call = 0; call < 10; call += 1) {
        added += 1;
        const answer = await world.post(`/user_token/${call % 2 === 0 ? many.id : 1}/top_up/`, { seconds: added });
        assert.equal(answer.status, 200);
      }
    });
    assert.ok(added > 0);
    assert.deepEqual(found, []);
  });

  it("tells every balance that is not the sum of its rows, once", async () => {
    const { database } = world.app;
    const wrong = await meteredUser("wrong.balance", [100, -40]);
    await change("time_balance", wrong.id, { seconds: 61 });
    const lost = await meteredUser("lost.rows", [50]);
    await database.write((handle) => handle.deleteFrom("time_ledger").where("user_id", "=", lost.id).execute());
    const unmetered = await meteredUser("lost.balance", [9]);
    await database.write((handle) => handle.deleteFrom("time_balance").where("user_id", "=", unmetered.id).execute());
    const { seconds } = await database.reader
      .selectFrom("time_balance")
      .select("seconds")
      .where("user_id", "=", many.id)
      .executeTakeFirstOrThrow();
    await change("time_balance", many.id, { seconds: seconds + 1 });
    const { found } = await prove();
    const namespaceId = walls.own.namespaceId;
    assert.deepEqual(
      found.toSorted((a, b) => a.userId - b.userId),
      [
        { namespaceId, userId: many.id, balance: seconds + 1, sum: seconds },
        { namespaceId, userId: wrong.id, balance: 61, sum: 60 },
        { namespaceId, userId: lost.id, balance: 50, sum: 0 },
        { namespaceId, userId: unmetered.id, balance: 0, sum: 9 },
      ],
    );
    await change("time_balance", many.id, { seconds });
  });

  it("goes on where another process has stopped, and rests until the next day", async () => {
    nowMs += day;
    const found: Discrepancy[] = [];
    let slices = 0;
    const first = proofOf(found);
    // Each slice takes so long that the pass is kept after it; after six the process loses its lease.
    await first.job.run(() => {
      nowMs += 61_000;
      slices += 1;
      return slices <= 6;
    });
    const place = JSON.parse(kept!) as { finishedAtMs: number | null; userId: number };
    assert.ok(place.finishedAtMs === null && place.userId > 0);
    const second = proofOf(found);
    for (let runs = 0; runs < 100 && second.figures().finishedAtMs === 0; runs += 1) await second.job.run(() => true);
    assert.equal(found.length, 3, "those of the test before, each once");
    const { users } = second.figures();
    await second.job.run(() => true);
    assert.equal(second.figures().users, users);
  });

  it("its store shows no other tenant's rows", async () => {
    const { namespaceId } = walls.own;
    const storeOf = (scope: typeof walls.own) => world.app.work.for(scope).ledgerProof;
    const start = { userId: many.id, id: 0 };
    assert.equal((await storeOf(walls.own).ledgerAfter(namespaceId, start, 10))[0]!.userId, many.id);
    assert.ok((await storeOf(walls.own).balancesAfter(namespaceId, many.id - 1, 10)).some(({ userId }) => userId === many.id));
    assert.deepEqual(await storeOf(walls.own).namespacesAfter(0, 10), [namespaceId]);
    for (const [reason, scope] of walls.strangers) {
      assert.deepEqual(await storeOf(scope).ledgerAfter(namespaceId, start, 10), [], reason);
      assert.deepEqual(await storeOf(scope).balancesAfter(namespaceId, 0, 1_000), [], reason);
      const seen = await storeOf(scope).namespacesAfter(0, 10);
      assert.deepEqual(seen, [scope.namespaceId], reason);
    }
  });
});
