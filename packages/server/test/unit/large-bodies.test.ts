import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as nextTick } from "node:timers/promises";
import { createLargeBodyTicks, largeBytes } from "../../src/http/large-bodies.ts";

const large = 8 * 1024 * 1024;

describe("large bodies", () => {
  it("are parsed one at a time, with ticks of the event loop for everybody else between", async () => {
    const bodies = createLargeBodyTicks();
    const parsed: number[] = [];
    let ticks = 0;
    for (let body = 0; body < 8; body += 1) void bodies.next(large, "flood").then(() => parsed.push(ticks));
    for (; parsed.length < 8; ticks += 1) await nextTick();
    assert.equal(new Set(parsed).size, 8, parsed.join());
    for (const [index, tick] of parsed.slice(1).entries()) assert.ok(tick - parsed[index]! >= 2, parsed.join());
  });

  it("leave three quarters of the event loop to everybody else", async () => {
    const bodies = createLargeBodyTicks();
    const spans: { readonly from: number; readonly to: number }[] = [];
    const parse = () => {
      const from = performance.now();
      while (performance.now() - from < 10);
      spans.push({ from, to: performance.now() });
    };
    await Promise.all(Array.from({ length: 4 }, () => bodies.next(large, "flood").then(parse)));
    for (const [index, { from }] of spans.slice(1).entries()) {
      const before = spans[index]!;
      assert.ok(from - before.to >= 2.9 * (before.to - before.from), JSON.stringify(spans));
    }
  });

  it("take turns by who sent them, charged by their size", async () => {
    const bodies = createLargeBodyTicks();
    const order: string[] = [];
    const sent = (payer: string, bytes: number) => bodies.next(bytes, payer).then(() => order.push(payer));
    const all = [...Array.from({ length: 8 }, () => sent("flood", large)), ...Array.from({ length: 4 }, () => sent("quiet", large / 16))];
    await Promise.all(all);
    assert.deepEqual(order.slice(0, 5), ["flood", "quiet", "quiet", "quiet", "quiet"]);
  });

  it("begin above what most bodies have, and below what holds the event loop for long", () => {
    assert.ok(largeBytes >= 64 * 1024 && largeBytes <= 256 * 1024);
  });
});
