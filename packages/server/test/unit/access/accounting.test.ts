import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type AccountingPacket, type Closer, type KnownSession, ruleOn } from "../../../src/aaa/accounting/accounting.ts";
import { chance, lives, tell } from "../../support/random-lives.ts";

const seconds = (value: number) => value * 1000;

/** The sessions of one Acct-Session-Id in memory, changed by what is ruled on each packet. */
const ledger = () => {
  let sessions: KnownSession[] = [];
  let made = 0;
  const replace = (id: number, change: Partial<KnownSession>) => {
    sessions = sessions.map((session) => (session.id === id ? { ...session, ...change } : session));
  };
  const close = (id: number, closedBy: Closer, closedAtMs: number, stopMs?: number) => {
    const session = sessions.find((one) => one.id === id)!;
    replace(id, { closedBy, closedAtMs, stopMs: stopMs ?? session.lastUpdateMs });
  };
  let debited = 0;
  const take = (packet: AccountingPacket) => {
    const ruling = ruleOn(packet, sessions);
    if (ruling.what === "ignore") return ruling;
    debited += ruling.debitSeconds;
    if (ruling.what === "begin") {
      if (ruling.replaced) close(ruling.replaced.id, "restart", packet.eventMs);
      made += 1;
      sessions = [{ ...ruling.progress, id: made, startMs: ruling.startMs, stopMs: null, closedBy: null, closedAtMs: null }, ...sessions];
      if (ruling.isStopped) close(made, "stop", packet.eventMs);
      return ruling;
    }
    replace(ruling.session.id, ruling.progress);
    if (ruling.fate === "reopen") replace(ruling.session.id, { stopMs: null, closedBy: null, closedAtMs: null });
    if (ruling.fate === "stop") close(ruling.session.id, "stop", packet.eventMs);
    if (ruling.fate === "extend") replace(ruling.session.id, { stopMs: ruling.progress.lastUpdateMs });
    return ruling;
  };
  return {
    take,
    closeOpen: (closedBy: Closer, atMs: number) => {
      for (const session of sessions) if (session.stopMs === null && session.startMs <= atMs) close(session.id, closedBy, atMs);
    },
    debited: () => debited,
    sessions: () => sessions,
    open: () => sessions.filter((session) => session.stopMs === null),
  };
};

const kinds = { Start: "start", "Interim-Update": "interim", Stop: "stop" } as const;

const packet = (
  kind: AccountingPacket["kind"],
  atSeconds: number,
  session?: number,
  more: Partial<AccountingPacket> = {},
): AccountingPacket => ({
  kind,
  eventMs: seconds(atSeconds),
  sentAtMs: seconds(atSeconds),
  seconds: session,
  inputOctets: session === undefined ? undefined : session * 10,
  outputOctets: session === undefined ? undefined : session * 100,
  ...more,
});

