import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KnownSession } from "../../../src/aaa/accounting/known-session.ts";
import { matchSession } from "../../../src/aaa/accounting/match-session.ts";
import { report, seconds, sessionLedger } from "../../support/session-ledger.ts";

const known = (change: Partial<KnownSession> = {}): KnownSession => ({
  id: 1,
  startMs: seconds(100),
  lastUpdateMs: seconds(160),
  reportedAtMs: seconds(160),
  lastSeenAtMs: seconds(160),
  reportedSeconds: 60,
  inputOctets: 600,
  outputOctets: 6_000,
  stopMs: null,
  closedBy: null,
  closedAtMs: null,
  ...change,
});
const stopped = known({ id: 2, stopMs: seconds(160), closedBy: "stop", closedAtMs: seconds(160) });
const later = known({ id: 3, startMs: seconds(200), lastUpdateMs: seconds(260), lastSeenAtMs: seconds(260) });

describe("a report belongs", () => {
  const idOf = (one: Parameters<typeof matchSession>[0], ...sessions: KnownSession[]) => matchSession(one, sessions)?.id;

  it("to a new session where none is known, or none could have sent it", () => {
    assert.equal(idOf(report("interim", 220, 120)), undefined);
    assert.equal(idOf(report("start", 161), known()), undefined);
    assert.equal(idOf(report("interim", 170, 5), known()), undefined, "a counter that fell");
    assert.equal(idOf(report("interim", 900, 100), stopped), undefined, "it began after the Stop");
  });

  it("to the open session, whatever else was known before", () => {
    assert.equal(idOf(report("interim", 220, 120), known(), stopped), 1);
    assert.equal(idOf(report("interim", 320, 120), later, stopped), 3);
    assert.equal(idOf(report("interim", 320), later, stopped), 3, "without a session time");
  });

  it("of a moment before the open session to the session that began when it says", () => {
    assert.equal(idOf(report("interim", 150, 50), later, stopped), 2);
    assert.equal(idOf(report("start", 100), later, stopped), 2);
  });
});

describe("a report", () => {
  it("that repeats a Stop of no length is the same Stop", () => {
    const { take, sessions } = sessionLedger();
    take(report("stop", 100, 0));
    assert.equal(take(report("stop", 101, 0)).what, "nothing");
    assert.equal(sessions().length, 1);
  });

  it("that repeats a Stop half a minute later, however short the session was, is the same Stop", () => {
    const { take, sessions, debited } = sessionLedger();
    take(report("start", 100));
    take(report("stop", 103, 3));
    for (const at of [110, 120, 133]) assert.equal(take(report("stop", at, 3)).what, "nothing");
    assert.deepEqual([sessions().length, debited()], [1, 3]);
    assert.equal(take(report("stop", 200, 3)).what, "begin", "it began after the Stop, and has the same counters by chance");
    assert.equal(debited(), 3 + 3);
  });

  it("that repeats a Stop does not end another session that is open", () => {
    const { take, debited, open } = sessionLedger();
    take(report("start", 0));
    take(report("stop", 100, 100));
    take(report("start", 102));
    assert.equal(take(report("stop", 104, 100)).what, "nothing");
    assert.deepEqual([open().length, debited()], [1, 100]);
    assert.equal(take(report("stop", 202, 100)).what, "advance", "its own Stop has the same counters by chance");
    assert.deepEqual([open().length, debited()], [0, 200]);
  });

  it("of a session whose Start came again as if it had just begun is counted by the one that is open", () => {
    const { take, sessions, debited, open } = sessionLedger();
    take(report("start", 0));
    assert.equal(take(report("start", 20)).what, "begin", "nothing distinguishes it from a restart");
    for (const at of [60, 120]) assert.partialDeepStrictEqual(take(report("interim", at, at)), { what: "advance", outcome: "live" });
    assert.deepEqual([debited(), open().length, open()[0]!.reportedSeconds], [120, 1, 120]);
    take(report("stop", 130, 130));
    assert.deepEqual([debited(), open().length], [130, 0]);
    assert.deepEqual(
      sessions().map((one) => [one.reportedSeconds, one.closedBy]),
      [
        [130, "stop"],
        [0, "restart"],
      ],
    );
  });

  it("that repeats a Start a moment later is the same Start, and one after a report is a restart", () => {
    const { take, sessions } = sessionLedger();
    take(report("start", 100));
    take(report("start", 101));
    assert.deepEqual([sessions().length, sessions()[0]!.startMs], [1, seconds(100)]);
    take(report("interim", 160, 60));
    assert.equal(take(report("start", 100)).what, "nothing");
    assert.equal(take(report("start", 161)).what, "begin");
    assert.deepEqual(
      sessions().map((one) => [one.startMs, one.closedBy, one.stopMs]),
      [
        [seconds(161), null, null],
        [seconds(100), "restart", seconds(160)],
      ],
    );
  });

  it("shows a restart by a counter that fell, or by one that began after the session was last seen", () => {
    const { take, debited, sessions } = sessionLedger();
    take(report("start", 0));
    take(report("interim", 600, 600));
    assert.equal(take(report("interim", 1_000, 60)).what, "begin");
    assert.equal(take(report("interim", 5_000, 900)).what, "begin");
    assert.equal(debited(), 600 + 60 + 900);
    assert.equal(sessions().length, 3);
  });

  it("with a counter that grew is no restart when only the client's clock jumped", () => {
    const { take, debited, sessions } = sessionLedger();
    take(report("start", 0));
    take(report("interim", 600, 600));
    take(report("interim", 900, 900, { eventMs: seconds(900 + 3_600) }));
    assert.deepEqual([debited(), sessions().length], [900, 1]);
    take(report("interim", 1_200, 1_200, { eventMs: seconds(1_200 - 3_600) }));
    assert.deepEqual([debited(), sessions().length], [1_200, 1]);
  });

  it("of a session that was replaced is billed to it, although another is open", () => {
    const { take, debited, open, sessions } = sessionLedger();
    take(report("start", 0));
    take(report("interim", 60, 60));
    take(report("start", 200));
    take(report("interim", 120, 120));
    assert.deepEqual([debited(), open().length, open()[0]!.startMs], [120, 1, seconds(200)]);
    take(report("stop", 130, 130));
    take(report("interim", 210, 10));
    assert.equal(debited(), 140);
    assert.deepEqual(
      sessions().map((one) => [one.reportedSeconds, one.closedBy]),
      [
        [10, null],
        [130, "stop"],
      ],
    );
  });
});
