import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { OperationResult, Result } from "./results.ts";
import { judge, targets } from "./targets.ts";

const rowsOf = (ratios: Record<string, number>) =>
  Object.fromEntries(
    Object.entries(ratios).map(([id, median]) => [
      id,
      {
        summary: { cpuRatio: { median, least: median, most: median }, requestsRatio: { median, least: median, most: median } },
      } as OperationResult,
    ]),
  );

/** A made-up result of SQLite. */
const resultOf = (operations: Record<string, number>, more: Partial<Result> = {}): Result =>
  ({
    database: "sqlite",
    workers: 1,
    users: 100_000,
    operations: rowsOf(operations),
    references: {},
    startMs: [],
    shares: [],
    ...more,
  }) as unknown as Result;

const verdictOf = (what: string, results: Result[], others: Result[] = []): string | undefined =>
  judge(results, others).find(({ target }) => target.database === "sqlite" && target.what.startsWith(what))?.verdict;

describe("the targets", () => {
  it("have one bound each, and no two the same text", () => {
    for (const { what, atLeast, atMost } of targets) assert.ok((atLeast === undefined) !== (atMost === undefined), what);
    assert.equal(new Set(targets.map(({ database, what }) => `${database} ${what}`)).size, targets.length);
  });

  it("pass at their bound and miss beyond it", () => {
    assert.equal(verdictOf("R1:", [resultOf({ R1: 0.45 })]), "pass");
    assert.equal(verdictOf("R1:", [resultOf({ R1: 0.449 })]), "miss");
  });

  it("compare two operations by what each costs beside its own bare server", () => {
    assert.equal(verdictOf("L2-cursor: CPU", [resultOf({ L1: 0.11, "L2-cursor": 0.1 })]), "pass");
    assert.equal(verdictOf("L2-cursor: CPU", [resultOf({ L1: 0.12, "L2-cursor": 0.1 })]), "miss");
  });

  it("compare two configurations", () => {
    const [small, large] = [resultOf({ R1: 0.5 }), resultOf({ R1: 0.4 }, { users: 1_000_000 })];
    assert.equal(verdictOf("R1 at 1,000,000", [small, large]), "pass");
    assert.equal(verdictOf("R1 at 1,000,000", [small, resultOf({ R1: 0.39 }, { users: 1_000_000 })]), "miss");
    assert.equal(verdictOf("R1 at 1,000,000", [large], [small]), "pass", "the other one from an earlier run");
    const two = (median: number) => resultOf({ R1: median }, { workers: 2, shares: [0.3, 0.7] });
    assert.equal(verdictOf("R1 by two workers", [small, two(0.46)]), "pass");
    assert.equal(verdictOf("R1 by two workers", [small, two(0.44)]), "miss");
    assert.equal(verdictOf("two workers: the part", [small, two(0.46)]), "miss");
  });

  it("take the middle of the starts", () => {
    assert.equal(verdictOf("start", [resultOf({}, { startMs: [900, 5_000, 990] })]), "pass");
    assert.equal(verdictOf("start", [resultOf({}, { startMs: [1_001, 5_000, 990] })]), "miss");
  });

  it("count what was not measured as no pass", () => {
    assert.equal(verdictOf("R1:", [resultOf({})]), "not measured");
    assert.equal(verdictOf("W3: the event loop", [resultOf({}, { eventLoop: undefined })]), "not measured");
    assert.equal(verdictOf("two workers: the part", [resultOf({}, { workers: 2 })]), "not measured");
  });

  it("tell what an earlier run alone decides from what this one does", () => {
    const verdicts = judge([resultOf({ R1: 0.1 }, { users: 1_000_000 })], [resultOf({ R1: 0.5 })]);
    const concerning = verdicts.filter(({ concernsThisRun, measured }) => concernsThisRun && measured);
    assert.deepEqual(
      concerning.map(({ target, verdict }) => [target.database, target.what.slice(0, 15), verdict]),
      [["sqlite", "R1 at 1,000,000", "miss"]],
    );
  });
});
