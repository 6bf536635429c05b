import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Share } from "../../src/kernel/fair-line.ts";
import { createWorkQueue } from "../../src/radius/server/work-queue.ts";

const a: Share = ["a", "aaa_client:1", "phone"];
const b: Share = ["b", "aaa_client:2", "phone"];

const opened = (limits: { running: number; waiting: number }) => {
  const queue = createWorkQueue({ ...limits, maxWaitMs: 3_000 }, { nowMs: () => 0 });
  const begun: string[] = [];
  const dropped: string[] = [];
  const ends: (() => void)[] = [];
  return {
    queue,
    begun,
    dropped,
    ends,
    submit(share: Share, name: string, isSlow = false) {
      queue.submit(share, {
        run(stepAside) {
          begun.push(name);
          if (isSlow) stepAside();
          return new Promise((resolve) => ends.push(resolve));
        },
        drop: (reason) => dropped.push(`${name} ${reason}`),
      });
    },
  };
};

describe("the queue of a RADIUS port", () => {
  it("drops of a flood alone, and serves the others in turn with it", async () => {
    const { queue, begun, dropped, ends, submit } = opened({ running: 1, waiting: 8 });
    for (let index = 0; index < 100; index += 1) submit(a, "a");
    for (let index = 0; index < 3; index += 1) submit(["a", "aaa_client:3", "phone"], "a's other client");
    for (let index = 0; index < 3; index += 1) submit(b, "b");
    assert.ok(dropped.every((line) => line === "a overloaded"));
    assert.deepEqual([queue.hasRoom(a), queue.hasRoom(["c", "aaa_client:4", ""])], [false, true]);
    while (ends.length > 0) {
      ends.shift()!();
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(begun.slice(0, 7).filter((name) => name === "b").length, 3, begun.join());
    assert.equal(begun.filter((name) => name === "a's other client").length, 3);
    await queue.idle();
  });

  it("lets a phone's requests delay no other phone of the same client by more than one", async () => {
    const { begun, ends, submit } = opened({ running: 1, waiting: 100 });
    for (let index = 0; index < 50; index += 1) submit(a, "old password");
    submit(["a", "aaa_client:1", "another phone"], "another phone");
    for (let turn = 0; turn < 2; turn += 1) {
      ends.shift()!();
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual(begun, ["old password", "old password", "another phone"]);
  });

  it("gives the place of what steps aside to what is quick", async () => {
    const { queue, begun, ends, submit } = opened({ running: 1, waiting: 10 });
    for (let index = 0; index < 20; index += 1) submit(a, "hashes", true);
    submit(a, "remembered");
    assert.deepEqual(begun, [...Array(20).fill("hashes"), "remembered"]);
    let isIdle = false;
    const idle = queue.idle().then(() => {
      isIdle = true;
    });
    ends.pop()!();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(isIdle, false);
    for (const end of ends) end();
    await idle;
  });

  it("never gives one organization's held up work the last place", () => {
    const { begun, submit } = opened({ running: 128, waiting: 1_000 });
    for (let index = 0; index < 500; index += 1) submit(["a", `aaa_client:${index % 5}`, `phone ${index}`], "a");
    submit(b, "b");
    assert.equal(begun.at(-1), "b");
    assert.ok(begun.length > 64, "alone, one has more than half of the places");
  });
});
