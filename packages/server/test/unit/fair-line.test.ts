import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createFairLine, type FairLine, type Share } from "../../src/kernel/fair-line.ts";

const share = (organization: string, payer = "client", source = ""): Share => [organization, payer, source];

/** Lets everything through that may begin, one after the other, and says in which order. */
const served = (line: FairLine<readonly [Share, string]>): string[] => {
  const order: string[] = [];
  for (let item = line.next(); item !== undefined; item = line.next()) {
    order.push(item[1]);
    line.end(item[0]);
  }
  return order;
};

const filled = (waiting: number, items: readonly (readonly [Share, string, number?])[]) => {
  const line = createFairLine<readonly [Share, string]>({ running: 1, waiting });
  const left = items.flatMap(([whose, name, cost]) => line.add(whose, [whose, name], cost)?.[1] ?? []);
  return { line, left };
};

const flood = (whose: Share, count: number): [Share, string][] =>
  Array.from({ length: count }, (_, index) => [whose, `${whose[0]}${index}`]);

describe("a fair line", () => {
  it("serves one of each organization in turn, and in it one of each client and station", () => {
    const { line } = filled(100, [
      ...flood(share("a"), 4),
      [share("b"), "b first"],
      [share("a", "token"), "a's token"],
      [share("a", "client", "phone"), "a's phone"],
      [share("b"), "b second"],
    ]);
    assert.deepEqual(served(line), ["a0", "b first", "a's token", "b second", "a's phone", "a1", "a2", "a3"]);
  });

  it("gives an organization no more for many clients, tokens or stations", () => {
    const many = Array.from({ length: 20 }, (_, index): [Share, string] => [share("a", `client ${index}`, `phone ${index}`), "a"]);
    const { line } = filled(100, [...many, ...flood(share("b"), 5)]);
    const order = served(line).slice(0, 10);
    assert.equal(order.filter((name) => name === "a").length, 5);
  });

  it("charges what an item costs, and forgets no debt while others wait", () => {
    const { line } = filled(100, [[share("a"), "dear", 5], [share("a"), "a next"], ...flood(share("b"), 7)]);
    assert.deepEqual(served(line), ["dear", "b0", "b1", "b2", "b3", "b4", "a next", "b5", "b6"]);
  });

  it("is not overtaken by a stream of newcomers", () => {
    const { line } = filled(1_000, [...flood(share("a"), 3)]);
    const order: string[] = [];
    for (let index = 0; order.filter((name) => name.startsWith("a")).length < 3; index += 1) {
      assert.ok(index < 20, `after ${order.join()}`);
      const newcomer = share(`new ${index}`);
      line.add(newcomer, [newcomer, "new"]);
      const item = line.next()!;
      order.push(item[1]);
      line.end(item[0]);
    }
  });

  it("that is full lets the newest of the longest share go, and nobody else's", () => {
    const { line, left } = filled(4, [...flood(share("a"), 6), [share("b"), "b first"], [share("b"), "b second"], [share("b"), "b third"]]);
    assert.deepEqual(left, ["a5", "a4", "a3", "b third"]);
    assert.deepEqual(served(line), ["a0", "b first", "a1", "b second", "a2"]);
  });

  it("tells whose would find no place, and forgets everything once it is empty", () => {
    const { line } = filled(2, flood(share("a"), 3));
    assert.deepEqual([line.hasRoom(share("a")), line.hasRoom(share("b"))], [false, true]);
    served(line);
    assert.deepEqual([line.waiting, line.running, line.hasRoom(share("a"))], [0, 0, true]);
  });

  it("keeps places free for others where it is told to", () => {
    const line = createFairLine<string>({ running: 8, waiting: 100, mayStart: (depth, own, free) => depth > 0 || own < free });
    const started = (whose: Share) => {
      for (let count = 0; count < 10; count += 1) line.add(whose, whose[0]);
      const order: string[] = [];
      for (let item = line.next(); item !== undefined; item = line.next()) order.push(item);
      return order;
    };
    assert.deepEqual(started(share("a")), ["a", "a", "a", "a"]);
    assert.deepEqual(started(share("b")), ["b", "b"]);
    line.end(share("a"));
    assert.deepEqual(started(share("c")), ["b", "c"]);
  });
});
