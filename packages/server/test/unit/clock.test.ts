import assert from "node:assert/strict";
import { it } from "node:test";
import { isWithin } from "../../src/kernel/clock.ts";

it("an instant lies within so long until that has passed, and not while it lies ahead: a clock that ran ahead wrote it", () => {
  const within = [1_000, 1_999, 2_000, 999, -86_400_000].map((nowMs) => isWithin(1_000, 1_000, nowMs));
  assert.deepEqual(within, [true, true, false, false, false]);
  assert.equal(isWithin(1_000, Number.NEGATIVE_INFINITY, 0), false, "never");
});
