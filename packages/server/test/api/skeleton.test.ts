import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { onEachDatabase, type World } from "../support/world.ts";

onEachDatabase("one request through every wall", (open) => {
  let world: World;
  before(async () => {
    world = await open();
  });
  after(() => world.close());

  it("sets a balance as a row of the ledger, an audit row and an event", async () => {
    const answer = await world.patch("/user_token/1/", { user_time: 5400, description: "Time balance updated" });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.equal(answer.body.user_time, 5400);
    const ledger = await world.get("/user_token/1/time_ledger/");
    assert.deepEqual(
      ledger.body.results.map((row: { delta: number; balance_after: number }) => [row.delta, row.balance_after]),
      [
        [3600, 3600],
        [1800, 5400],
      ],
    );
    const audit = await world.app.database.reader
      .selectFrom("audit_entry")
      .selectAll()
      .where("operation", "=", "user_token_partial_update")
      .execute();
    assert.equal(audit.length, 1);
    const events = await world.app.database.reader
      .selectFrom("outbox_event")
      .selectAll()
      .where("audit_entry_id", "=", audit[0]!.id)
      .execute();
    assert.equal(events[0]?.event, "user.updated");
  });

  it("never loses one of many concurrent changes of a balance", async () => {
    const calls = Array.from({ length: 200 }, (_, index) =>
      index % 2 === 0
        ? world.patch("/user_token/2/", { user_time: 1000 + index })
        : world.post("/user_token/2/top_up/", { seconds: index % 4 === 1 ? 60 : -30, reason: "load" }),
    );
    const answers = await Promise.all(calls);
    assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [200]);
    const { user_time: balance } = (await world.get("/user_token/2/?balance=true")).body;
    const rows = await world.app.database.reader
      .selectFrom("time_ledger")
      .select(["delta", "balance_after", "id"])
      .where("user_id", "=", 2)
      .execute();
    assert.equal(
      rows.reduce((sum, row) => sum + row.delta, 0),
      balance,
    );
  });
});
