import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createTurns } from "../../src/http/turn.ts";

const holdFor = (ms: number) => {
  for (const endsAtMs = performance.now() + ms; performance.now() < endsAtMs; );
};

describe("a turn", () => {
  it("runs its steps at its end, in their order", async () => {
    const atEndOfTurn = createTurns();
    const done: number[] = [];
    for (const step of [1, 2, 3]) atEndOfTurn(() => done.push(step));
    assert.deepEqual(done, []);
    await nextTurn();
    assert.deepEqual(done, [1, 2, 3]);
  });

  it("leaves what comes meanwhile to the next one", async () => {
    const atEndOfTurn = createTurns();
    const done: string[] = [];
    atEndOfTurn(() => {
      done.push("first");
      atEndOfTurn(() => done.push("second"));
    });
    await nextTurn();
    await nextTurn();
    assert.deepEqual(done, ["first", "second"]);
  });

  it("lets the event loop go on between long steps, and loses and swaps none of them", async () => {
    const atEndOfTurn = createTurns();
    const done: number[] = [];
    let turns = 0;
    for (let step = 0; step < 100; step += 1) {
      atEndOfTurn(() => {
        holdFor(0.25);
        done.push(step);
      });
    }
    for (; done.length < 100; turns += 1) await nextTurn();
    assert.ok(turns > 1, `${turns} turns`);
    assert.deepEqual(
      done,
      Array.from({ length: 100 }, (_, step) => step),
    );
  });
});
