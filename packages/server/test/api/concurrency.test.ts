import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { onEachDatabase, type World } from "../support/world.ts";

const calls = 200;

onEachDatabase("many requests at once", (open) => {
  let world: World;
  before(async () => {
    world = await open();
  });
  after(() => world.close());

  const ledgerOf = (id: number) =>
    world.app.database.reader.selectFrom("time_ledger").select(["id", "delta", "balance_after"]).where("user_id", "=", id).execute();
  const sumOf = (rows: readonly { delta: number }[]) => rows.reduce((sum, row) => sum + row.delta, 0);
  const balanceOf = async (id: number): Promise<number> => (await world.get(`/user_token/${id}/?balance=true`)).body.user_time;
  const statuses = (answers: readonly { status: number }[]) => {
    const counted = new Map<number, number>();
    for (const { status } of answers) counted.set(status, (counted.get(status) ?? 0) + 1);
    return counted;
  };

  it("leave a ledger whose sum is the balance", async () => {
    const answers = await Promise.all(
      Array.from({ length: calls }, (_, index) =>
        index % 2 === 0
          ? world.patch("/user_token/2/", { user_time: 10_000 + index })
          : world.post("/user_token/2/top_up/", { seconds: index % 4 === 1 ? 60 : -30, reason: `call ${index}` }),
      ),
    );
    assert.deepEqual(statuses(answers), new Map([[200, calls]]));
    const rows = await ledgerOf(2);
    assert.equal(sumOf(rows), await balanceOf(2));
    assert.equal(rows.length, 1 + calls, "each call is a row");
  });

  it("never lose one of many top-ups", async () => {
    const balance = await balanceOf(1);
    const answers = await Promise.all(Array.from({ length: calls }, () => world.post("/user_token/1/top_up/", { seconds: 7 })));
    // A top-up that is refused, such as one that has waited too long, is no lost one: it would show here.
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
    assert.equal(await balanceOf(1), balance + calls * 7);
  });

  it("never draw a balance below 0", async () => {
    const { id } = (await world.post("/user_token/", { username: "draws", user_time: 1_000 })).body;
    const answers = await Promise.all(Array.from({ length: 60 }, () => world.post(`/user_token/${id}/top_up/`, { seconds: -30 })));
    assert.deepEqual(
      statuses(answers),
      new Map([
        [200, 33],
        [409, 27],
      ]),
    );
    assert.equal(await balanceOf(id), 10);
    const rows = await ledgerOf(id);
    assert.ok(rows.every((row) => row.balance_after! >= 0));
    assert.equal(sumOf(rows), 10);
  });

  it("of a balance and a deletion leave either no account or a sound one", async () => {
    const { id } = (await world.post("/user_token/", { username: "goes", user_time: 100 })).body;
    const answers = await Promise.all([
      ...Array.from({ length: 10 }, () => world.post(`/user_token/${id}/top_up/`, { seconds: 1 })),
      world.delete(`/user_token/${id}/`),
      ...Array.from({ length: 10 }, () => world.patch(`/user_token/${id}/`, { user_time: 5 })),
    ]);
    assert.ok(
      answers.every(({ status }) => [200, 204, 404].includes(status)),
      JSON.stringify([...statuses(answers)]),
    );
    assert.equal((await world.get(`/user_token/${id}/`)).status, 404);
    assert.deepEqual(await world.app.database.reader.selectFrom("time_balance").selectAll().where("user_id", "=", id).execute(), []);
  });

  it("make one account of one username, whatever its spelling", async () => {
    for (let round = 0; round < 5; round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          world.post(index % 2 === 0 ? "/user/" : "/user_token/", { username: index % 3 === 0 ? `RACE_${round}` : `race_${round}` }),
        ),
      );
      assert.deepEqual([...statuses(answers)].sort(), [
        [201, 1],
        [400, 11],
      ]);
      for (const { body } of answers.filter((answer) => answer.status === 400)) assert.deepEqual(Object.keys(body.errors), ["username"]);
    }
  });

  it("give one external id once, and rename to one name once", async () => {
    const external = await Promise.all(
      Array.from({ length: 8 }, (_, index) => world.post("/user/", { username: `ext_${index}`, external_id: "ONE" })),
    );
    assert.deepEqual([...statuses(external)].sort(), [
      [201, 1],
      [400, 7],
    ]);
    const renamed = await Promise.all([1, 2, 42, 43].map((id) => world.patch(`/user/${id}/`, { username: "the.one" })));
    assert.deepEqual([...statuses(renamed)].sort(), [
      [200, 1],
      [400, 3],
    ]);
  });

  it("with the same If-Match change a record once", async () => {
    const tag = String((await world.get("/user/12345/")).headers["etag"]);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => world.patch("/user/12345/", { klass: `k${index}` }, { headers: { "if-match": tag } })),
    );
    assert.deepEqual([...statuses(answers)].sort(), [
      [200, 1],
      [412, 9],
    ]);
  });

  it("that change the same accounts in opposite orders all end", async () => {
    const forth = [1, 2, 42, 43].map((id) => ({ id, klass: "forth" }));
    const back = forth.map(({ id }) => ({ id, klass: "back" })).reverse();
    const ids = (await world.get("/user/?limit=100")).body.results.map((row: { id: number }) => row.id);
    const present = (rows: { id: number }[]) => rows.filter((row) => ids.includes(row.id));
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => world.patch("/user/", present(index % 2 === 0 ? forth : back))),
    );
    assert.deepEqual(statuses(answers), new Map([[200, 20]]));
  });

  it("give no id twice", async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => world.post("/user/", { username: `unique_${index}` })));
    assert.equal(new Set(answers.map((answer) => answer.body.id)).size, 100);
  });

  it("leave an audit row and an event for each change", async () => {
    const { reader } = world.app.database;
    const already = await reader.selectFrom("audit_entry").select("id").execute();
    await Promise.all(Array.from({ length: 20 }, (_, index) => world.patch("/user_token/43/", { description: `d${index}` })));
    const rows = await reader.selectFrom("audit_entry").selectAll().where("operation", "=", "user_token_partial_update").execute();
    const events = new Set((await reader.selectFrom("outbox_event").select("audit_entry_id").execute()).map((row) => row.audit_entry_id));
    assert.equal((await reader.selectFrom("audit_entry").select("id").execute()).length, already.length + 20);
    assert.ok(rows.every((row) => events.has(row.id)));
  });
});
