import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { chance, lives, tell } from "../../support/random-lives.ts";
import { report, seconds, sessionLedger } from "../../support/session-ledger.ts";

const kinds = { Start: "start", "Interim-Update": "interim", Stop: "stop" } as const;

describe("accounting in any order", () => {
  /** `stamped`: packets bear an Event-Timestamp, and arrive when they arrive; `delayed`: they tell how long they were on their way. */
  for (const kind of ["delayed", "stamped"] as const)
    it(`debits the true time, in 1,000 random orders of repeated and lost packets, restarts and closings (${kind})`, () => {
      fc.assert(
        fc.property(lives, chance, (all, pick) => {
          const { take, debited, open, closeOpen } = sessionLedger();
          const { steps, truthSeconds } = tell(all, pick, seconds(1_000), kind === "stamped");
          for (const { status, eventMs, arrivalMs, seconds: session } of steps.flat()) {
            if (status === "Accounting-On") closeOpen("reboot", eventMs);
            else {
              const sentAtMs = kind === "stamped" ? arrivalMs : eventMs;
              take(report(kinds[status], eventMs / 1000, session, { sentAtMs }));
            }
            if (pick(10) === 0) closeOpen(pick(2) === 0 ? "stale" : "operator", arrivalMs);
          }
          assert.equal(debited(), truthSeconds);
          assert.ok(open().length <= 1);
        }),
        { numRuns: 1_000 },
      );
    });
});
