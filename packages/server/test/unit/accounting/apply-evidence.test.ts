import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { applyEvidence } from "../../../src/aaa/accounting/apply-evidence.ts";
import { report, seconds, sessionLedger } from "../../support/session-ledger.ts";

describe("a report", () => {
  it("of an unknown session begins one, and debits the time that it reports", () => {
    for (const [status, reported, open] of [
      ["start", undefined, 1],
      ["interim", 90, 1],
      ["stop", 90, 0],
    ] as const) {
      const { take, sessions, open: live, debited } = sessionLedger();
      assert.equal(take(report(status, 1_000, reported)).what, "begin");
      assert.equal(sessions()[0]!.startMs, seconds(1_000 - (reported ?? 0)));
      assert.equal(debited(), reported ?? 0);
      assert.equal(live().length, open);
    }
  });

  it("debits only time above the reported seconds, whatever is repeated or comes late", () => {
    const { take, debited, sessions } = sessionLedger();
    take(report("start", 0));
    for (const at of [60, 60, 120, 60, 180, 120]) take(report("interim", at, at));
    assert.equal(debited(), 180);
    assert.equal(take(report("interim", 180, 180)).what, "nothing");
    assert.deepEqual([sessions().length, sessions()[0]!.reportedSeconds, sessions()[0]!.outputOctets], [1, 180, 18_000]);
  });

  it("with empty counters keeps the last ones", () => {
    const { take, debited, sessions } = sessionLedger();
    take(report("start", 0));
    take(report("interim", 60, 60));
    take(report("interim", 120));
    assert.deepEqual([debited(), sessions()[0]!.inputOctets, sessions()[0]!.lastUpdateMs], [60, 600, seconds(120)]);
    take(report("stop", 130));
    assert.deepEqual([debited(), sessions()[0]!.closedBy], [60, "stop"]);
  });

  it("that stops before the start closes, and a late start or report does not open it again", () => {
    const { take, debited, open } = sessionLedger();
    take(report("stop", 100, 100));
    assert.equal(take(report("start", 0)).what, "nothing");
    assert.equal(take(report("interim", 60, 60)).what, "nothing");
    assert.equal(take(report("interim", 100, 100)).what, "nothing");
    assert.deepEqual([debited(), open().length], [100, 0]);
  });

  for (const closer of ["stale", "operator"] as const) {
    it(`reopens a session that the ${closer} closed, and bills the difference`, () => {
      const { take, debited, open, closeOpen } = sessionLedger();
      take(report("start", 0));
      take(report("interim", 60, 60));
      closeOpen(closer, seconds(900));
      assert.equal(take(report("start", 0)).what, "nothing");
      const evidence = take(report("interim", 960, 960));
      assert.deepEqual([evidence.what, debited(), open().length], ["advance", 960, 1]);
      closeOpen(closer, seconds(2_000));
      take(report("stop", 1_000, 1_000));
      assert.deepEqual([debited(), open().length], [1_000, 0]);
      assert.equal(take(report("interim", 960, 960)).what, "nothing");
    });
  }

  it("from before its client restarted is billed, and the session stays closed; from after, it lives", () => {
    const { take, debited, open, closeOpen } = sessionLedger();
    take(report("start", 0));
    take(report("interim", 60, 60));
    closeOpen("reboot", seconds(150));
    take(report("interim", 120, 120));
    assert.deepEqual([debited(), open().length], [120, 0]);
    take(report("interim", 180, 180));
    assert.deepEqual([debited(), open().length], [180, 1]);
  });

  it("changes no session but its own, and needs no clock", () => {
    const { take, sessions } = sessionLedger();
    take(report("start", 0));
    const [session] = sessions();
    const before = structuredClone(session);
    const evidence = applyEvidence(report("interim", 60, 60), session, sessions());
    assert.partialDeepStrictEqual(evidence, { what: "advance", session: { id: 1 }, debitSeconds: 60, outcome: "live" });
    assert.deepEqual(session, before);
    assert.deepEqual(applyEvidence(report("interim", 60, 60), session, sessions()), evidence);
  });
});
