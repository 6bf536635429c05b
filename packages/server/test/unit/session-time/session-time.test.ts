import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { changedTimeout, maxTimeoutSeconds, sessionTimeout, timeoutAtMsOf } from "../../../src/aaa/session-time/live-session-timeout.ts";
import { sessionEnd } from "../../../src/aaa/session-time/session-end.ts";

const nowMs = 1_800_000_000_000;
/** A session that began so many seconds ago and reported so many of them. */
const session = (beganSecondsAgo: number, reportedSeconds = 0) => ({
  reportedSeconds,
  reportedAtMs: nowMs - (beganSecondsAgo - reportedSeconds) * 1000,
});
const account = { isActive: true, seconds: null, expirationMs: null };

describe("the end of a user's sessions", () => {
  it("is none where nothing limits them, and where none is live", () => {
    assert.equal(sessionEnd(account, [session(10)], nowMs), undefined);
    assert.equal(sessionEnd({ ...account, isActive: false, seconds: 0, expirationMs: 0 }, [], nowMs), undefined);
  });

  it("is now for an account that is switched off, whatever else ends it", () => {
    const end = sessionEnd({ isActive: false, seconds: 1_000, expirationMs: nowMs - 1 }, [session(10)], nowMs);
    assert.deepEqual(end, { dueAtMs: nowMs, reason: "inactive" });
  });

  it("is when all of them together have used the balance up, counted from what each reported", () => {
    const metered = { ...account, seconds: 600 };
    assert.deepEqual(sessionEnd(metered, [session(100, 100)], nowMs), { dueAtMs: nowMs + 600_000, reason: "no_time_left" });
    assert.deepEqual(sessionEnd(metered, [session(100)], nowMs), { dueAtMs: nowMs + 500_000, reason: "no_time_left" });
    assert.deepEqual(sessionEnd(metered, [session(100), session(200)], nowMs), { dueAtMs: nowMs + 150_000, reason: "no_time_left" });
  });

  it("is the expiration where that comes first", () => {
    const both = { ...account, seconds: 600, expirationMs: nowMs + 60_000 };
    assert.deepEqual(sessionEnd(both, [session(0)], nowMs), { dueAtMs: nowMs + 60_000, reason: "expired" });
    assert.equal(sessionEnd({ ...both, expirationMs: nowMs + 600_000 }, [session(0)], nowMs)!.reason, "no_time_left");
    assert.deepEqual(sessionEnd({ ...account, expirationMs: 5 }, [session(0)], nowMs), { dueAtMs: 5, reason: "expired" });
  });

  it("is a date even for the largest balance", () => {
    const { dueAtMs } = sessionEnd({ ...account, seconds: Number.MAX_SAFE_INTEGER }, [session(0)], nowMs)!;
    assert.ok(!Number.isNaN(new Date(dueAtMs).getTime()));
  });
});

describe("the Session-Timeout of a live session", () => {
  const facts = { account, session: session(100, 40), live: [session(100, 40)], profileTimeoutSeconds: undefined, nowMs };

  it("counts from the session's beginning, and is the least of what limits it", () => {
    assert.equal(sessionTimeout(facts), undefined);
    assert.equal(sessionTimeout({ ...facts, account: { ...account, seconds: 600 } }), 640, "60 of the 600 s have passed unreported");
    const live = [facts.session, session(30)];
    assert.equal(sessionTimeout({ ...facts, live, account: { ...account, seconds: 600 } }), 100 + (600 - 90) / 2);
    assert.equal(sessionTimeout({ ...facts, account: { ...account, seconds: 600, expirationMs: nowMs + 50_000 } }), 150);
    assert.equal(sessionTimeout({ ...facts, profileTimeoutSeconds: 120, account: { ...account, seconds: 600 } }), 120);
    assert.equal(sessionTimeout({ ...facts, account: { ...account, seconds: Number.MAX_SAFE_INTEGER } }), maxTimeoutSeconds);
  });

  it("ends all sessions of a user when the balance is used up, and never later", () => {
    const second = fc.integer({ min: 0, max: 100_000 });
    const sessions = fc.array(fc.tuple(second, second), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(sessions, fc.integer({ min: 0, max: 1_000_000 }), (drawn, seconds) => {
        const live = drawn.map(([ago, reported]) => session(ago, Math.min(ago, reported)));
        const { dueAtMs } = sessionEnd({ ...account, seconds }, live, nowMs)!;
        for (const one of live) {
          const timeout = sessionTimeout({ ...facts, account: { ...account, seconds }, session: one, live })!;
          const lateMs = timeoutAtMsOf(one, timeout) - dueAtMs;
          assert.ok(lateMs <= 0 && lateMs > -2_000, `${lateMs} ms`);
        }
      }),
    );
  });

  it("is told where it differs by more than five seconds from what the equipment was told", () => {
    const metered = { ...facts, account: { ...account, seconds: 600 } };
    const told = (timeoutSeconds: number) => timeoutAtMsOf(facts.session, timeoutSeconds);
    assert.equal(changedTimeout(metered, null), 640);
    for (const right of [635, 640, 645]) assert.equal(changedTimeout(metered, told(right)), undefined, String(right));
    for (const wrong of [634, 646, 1]) assert.equal(changedTimeout(metered, told(wrong)), 640, String(wrong));
  });

  it("is told once to be far away where nothing limits the session any more", () => {
    assert.equal(changedTimeout(facts, null), undefined);
    assert.equal(changedTimeout(facts, timeoutAtMsOf(facts.session, 600)), maxTimeoutSeconds);
    assert.equal(changedTimeout(facts, timeoutAtMsOf(facts.session, maxTimeoutSeconds)), undefined);
  });

  it("is not told where the session never had a second", () => {
    const over = { ...facts, session: session(0), live: [session(0)], account: { ...account, seconds: 0 } };
    for (const told of [null, nowMs + 60_000]) assert.equal(changedTimeout(over, told), undefined);
  });
});
