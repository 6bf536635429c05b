import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { sql } from "kysely";
import { pino } from "pino";
import { openDatabase } from "../../src/startup/installation.ts";
import { byKey } from "../../src/storage/by-key.ts";
import type { Handle } from "../../src/storage/database.ts";
import { isIn } from "../../src/storage/in-list.ts";
import { runnerOf } from "../../src/storage/runner.ts";
import { statement } from "../../src/storage/statement.ts";
import { lock, read, readByKey, write } from "../../src/storage/verbs.ts";
import { makeTenants, type Tenant } from "../support/tenants.ts";
import { onEachDatabase, openWorld, type World } from "../support/world.ts";

const secondsOf = statement((handle, { userId }: { readonly userId: number }) =>
  handle.selectFrom("time_balance").select("seconds").where("user_id", "=", userId),
);

/** What units do beneath the stores: a table that nobody else writes meanwhile stands for all. */
onEachDatabase("units of writes", (open) => {
  let world: World;
  let mine: Tenant;
  let users: number[];
  before(async () => {
    world = await open();
    ({ mine } = await makeTenants(world));
    users = await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const made = await world.post("/user_token/", { username: `unit-${index}`, organization: mine.id, user_time: 100 });
        assert.equal(made.status, 201);
        return made.body.id as number;
      }),
    );
  });
  after(() => world.close());

  const inUnit = <T>(unit: (handle: Handle) => Promise<T>): Promise<T> => world.app.database.write(unit);
  const place = (userId: number) => ({ name_space_id: mine.namespaceId, user_id: userId });
  const balanceOf = async (userId: number) => {
    const row = await world.app.database.reader
      .selectFrom("time_balance")
      .select("seconds")
      .where("name_space_id", "=", mine.namespaceId)
      .where("user_id", "=", userId)
      .executeTakeFirst();
    return row?.seconds;
  };
  /** Adds to a balance as a store does: read, locked where units run beside each other, written. */
  const add = (userId: number, seconds: number, between: () => Promise<void> = async () => {}) => {
    let runs = 0;
    return inUnit(async (handle) => {
      runs += 1;
      const runner = runnerOf(handle);
      const isOptimistic = runner.locking === "optimistic";
      const select = handle.selectFrom("time_balance").select("seconds").where("user_id", "=", userId);
      const [held] = isOptimistic
        ? await runner.read<{ seconds: number }>({ text: 'select "seconds" from "time_balance" where "user_id" = $1' }, [userId])
        : await (runner.locking === "row" ? select.forUpdate() : select).execute();
      if (isOptimistic) {
        lock(handle, {
          table: "time_balance",
          key: ["name_space_id", "user_id"],
          values: { ...place(userId), seconds: held!.seconds },
          exists: true,
        });
      }
      await between();
      await write(handle, { update: "time_balance", key: place(userId), values: { seconds: held!.seconds + seconds } });
      return runs;
    });
  };

  it("lose no change of many at once, to one row or to several", async () => {
    const [first, ...others] = users;
    await Promise.all([...others, ...others, ...Array<number>(10).fill(first!)].map((userId) => add(userId, 1)));
    assert.equal(await balanceOf(first!), 110);
    for (const userId of others) assert.equal(await balanceOf(userId), 102);
  });

  it("are seen by reads of the same turn as soon as they are answered, and not while they are open", async () => {
    const userId = users[10]!;
    const secondsNow = async () => (await read(world.app.database.reader, secondsOf, { userId }))[0]?.seconds;
    const before = (await secondsNow())!;
    let duringIt: number | undefined;
    await add(userId, 7, async () => {
      duringIt = await secondsNow();
    });
    assert.equal(duringIt, before);
    assert.equal(await secondsNow(), before + 7);
    const [early] = await Promise.all([secondsNow(), add(userId, 1)]);
    // SQLite reads at once, while the unit waits for the turn's end; on PostgreSQL both are on their way, and either may be first.
    const mayBe = world.app.database.name === "sqlite" ? [before + 7] : [before + 7, before + 8];
    assert.ok(mayBe.includes(early!), `${early}`);
    assert.equal(await secondsNow(), before + 8);
    // A unit that failed leaves nothing to be read.
    await assert.rejects(
      add(userId, 5, async () => {
        throw new Error("no");
      }),
    );
    assert.equal(await secondsNow(), before + 8);
  });

  it("need fewer flushes than there are of them", async () => {
    const before = world.app.database.figures();
    await Promise.all(users.slice(1).map((userId) => add(userId, 1)));
    const now = world.app.database.figures();
    assert.equal(now.units - before.units, users.length - 1);
    assert.ok(now.flushes - before.flushes < users.length - 1, "units that end together travel together");
  });

  it("run again when what they have read has changed, and then lock it at once", async () => {
    const [userId] = users;
    const was = (await balanceOf(userId!))!;
    let other: Promise<unknown> | undefined;
    const runs = await add(userId!, 10, async () => {
      if (world.app.database.name === "sqlite") return;
      other ??= add(userId!, 5);
      // The second time the row is locked, and the other one is long done.
      await other;
    });
    await (other ?? add(userId!, 5));
    assert.equal(await balanceOf(userId!), was + 15);
    assert.equal(runs, world.app.database.name === "sqlite" ? 1 : 2);
  });

  it("leave nothing of one that fails, and all of those that travelled with it", async () => {
    const [failing, ...others] = users;
    const was = await Promise.all(users.map(balanceOf));
    const results = await Promise.allSettled(
      users.map((userId) =>
        inUnit(async (handle) => {
          // A balance below 0 breaks a constraint.
          await write(handle, {
            update: "time_balance",
            key: place(userId),
            values: {},
            adds: { seconds: userId === failing ? -100_000 : 7 },
          });
          await write(handle, { insertInto: "time_ledger", rows: [ledgerRow(userId)], numberedBy: "time_ledger_id" });
        }),
      ),
    );
    assert.deepEqual(
      results.map((result) => result.status),
      ["rejected", ...others.map(() => "fulfilled")],
    );
    assert.deepEqual(await Promise.all(users.map(balanceOf)), [was[0], ...was.slice(1).map((seconds) => seconds! + 7)]);
    const rows = await world.app.database.reader.selectFrom("time_ledger").select("user_id").where("actor", "=", "units test").execute();
    assert.deepEqual(rows.map((row) => row.user_id).toSorted(), others.toSorted());
  });

  it("see what they have written, whichever way they read", async () => {
    const [userId] = users;
    await assert.rejects(
      inUnit(async (handle) => {
        await write(handle, { update: "time_balance", key: place(userId!), values: { seconds: 4_711 } });
        assert.equal((await read(handle, secondsOf, { userId: userId! }))[0]!.seconds, 4_711);
        assert.equal((await readByKey(handle, balances, userId!))[0]!.seconds, 4_711);
        assert.equal((await runnerOf(handle).readLong<{ seconds: number }>({ text: longText(world) }, [userId]))[0]!.seconds, 4_711);
        await write(handle, { update: "time_balance", key: place(userId!), values: {}, adds: { seconds: 1 } });
        assert.equal(
          (await read(handle, secondsOf, { userId: userId! }))[0]!.seconds,
          4_712,
          "two writes of one table happen one after the other",
        );
        throw new Error("undo");
      }),
      /undo/,
    );
    assert.notEqual(await balanceOf(userId!), 4_712);
  });

  it("change no row whose key another tenant's row has in part", async () => {
    const [userId] = users;
    const was = await balanceOf(userId!);
    await inUnit(async (handle) =>
      write(handle, {
        update: "time_balance",
        key: { ...place(userId!), name_space_id: mine.namespaceId + 1 },
        values: { seconds: 0 },
      }),
    );
    assert.equal(await balanceOf(userId!), was);
  });

  it("move a row to a new key", async () => {
    const [userId] = users;
    await inUnit(async (handle) => write(handle, { update: "session_deadline", key: place(userId!), values: { due_at: 1 } }));
    await inUnit(async (handle) => write(handle, { insertInto: "session_deadline", rows: [{ ...place(userId!), due_at: 5 }] }));
    await inUnit(async (handle) =>
      write(handle, { update: "session_deadline", key: { ...place(userId!), due_at: 5 }, values: { due_at: 6 }, adds: {} }),
    );
    const rows = await world.app.database.reader.selectFrom("session_deadline").select("due_at").where("user_id", "=", userId!).execute();
    assert.deepEqual(rows, [{ due_at: 6 }]);
  });

  const balances = byKey<number, { user_id: number; seconds: number }>({
    build: (handle, ids) =>
      handle
        .selectFrom("time_balance")
        .select(["user_id", "seconds"])
        .where(isIn(sql.ref("user_id"), ids)),
    nameOf: (id) => id,
    nameOfRow: (row) => row.user_id,
  });

  it("beside them, keys that are asked for together each have their own rows", async () => {
    const { reader } = world.app.database;
    const asked = [...users, 999_999_999, users[0]!];
    const runner = runnerOf(reader) as { read: (plan: { text: string }, values: readonly unknown[]) => unknown };
    const { read } = runner;
    let statements = 0;
    runner.read = (plan, values) => {
      statements += 1;
      return read.call(runner, plan, values);
    };
    const answers = await Promise.all(asked.map((id) => readByKey(reader, balances, id)));
    runner.read = read;
    for (const [index, id] of asked.entries()) {
      assert.deepEqual(
        answers[index]!.map((row) => row.user_id),
        id === 999_999_999 ? [] : [id],
      );
    }
    assert.equal(statements, world.app.database.name === "sqlite" ? asked.length : 1, "what travels, travels together");
  });

  it("refuse to make a read of a write, which might then happen outside of its unit", async () => {
    const { reader } = world.app.database;
    const writing = statement((handle, { id }: { readonly id: number }) =>
      handle.deleteFrom("time_balance").where("user_id", "=", id).returning("user_id"),
    );
    assert.throws(() => read(reader, writing, { id: users[0]! }), /no plain read/);
    const byOneKey = byKey<number, { user_id: number }>({
      build: (handle, ids) =>
        handle
          .deleteFrom("time_balance")
          .where(isIn(sql.ref("user_id"), ids))
          .returning("user_id"),
      nameOf: (id) => id,
      nameOfRow: (row) => row.user_id,
    });
    await assert.rejects(async () => readByKey(reader, byOneKey, users[0]!), /no plain read/);
    assert.notEqual(await balanceOf(users[0]!), undefined);
  });

  const ledgerRow = (userId: number) => ({
    ...place(userId),
    organization_id: mine.id,
    pseudonym: null,
    delta: 7,
    balance_after: 7,
    reason: null,
    actor: "units test",
    created_at: 1,
  });
});

const longText = (world: World): string =>
  `select "seconds" from "time_balance" where "user_id" = ${world.app.database.name === "sqlite" ? "?" : "$1"}`;

it("An SQLite database that is closed ends the units that were begun", async () => {
  const world = await openWorld("sqlite");
  const database = await openDatabase(world.config, pino({ level: "silent" }));
  const place = { noun: "closed", next_id: 7 };
  const unit = database.write((handle) => handle.insertInto("id_block").values(place).execute());
  const [written] = await Promise.allSettled([unit, database.close()]);
  assert.equal(written.status, "fulfilled", String((written as PromiseRejectedResult).reason));
  const kept = await world.app.database.reader.selectFrom("id_block").selectAll().where("noun", "=", place.noun).execute();
  assert.deepEqual(kept, [place]);
  await world.close();
});