describe("an accounting packet", () => {
  it("of an unknown session begins one, with what it tells already debited", () => {
    for (const [kind, told, open] of [
      ["start", undefined, 1],
      ["interim", 90, 1],
      ["stop", 90, 0],
    ] as const) {
      const { take, sessions, open: live, debited } = ledger();
      assert.equal(take(packet(kind, 1_000, told)).what, "begin");
      assert.equal(sessions()[0]!.startMs, seconds(1_000 - (told ?? 0)));
      assert.equal(debited(), told ?? 0);
      assert.equal(live().length, open);
    }
  });

  it("debits above the reported seconds alone, whatever is repeated or comes late", () => {
    const { take, debited, sessions } = ledger();
    take(packet("start", 0));
    for (const at of [60, 60, 120, 60, 180, 120]) take(packet("interim", at, at));
    assert.equal(debited(), 180);
    assert.equal(take(packet("interim", 180, 180)).what, "ignore");
    assert.deepEqual([sessions().length, sessions()[0]!.reportedSeconds, sessions()[0]!.outputOctets], [1, 180, 18_000]);
  });

  it("with empty counters keeps the last ones", () => {
    const { take, debited, sessions } = ledger();
    take(packet("start", 0));
    take(packet("interim", 60, 60));
    take(packet("interim", 120));
    assert.deepEqual([debited(), sessions()[0]!.inputOctets, sessions()[0]!.lastUpdateMs], [60, 600, seconds(120)]);
    take(packet("stop", 130));
    assert.deepEqual([debited(), sessions()[0]!.closedBy], [60, "stop"]);
  });

  it("that stops before the start closes, and a late start or report does not open it again", () => {
    const { take, debited, open } = ledger();
    take(packet("stop", 100, 100));
    assert.equal(take(packet("start", 0)).what, "ignore");
    assert.equal(take(packet("interim", 60, 60)).what, "ignore");
    assert.equal(take(packet("interim", 100, 100)).what, "ignore");
    assert.deepEqual([debited(), open().length], [100, 0]);
  });

  it("that repeats a Stop of no length is the same Stop", () => {
    const { take, sessions } = ledger();
    take(packet("stop", 100, 0));
    assert.equal(take(packet("stop", 101, 0)).what, "ignore");
    assert.equal(sessions().length, 1);
  });

  it("that repeats a Stop half a minute later, however short the session was, is the same Stop", () => {
    const { take, sessions, debited } = ledger();
    take(packet("start", 100));
    take(packet("stop", 103, 3));
    for (const at of [110, 120, 133]) assert.equal(take(packet("stop", at, 3)).what, "ignore");
    assert.deepEqual([sessions().length, debited()], [1, 3]);
    assert.equal(take(packet("stop", 200, 3)).what, "begin", "what began after the Stop, and looks like it by chance");
    assert.equal(debited(), 3 + 3);
  });

  it("that repeats a Stop while another session is open ends that one not", () => {
    const { take, debited, open } = ledger();
    take(packet("start", 0));
    take(packet("stop", 100, 100));
    take(packet("start", 102));
    assert.equal(take(packet("stop", 104, 100)).what, "ignore");
    assert.deepEqual([open().length, debited()], [1, 100]);
    assert.equal(take(packet("stop", 202, 100)).what, "advance", "its own one tells the same by chance");
    assert.deepEqual([open().length, debited()], [0, 200]);
  });

  it("of a session whose Start came again as if it had just begun is counted by the one that is open", () => {
    const { take, sessions, debited, open } = ledger();
    take(packet("start", 0));
    assert.equal(take(packet("start", 20)).what, "begin", "nothing tells it from a restart");
    for (const at of [60, 120]) assert.partialDeepStrictEqual(take(packet("interim", at, at)), { what: "advance", fate: "live" });
    assert.deepEqual([debited(), open().length, open()[0]!.reportedSeconds], [120, 1, 120]);
    take(packet("stop", 130, 130));
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
    const { take, sessions } = ledger();
    take(packet("start", 100));
    take(packet("start", 101));
    assert.deepEqual([sessions().length, sessions()[0]!.startMs], [1, seconds(100)]);
    take(packet("interim", 160, 60));
    assert.equal(take(packet("start", 100)).what, "ignore");
    assert.equal(take(packet("start", 161)).what, "begin");
    assert.deepEqual(
      sessions().map((one) => [one.startMs, one.closedBy, one.stopMs]),
      [
        [seconds(161), null, null],
        [seconds(100), "restart", seconds(160)],
      ],
    );
  });

  it("shows a restart by a counter that fell, or by one that began after the session was last heard of", () => {
    const { take, debited, sessions } = ledger();
    take(packet("start", 0));
    take(packet("interim", 600, 600));
    assert.equal(take(packet("interim", 1_000, 60)).what, "begin");
    assert.equal(take(packet("interim", 5_000, 900)).what, "begin");
    assert.equal(debited(), 600 + 60 + 900);
    assert.equal(sessions().length, 3);
  });

  it("with a counter that grew is no restart when only the client's clock jumped", () => {
    const { take, debited, sessions } = ledger();
    take(packet("start", 0));
    take(packet("interim", 600, 600));
    take(packet("interim", 900, 900, { eventMs: seconds(900 + 3_600) }));
    assert.deepEqual([debited(), sessions().length], [900, 1]);
    take(packet("interim", 1_200, 1_200, { eventMs: seconds(1_200 - 3_600) }));
    assert.deepEqual([debited(), sessions().length], [1_200, 1]);
  });

  it("of a session that was replaced is billed to it, although another is open", () => {
    const { take, debited, open, sessions } = ledger();
    take(packet("start", 0));
    take(packet("interim", 60, 60));
    take(packet("start", 200));
    take(packet("interim", 120, 120));
    assert.deepEqual([debited(), open().length, open()[0]!.startMs], [120, 1, seconds(200)]);
    take(packet("stop", 130, 130));
    take(packet("interim", 210, 10));
    assert.equal(debited(), 140);
    assert.deepEqual(
      sessions().map((one) => [one.reportedSeconds, one.closedBy]),
      [
        [10, null],
        [130, "stop"],
      ],
    );
  });

  for (const closer of ["reaper", "operator"] as const) {
    it(`reopens a session that the ${closer} closed, and bills the difference`, () => {
      const { take, debited, open, closeOpen } = ledger();
      take(packet("start", 0));
      take(packet("interim", 60, 60));
      closeOpen(closer, seconds(900));
      assert.equal(take(packet("start", 0)).what, "ignore");
      const ruling = take(packet("interim", 960, 960));
      assert.deepEqual([ruling.what, debited(), open().length], ["advance", 960, 1]);
      closeOpen(closer, seconds(2_000));
      take(packet("stop", 1_000, 1_000));
      assert.deepEqual([debited(), open().length], [1_000, 0]);
      assert.equal(take(packet("interim", 960, 960)).what, "ignore");
    });
  }

  it("from before its client restarted is billed, and the session stays closed; from after, it lives", () => {
    const { take, debited, open, closeOpen } = ledger();
    take(packet("start", 0));
    take(packet("interim", 60, 60));
    closeOpen("reboot", seconds(150));
    take(packet("interim", 120, 120));
    assert.deepEqual([debited(), open().length], [120, 0]);
    take(packet("interim", 180, 180));
    assert.deepEqual([debited(), open().length], [180, 1]);
  });
});

describe("accounting in any order", () => {
  /** `stamped`: packets bear an Event-Timestamp, and arrive when they arrive; `delayed`: they tell how long they were on their way. */
  for (const kind of ["delayed", "stamped"] as const)
    it(`debits the true time, in 1,000 random orders of repeated and lost packets, restarts and closings (${kind})`, () => {
      fc.assert(
        fc.property(lives, chance, (all, pick) => {
          const { take, debited, open, closeOpen } = ledger();
          const { steps, truthSeconds } = tell(all, pick, seconds(1_000), kind === "stamped");
          for (const { status, eventMs, arrivalMs, seconds: session } of steps.flat()) {
            if (status === "Accounting-On") closeOpen("reboot", eventMs);
            else {
              const sentAtMs = kind === "stamped" ? arrivalMs : eventMs;
              take(packet(kinds[status], eventMs / 1000, session, { sentAtMs }));
            }
            if (pick(10) === 0) closeOpen(pick(2) === 0 ? "reaper" : "operator", arrivalMs);
          }
          assert.equal(debited(), truthSeconds);
          assert.ok(open().length <= 1);
        }),
        { numRuns: 1_000 },
      );
    });
});
