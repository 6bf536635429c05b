import assert from "node:assert/strict";
import { it } from "node:test";
import { predictedZeroMs } from "../../../src/aaa/session-time/session-end.ts";

const nowMs = 1_700_000_000_000;

it("a balance is empty when all sessions together have used it up, whichever was reported when", () => {
  assert.equal(predictedZeroMs(600, []), undefined);
  assert.equal(predictedZeroMs(600, [nowMs]), nowMs + 600_000);
  assert.equal(predictedZeroMs(600, [nowMs, nowMs]), nowMs + 300_000);
  assert.equal(predictedZeroMs(600, [nowMs, nowMs + 100_000]), nowMs + 350_000);
  assert.equal(predictedZeroMs(0, [nowMs - 5_000]), nowMs - 5_000);
});
