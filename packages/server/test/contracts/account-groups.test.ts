import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { sql } from "kysely";
import { lockUsers } from "../../src/modules/accounts/users/user-lock.store.ts";
import type { Handle } from "../../src/storage/database.ts";
import { doTogether, type SharedTask } from "../../src/storage/runner.ts";
import { write } from "../../src/storage/verbs.ts";
import { balanceOf, makeAccount } from "../support/network.ts";
import { makeTenants } from "../support/tenants.ts";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("units of one account that wait for each other", (open) => {
  let world: World;
  let guest: number;
  let stranger: number;
  before(async () => {
    world = await open();
    const { mine, foreign } = await makeTenants(world);
    guest = await makeAccount(world, { username: "guest", organization: mine.id, user_time: 100 });
    stranger = await makeAccount(world, { username: "guest", organization: foreign.id, user_time: 100 });
  });
  after(() => world.close());

  const lock = async (handle: Handle, id: number) => (await lockUsers(handle, null, [id], "together")).get(id);

  /** Adds to a balance as `top_up` does; `afterwards` follows the write, in the unit. */
  const add = (id: number, seconds: number, afterwards: (handle: Handle) => unknown = () => {}) =>
    world.app.database.write(async (handle) => {
      const user = (await lock(handle, id))!;
      const key = { name_space_id: user.namespaceId, user_id: id };
      await write(handle, { update: "time_balance", key, values: { seconds: user.seconds! + seconds } });
      await afterwards(handle);
      return user.seconds;
    });
  const fail = async (handle: Handle) => {
    // What has been written is with the database by then.
    await handle.selectFrom("time_balance").select("seconds").where("user_id", "=", guest).execute();
    throw new Error("no");
  };

  it("share commits, and each sees what those before it have done", async () => {
    const before = world.app.database.figures();
    const seen = await Promise.all(Array.from({ length: 12 }, () => add(guest, 1)));
    const now = world.app.database.figures();
    assert.deepEqual(
      seen,
      seen.map((_, index) => 100 + index),
    );
    assert.equal(await balanceOf(world, guest), 112);
    assert.equal(now.units - before.units, 12);
    assert.ok(now.flushes - before.flushes < 12, `${now.flushes - before.flushes} commits`);
  });

  it("leave nothing of one that fails, whenever it does, and all of the others", async () => {
    const was = (await balanceOf(world, guest))!;
    const early = world.app.database.write.bind(world.app.database, async (handle: Handle) => {
      await lock(handle, guest);
      throw new Error("early");
    });
    const results = await Promise.allSettled(
      Array.from({ length: 12 }, (_, index) => {
        if (index === 4) return early();
        if (index === 6) return add(guest, 1_000, fail);
        return add(guest, index === 8 ? -100_000 : 1);
      }),
    );
    const refused = results.flatMap((result, index) => (result.status === "rejected" ? [`${index} ${result.reason.name}`] : []));
    assert.deepEqual(refused, ["4 Error", "6 Error", "8 ConstraintViolation"]);
    assert.equal(await balanceOf(world, guest), was + 9);
    assert.equal(await balanceOf(world, stranger), 100);
  });

  it("take no connection or lock from another tenant, and may come to a second account", async () => {
    const was = (await balanceOf(world, guest))!;
    // SQLite has one unit at a time.
    const other = world.app.database.name === "sqlite" ? () => {} : () => add(stranger, 1);
    const second = (handle: Handle) => lock(handle, stranger);
    await Promise.all(Array.from({ length: 8 }, (_, index) => add(guest, 1, index === 5 ? second : index % 2 === 0 ? other : undefined)));
    assert.equal(await balanceOf(world, guest), was + 8);
  });

  /** A task that notes for whom it was done, and what balance it has seen. */
  const noting = (done: { items: number[]; seconds: number | undefined }[], failsFor?: number): SharedTask<number> => ({
    async run(handle, items) {
      const row = await handle.selectFrom("time_balance").select("seconds").where("user_id", "=", guest).executeTakeFirst();
      done.push({ items: [...items], seconds: row?.seconds });
      if (items.some((item) => item === failsFor)) throw new Error("no");
    },
  });
  const addAndLeave = (task: SharedTask<number>) =>
    Promise.allSettled(Array.from({ length: 12 }, (_, index) => add(guest, 1, (handle) => doTogether(handle, task, index))));

  it("do once at the end what each of them leaves, for all of them and in their order", async () => {
    const was = (await balanceOf(world, guest))!;
    const done: { items: number[]; seconds: number | undefined }[] = [];
    await addAndLeave(noting(done));
    assert.deepEqual(
      done.flatMap(({ items }) => items),
      Array.from({ length: 12 }, (_, index) => index),
    );
    for (const { items, seconds } of done) assert.equal(seconds, was + items.at(-1)! + 1, "it sees what the last of them has written");
    if (world.app.database.name === "postgres") assert.ok(done.length < 12, `${done.length} times`);
  });

  it("are done each by itself where what they leave fails for one of them", async () => {
    const was = (await balanceOf(world, guest))!;
    const done: { items: number[]; seconds: number | undefined }[] = [];
    const results = await addAndLeave(noting(done, 7));
    assert.deepEqual(
      results.flatMap(({ status }, index) => (status === "rejected" ? [index] : [])),
      [7],
    );
    assert.equal(await balanceOf(world, guest), was + 11);
  });

  it("are done each by itself where the connection is lost or the database undoes one of them", async () => {
    if (world.app.database.name === "sqlite") return;
    const was = (await balanceOf(world, guest))!;
    let times = 0;
    const once = (text: string) => async (handle: Handle) => {
      times += 1;
      if (times > 1) return;
      await sql.raw(text).execute(handle);
    };
    for (const text of ["select pg_terminate_backend(pg_backend_pid())", "do $$ begin raise exception using errcode = '40P01'; end $$"]) {
      times = 0;
      const trouble = once(text);
      await Promise.all(Array.from({ length: 12 }, (_, index) => add(guest, 1, index === 5 ? trouble : undefined)));
      assert.equal(times, 2);
    }
    assert.equal(await balanceOf(world, guest), was + 24);
  });

  it("are all undone by an end that fails, and done each by itself", async () => {
    const was = (await balanceOf(world, guest))!;
    const count = (total: number) => ({ name_space_id: 1, organization_id: 1, counted: "test", shard: 0, total });
    // Counts of several units are written at the end: of this one the database refuses the sum of the group, and each single row.
    const results = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) =>
        add(guest, 1, async (handle) => {
          const counted = { ...count(1), ...(index === 3 ? { counted: null } : {}) };
          await write(handle, {
            insertInto: "kept_count",
            rows: [counted],
            onConflict: { keys: ["name_space_id", "organization_id", "counted", "shard"], columns: ["total"], change: "add" },
          });
        }),
      ),
    );
    assert.deepEqual(
      results.flatMap(({ status }, index) => (status === "rejected" ? [index] : [])),
      [3],
    );
    assert.equal(await balanceOf(world, guest), was + 7);
    const { total } = await world.app.database.reader
      .selectFrom("kept_count")
      .select("total")
      .where("counted", "=", "test" as never)
      .executeTakeFirstOrThrow();
    assert.equal(total, 7);
  });
});
