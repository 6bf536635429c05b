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

  it("holds few steps once it is known what they cost, with what follows them", async () => {
    const atEndOfTurn = createTurns();
    let ended = 0;
    const step = async () => {
      await undefined;
      holdFor(4);
      ended += 1;
    };
    const mostOfTurn = async (steps: number) => {
      for (let index = 0; index < steps; index += 1) atEndOfTurn(() => void step());
      let most = 0;
      for (const wanted = ended + steps; ended < wanted; ) {
        const before = ended;
        await nextTurn();
        most = Math.max(most, ended - before);
      }
      return most;
    };
    await mostOfTurn(20);
    assert.equal(await mostOfTurn(20), 1, "a step of 4 ms is a turn of its own");
  });

  it("goes to payers in turn where more has come than it may hold", async () => {
    const atEndOfTurn = createTurns();
    const done: string[] = [];
    const ask = (payer: string) =>
      atEndOfTurn(() => {
        holdFor(4);
        done.push(payer);
      }, payer);
    for (let index = 0; index < 20; index += 1) ask("flood");
    await nextTurn();
    ask("quiet");
    ask("other");
    while (done.length < 22) await nextTurn();
    assert.ok(done.indexOf("quiet") <= 3 && done.indexOf("other") <= 4, done.join());
  });
});
