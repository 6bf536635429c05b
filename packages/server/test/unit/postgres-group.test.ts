import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Composed, Waiting } from "../../src/storage/dialects/postgres-composed.ts";
import { createGroupCommit } from "../../src/storage/dialects/postgres-group.ts";

/** A statement that is under way until the test ends it: the accounts that it writes. */
interface Sent {
  readonly rows: readonly string[];
  end(): void;
}

const unit = (account: string): Composed => ({
  locks: [],
  writes: [
    { table: "time_balance", text: "update $1", rows: [{ account }], identity: ["account"], order: ["account"], adds: undefined },
  ] satisfies Waiting[],
});

/** A line whose statements wait in the test's hands. */
const openLine = () => {
  const sent: Sent[] = [];
  const group = createGroupCommit(
    ({ values }) =>
      new Promise((resolve) => {
        const rows = JSON.parse(String(values[0])) as { account: string }[];
        sent.push({ rows: rows.map(({ account }) => account), end: resolve });
      }),
    () => false,
  );
  const underWay = async (count: number) => {
    for (let tick = 0; sent.length < count; tick += 1) {
      assert.ok(tick < 10_000, `${sent.length} of ${count} statements are under way`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { sent, group, underWay };
};

describe("units that wait to travel together on PostgreSQL", () => {
  it("leave a neighbour's a way while two statements of one payer are held up", async () => {
    const { sent, group, underWay } = openLine();
    for (let index = 0; index < 100; index += 1) void group.commit(unit("flooded"), "flood");
    await underWay(2);
    void group.commit(unit("quiet"), "quiet");
    await underWay(3);
    assert.deepEqual(
      sent.map(({ rows }) => rows),
      [["flooded"], ["flooded"], ["quiet"]],
    );
    assert.equal(group.waiting(), 98);
  });

  it("begin in turns of their payers, in each payer's own order, and those that fit travel along", async () => {
    const { sent, group, underWay } = openLine();
    for (let index = 0; index < 10; index += 1) void group.commit(unit("flooded"), "flood");
    await underWay(2);
    for (const account of ["a", "a", "b"]) void group.commit(unit(account), "quiet");
    void group.commit(unit("c"), "other");
    await underWay(3);
    sent[0]!.end();
    await underWay(4);
    const order = sent.slice(2).map(({ rows }) => [...rows].sort().join());
    assert.deepEqual(order, ["a,b,c", "a,flooded"]);
  });

  it("spare one payer nothing where nobody else waits", async () => {
    const { sent, group, underWay } = openLine();
    const done = Array.from({ length: 70 }, (_, index) => group.commit(unit(`${index}`), "only"));
    await underWay(2);
    assert.deepEqual(
      sent.map(({ rows }) => rows.length),
      [64, 6],
    );
    for (const { end } of sent) end();
    await Promise.all(done);
    assert.deepEqual([group.waiting(), group.spared()], [0, 68]);
  });
});
