import assert from "node:assert/strict";
import { it } from "node:test";
import { eventTimeMs, sentAtMs } from "../../../src/aaa/accounting/event-time.ts";
import { predictedZeroMs } from "../../../src/aaa/session-time/time-share.ts";

const arrivalMs = 1_700_000_000_000;
const minute = 60_000;
const day = 24 * 60 * minute;

it("an event happened when the packet says, if that can be, else when it was first sent", () => {
  const at = (eventTimestampMs: number | undefined, delaySeconds?: number) => eventTimeMs({ arrivalMs, eventTimestampMs, delaySeconds });
  assert.equal(at(arrivalMs - minute, 30), arrivalMs - minute);
  for (const sane of [arrivalMs + 5 * minute, arrivalMs - 7 * day]) assert.equal(at(sane), sane);
  for (const insane of [arrivalMs + 5 * minute + 1, arrivalMs - 7 * day - 1, 0, undefined]) {
    assert.equal(at(insane), arrivalMs);
    assert.equal(at(insane, 30), arrivalMs - 30_000);
  }
});

it("a delay is never negative nor longer than a week", () => {
  const sent = (delaySeconds: number) => sentAtMs({ arrivalMs, eventTimestampMs: undefined, delaySeconds });
  assert.deepEqual([sent(-5), sent(2 ** 32 - 1)], [arrivalMs, arrivalMs - 7 * day]);
});

it("a balance is empty when all sessions together have used it up, whichever was reported when", () => {
  assert.equal(predictedZeroMs(600, []), undefined);
  assert.equal(predictedZeroMs(600, [arrivalMs]), arrivalMs + 600_000);
  assert.equal(predictedZeroMs(600, [arrivalMs, arrivalMs]), arrivalMs + 300_000);
  assert.equal(predictedZeroMs(600, [arrivalMs, arrivalMs + 100_000]), arrivalMs + 350_000);
  assert.equal(predictedZeroMs(0, [arrivalMs - 5_000]), arrivalMs - 5_000);
});
