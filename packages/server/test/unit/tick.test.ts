import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as nextTick } from "node:timers/promises";
import { createTicks } from "../../src/http/tick.ts";

const holdFor = (ms: number) => {
  for (const endsAtMs = performance.now() + ms; performance.now() < endsAtMs; );
};

describe("a tick", () => {
  it("runs its steps at its end, in their order", async () => {
    const atEndOfTick = createTicks();
    const done: number[] = [];
    for (const step of [1, 2, 3]) atEndOfTick(() => done.push(step));
    assert.deepEqual(done, []);
    await nextTick();
    assert.deepEqual(done, [1, 2, 3]);
  });

  it("leaves what comes meanwhile to the next one", async () => {
    const atEndOfTick = createTicks();
    const done: string[] = [];
    atEndOfTick(() => {
      done.push("first");
      atEndOfTick(() => done.push("second"));
    });
    await nextTick();
    await nextTick();
    assert.deepEqual(done, ["first", "second"]);
  });

  it("lets the event loop go on between long steps, and loses and swaps none of them", async () => {
    const atEndOfTick = createTicks();
    const done: number[] = [];
    let ticks = 0;
    for (let step = 0; step < 100; step += 1) {
      atEndOfTick(() => {
        holdFor(0.25);
        done.push(step);
      });
    }
    for (; done.length < 100; ticks += 1) await nextTick();
    assert.ok(ticks > 1, `${ticks} ticks`);
    assert.deepEqual(
      done,
      Array.from({ length: 100 }, (_, step) => step),
    );
  });

  it("holds few steps once it is known what they cost, with what follows them", async () => {
    const atEndOfTick = createTicks();
    let ended = 0;
    const step = async () => {
      await undefined;
      holdFor(4);
      ended += 1;
    };
    const maxOfTick = async (steps: number) => {
      for (let index = 0; index < steps; index += 1) atEndOfTick(() => void step());
      let most = 0;
      for (const wanted = ended + steps; ended < wanted; ) {
        const before = ended;
        await nextTick();
        most = Math.max(most, ended - before);
      }
      return most;
    };
    await maxOfTick(20);
    assert.equal(await maxOfTick(20), 1, "a step of 4 ms is a tick of its own");
  });

  it("goes to payers in turn where more has come than it may hold", async () => {
    const atEndOfTick = createTicks();
    const done: string[] = [];
    const ask = (payer: string) =>
      atEndOfTick(() => {
        holdFor(4);
        done.push(payer);
      }, payer);
    for (let index = 0; index < 20; index += 1) ask("flood");
    await nextTick();
    ask("quiet");
    ask("other");
    while (done.length < 22) await nextTick();
    assert.ok(done.indexOf("quiet") <= 3 && done.indexOf("other") <= 4, done.join());
  });
});
