import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createFailedAttempts, type FailedAttempts, type Guess } from "../../src/modules/network/network-access/failed-attempts.ts";

const guess = (fields: Partial<Guess> = {}): Guess => ({ place: "token:1", device: "phone", account: "7", countsRunning: true, ...fields });

const started = () => {
  const clock = { now: 1_000, nowMs: () => clock.now };
  const attempts = createFailedAttempts(clock);
  const tries = (whose: Guess, outcome: "right" | "wrong"): boolean => {
    const attempt = attempts.begin(whose);
    if ("pauseSeconds" in attempt) return false;
    attempt.end(outcome);
    return true;
  };
  /** How many wrong passwords are looked at, of so many. */
  const looked = (count: number, whose: (index: number) => Guess) =>
    Array.from({ length: count }, (_, index) => tries(whose(index), "wrong")).filter(Boolean).length;
  return { clock, attempts, tries, looked };
};

describe("wrong passwords", () => {
  it("slow the device that they come from, and no other device, place or account", () => {
    const { clock, tries, looked } = started();
    assert.equal(
      looked(30, () => guess()),
      10,
    );
    for (const elsewhere of [{ device: "other" }, { device: "" }, { place: "token:2" }, { account: "8" }]) {
      assert.equal(tries(guess(elsewhere), "right"), true, JSON.stringify(elsewhere));
    }
    assert.equal(tries(guess(), "right"), false);
    clock.now += 300_000;
    assert.equal(tries(guess(), "right"), true);
  });

  it("of many devices for one account slow their place, but no device that the account has logged in from", () => {
    const { tries, looked } = started();
    assert.equal(tries(guess({ device: "proven" }), "right"), true);
    assert.equal(
      looked(300, (index) => guess({ device: `device ${index}` })),
      100,
    );
    assert.equal(tries(guess({ device: "proven" }), "right"), true);
    assert.equal(tries(guess({ place: "token:2" }), "right"), true);
  });

  it("of one device for many accounts slow that device", () => {
    const { tries, looked } = started();
    assert.equal(
      looked(300, (index) => guess({ account: `${index}` })),
      100,
    );
    assert.equal(tries(guess({ device: "other" }), "right"), true);
  });

  it("count from their beginning, or else when their turn comes", () => {
    const { attempts } = started();
    const begin = (countsRunning: boolean) => Array.from({ length: 12 }, () => attempts.begin(guess({ countsRunning })));
    assert.equal(begin(true).filter((attempt) => "end" in attempt).length, 10);
    const waiting = Array.from({ length: 12 }, () => attempts.begin(guess({ device: "nas", countsRunning: false })));
    let looked = 0;
    for (const attempt of waiting) {
      if (!("end" in attempt) || !attempt.mayGoOn()) continue;
      attempt.end("wrong");
      looked += 1;
    }
    assert.equal(looked, 10);
  });
});

describe("wrong passwords by a clock that ran ahead", () => {
  it("slow nobody when it is put right", () => {
    const { clock, looked } = started();
    clock.now += 86_400_000;
    assert.equal(
      looked(30, () => guess()),
      10,
    );
    clock.now -= 86_400_000;
    assert.equal(
      looked(30, () => guess()),
      10,
    );
  });

  it("count in every process, once they are told, and no more after the right one", () => {
    const clock = { now: 1_000, nowMs: () => clock.now };
    const told: string[] = [];
    const nodes: FailedAttempts[] = [0, 1, 2].map((own) =>
      createFailedAttempts(clock, (word) => {
        told.push(word);
        for (const [index, other] of nodes.entries()) if (index !== own) other.hear(word);
      }),
    );
    const tries = (node: number, outcome: "right" | "wrong", whose = guess()): boolean => {
      const attempt = nodes[node]!.begin(whose);
      if ("pauseSeconds" in attempt) return false;
      attempt.end(outcome);
      return true;
    };
    const looked = (count: number) => Array.from({ length: count }, (_, index) => tries(index % 3, "wrong")).filter(Boolean).length;
    assert.equal(looked(9), 9);
    assert.ok(tries(0, "right"), "the tenth may be tried anywhere");
    assert.equal(looked(60), 10, "after the right one there are ten again, of all together");
    assert.ok(!tries(0, "right") && !tries(2, "right"));
    assert.ok(tries(1, "right", guess({ account: "8" })), "another account is not concerned");
    clock.now += 299_999;
    assert.ok(!tries(1, "right"));
    clock.now += 1;
    assert.ok(tries(1, "right"));
    assert.ok(told.length > 0 && !told.some((word) => /phone|token:1/.test(word)), "nobody can read who tried what");
  });
});
