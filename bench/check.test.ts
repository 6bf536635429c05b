import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compare, failuresOf } from "./check.ts";
import type { OperationResult, Result } from "./results.ts";

/** A made-up result that says nothing but CPU ratios. */
const resultOf = (operations: Record<string, number>, references: Record<string, number> = {}): Result => {
  const rows = (ratios: Record<string, number>) =>
    Object.fromEntries(
      Object.entries(ratios).map(([id, median]) => [
        id,
        { summary: { cpuRatio: { median, least: median, most: median } } } as OperationResult,
      ]),
    );
  return {
    format: 1,
    database: "sqlite",
    workers: 1,
    users: 100_000,
    operations: rows(operations),
    references: rows(references),
  } as unknown as Result;
};

const failures = (then: Result, now: Result | undefined, only?: ReadonlySet<string>) => failuresOf(compare(then, now, only));

describe("the comparison with committed results", () => {
  const committed = resultOf({ R1: 0.5, W2: 0.2 }, { L1: 0.6 });

  it("passes what costs the same, less, or up to a fifth more", () => {
    assert.deepEqual(failures(committed, committed), []);
    assert.deepEqual(failures(committed, resultOf({ R1: 0.9, W2: 0.2 / 1.19 }, { L1: 0.6 / 1.199 })), []);
  });

  it("names every row that costs over a fifth more, and no other", () => {
    const found = failures(committed, resultOf({ R1: 0.5 / 1.21, W2: 0.2 }, { L1: 0.3 }));
    assert.equal(found.length, 2, found.join("\n"));
    assert.match(found[0]!, /^sqlite-1-100000, R1: costs 2\.42 .* 2\.00: 21 % more/);
    assert.match(found[1]!, /^sqlite-1-100000, L1 beside its bare statements: .* 100 % more/);
  });

  it("fails a committed row that is measured no more", () => {
    assert.match(failures(committed, resultOf({ W2: 0.2 }, { L1: 0.6 }))[0]!, /R1: was not measured/);
    assert.equal(failures(committed, undefined).length, 3);
  });

  it("fails a row that measured nothing", () => {
    assert.equal(failures(committed, resultOf({ R1: Number.NaN, W2: 0 }, { L1: 0.6 })).length, 2);
  });

  it("fails where there is nothing to compare", () => {
    assert.equal(failuresOf([]).length, 1);
  });

  it("asks only about the rows that were to be measured", () => {
    assert.deepEqual(failures(committed, resultOf({ R1: 0.5 }), new Set(["R1"])), []);
  });
});
