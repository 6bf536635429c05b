import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { assertProblem } from "../../support/operations.ts";
import { onEachDatabase, type World } from "../../support/world.ts";

const largest = Number.MAX_SAFE_INTEGER;

onEachDatabase("the time balance", (open) => {
  let world: World;
  before(async () => {
    world = await open();
  });
  after(() => world.close());

  const ledgerOf = async (id: number) => (await world.get(`/user_token/${id}/time_ledger/?limit=100`)).body.results;
  const deltasOf = async (id: number) => (await ledgerOf(id)).map((row: { delta: number }) => row.delta);
  const balanceOf = async (id: number) => (await world.get(`/user_token/${id}/?balance=true`)).body.user_time;

  it("is a sum of ledger rows from the opening credit to the end of metering", async () => {
    const made = await world.post("/user_token/", { username: "metered", user_time: 3600 });
    assert.equal(made.body.user_time, 3600);
    const path = `/user_token/${made.body.id}/`;
    for (const user_time of [1800, 1800, 0, null, null, 60, largest]) {
      const answer = await world.patch(path, { user_time });
      assert.deepEqual([answer.status, answer.body.user_time], [200, user_time]);
      const deltas: number[] = await deltasOf(made.body.id);
      assert.equal(
        deltas.reduce((sum, delta) => sum + delta, 0),
        user_time ?? 0,
      );
    }
    const rows = await ledgerOf(made.body.id);
    assert.deepEqual(
      rows.map((row: { delta: number; balance_after: number | null }) => [row.delta, row.balance_after]),
      [
        [3600, 3600],
        [-1800, 1800],
        [-1800, 0],
        [0, null],
        [60, 60],
        [largest - 60, largest],
      ],
    );
    for (const row of rows) {
      assert.equal(row.user, made.body.id);
      assert.match(row.actor, /^api_token:\d+$/);
      assert.match(row.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    }
    assert.equal(rows[0].reason, "opening credit");
  });

  it("shows where the contract says, and nowhere else", async () => {
    assert.ok(!("user_time" in (await world.get("/user_token/1/")).body));
    assert.ok(!("user_time" in (await world.get("/user_token/1/?balance=false")).body));
    assert.ok("user_time" in (await world.get("/user_token/1/?balance=TRUE")).body);
    assert.ok("user_time" in (await world.get("/user_token/?balance=1")).body.results[0]);
    assert.ok(!("user_time" in (await world.get("/user_token/")).body.results[0]));
    assert.ok(!("user_time" in (await world.post("/user_token/", { username: "unset" })).body));
    assert.equal((await world.post("/user_token/", { username: "set_to_null", user_time: null })).body.user_time, null);
    assert.ok("user_time" in (await world.patch("/user_token/1/", { klass: "x" })).body);
    assert.ok(!("user_time" in (await world.get("/user/1/")).body));
    assertProblem(await world.get("/user_token/1/?balance=yes"), 400);
  });

  it("is topped up and drawn from, never below 0 and never past 2^53 - 1", async () => {
    const topUp = (seconds: number, reason?: string | null) =>
      world.post("/user_token/2/top_up/", { seconds, ...(reason === undefined ? {} : { reason }) });
    assert.equal((await topUp(600, "Bought ten minutes")).body.user_time, 2400);
    assert.equal((await topUp(-2400)).body.user_time, 0);
    const short = await topUp(-1);
    assertProblem(short, 409);
    assert.equal(short.body.code, "time_ledger.insufficient");
    assert.equal((await topUp(largest)).body.user_time, largest);
    const full = await topUp(1);
    assertProblem(full, 409);
    assert.equal(full.body.code, "time_ledger.too_large");
    assert.deepEqual(await deltasOf(2), [1800, 600, -2400, largest]);
    assert.equal((await ledgerOf(2))[1].reason, "Bought ten minutes");
  });

  it("of an account that is not metered takes no top-up", async () => {
    const answer = await world.post("/user_token/42/top_up/", { seconds: 60 });
    assertProblem(answer, 409);
    assert.equal(answer.body.code, "time_ledger.not_metered");
    assert.deepEqual(await ledgerOf(42), []);
  });

  it("is topped up by whole seconds alone", async () => {
    for (const seconds of ["60", 1.5, null, largest + 1, true]) {
      const answer = await world.post("/user_token/1/top_up/", { seconds });
      assertProblem(answer, 400);
      assert.deepEqual(Object.keys(answer.body.errors), ["seconds"]);
    }
    assert.deepEqual(Object.keys((await world.post("/user_token/1/top_up/", {})).body.errors), ["seconds"]);
  });

  it("keeps its rows for the books under a pseudonym when the account is deleted", async () => {
    const made = await world.post("/user_token/", { username: "leaves_soon", user_time: 60 });
    await world.post(`/user_token/${made.body.id}/top_up/`, { seconds: 5, reason: "for Leaves Soon" });
    assert.equal((await world.delete(`/user_token/${made.body.id}/`)).status, 204);
    assertProblem(await world.get(`/user_token/${made.body.id}/time_ledger/`), 404);
    const { reader } = world.app.database;
    assert.deepEqual(await reader.selectFrom("time_balance").selectAll().where("user_id", "=", made.body.id).execute(), []);
    const kept = await reader.selectFrom("time_ledger").selectAll().where("pseudonym", "is not", null).execute();
    assert.deepEqual(
      kept.map((row) => [row.user_id, row.delta, row.reason]),
      [
        [null, 60, null],
        [null, 5, null],
      ],
    );
    assert.equal(new Set(kept.map((row) => row.pseudonym)).size, 1);
    assert.equal(await balanceOf(1), 3600);
  });
});
