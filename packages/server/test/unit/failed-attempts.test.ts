import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { createAttempts } from "../../src/modules/network/network-access/deferred-attempts.service.ts";
import type { Guess } from "../../src/modules/network/network-access/failed-attempts.service.ts";

const guess = (fields: Partial<Guess> = {}): Guess => ({ place: "token:1", device: "phone", account: "7", ...fields });

const clockAt = (startMs: number) => {
  const clock = { now: startMs, nowMs: () => clock.now };
  return clock;
};

/** Attempts in a time of their own: a wait passes at once, and the clock with it. */
const started = (tell?: (word: string) => void, clock = clockAt(1_000)) => {
  const waits: number[] = [];
  const attempts = createAttempts({
    ...(tell ? { tell } : {}),
    clock,
    delay: (act, ms) => {
      waits.push(ms);
      const timer = setImmediate(() => {
        clock.now += ms;
        act();
      });
      return () => clearImmediate(timer);
    },
  });
  /** How long somebody waited who tried a password; undefined where it was not looked at. */
  const tries = async (whose: Guess, outcome: "right" | "wrong" | "unknown"): Promise<number | undefined> => {
    const beganMs = clock.now;
    const attempt = await attempts.begin(whose);
    if ("pauseSeconds" in attempt) return undefined;
    attempt.end(outcome);
    return clock.now - beganMs;
  };
  /** The waits of so many wrong passwords, one after the other. */
  const wrong = async (count: number, whose: (index: number) => Guess) => {
    const found: (number | undefined)[] = [];
    for (let index = 0; index < count; index += 1) found.push(await tries(whose(index), "wrong"));
    return found;
  };
  return { clock, attempts, tries, wrong, waits };
};

const free = (count: number): number[] => Array(count).fill(0);
const growing = [250, 500, 1_000, 2_000, 2_500, 2_500];

describe("wrong passwords", () => {
  it("slow the device that they come from more and more, and no other device, place or account; the right one is looked at", async () => {
    const { clock, tries, wrong } = started();
    assert.deepEqual(await wrong(16, () => guess()), [...free(10), ...growing]);
    for (const elsewhere of [{ device: "other" }, { device: "" }, { place: "token:2" }, { account: "8" }]) {
      assert.equal(await tries(guess(elsewhere), "right"), 0, JSON.stringify(elsewhere));
    }
    assert.equal(await tries(guess(), "right"), 2_500);
    assert.equal(await tries(guess(), "wrong"), 0, "the right one wipes the slate clean");
    await wrong(9, () => guess());
    clock.now += 300_000;
    assert.equal(await tries(guess(), "right"), 0, "wrong ones count for five minutes");
  });

  it("of equipment that names no device slow all of it, and the right one is looked at still", async () => {
    const { tries, wrong } = started();
    assert.deepEqual(await wrong(12, () => guess({ device: "" })), [...free(10), 250, 500]);
    assert.equal(await tries(guess({ device: "" }), "right"), 1_000);
    await wrong(100, () => guess({ device: "" }));
    assert.equal(await tries(guess({ device: "" }), "right"), 2_500, "no login makes all that have no name known");
  });

  it("of many devices for one account slow those that are new there, and none that it has logged in from", async () => {
    const { tries, wrong } = started();
    assert.equal(await tries(guess({ device: "known" }), "right"), 0);
    const devices = await wrong(106, (index) => guess({ device: `device ${index}` }));
    assert.deepEqual(devices, [...free(100), ...growing]);
    assert.equal(await tries(guess({ device: "known" }), "right"), 0);
    assert.equal(await tries(guess({ device: "known" }), "wrong"), 0);
    assert.equal(await tries(guess({ device: "the owner's" }), "right"), 2_500);
    assert.equal(await tries(guess({ device: "the owner's" }), "right"), 0, "it is known from now on");
    assert.equal(await tries(guess({ place: "token:2" }), "right"), 0);
  });

  it("of one device for many accounts slow that device, but for the accounts that have logged in from it", async () => {
    const { tries, wrong } = started();
    await tries(guess({ account: "known" }), "right");
    assert.deepEqual(await wrong(103, (index) => guess({ account: `${index}` })), [...free(100), 250, 500, 1_000]);
    assert.equal(await tries(guess({ account: "known" }), "right"), 0);
    assert.equal(await tries(guess({ device: "other" }), "right"), 0);
  });

  it("leave no more than 1,440 guesses an hour beyond those that are free, however many are tried at once", async () => {
    const { clock, wrong } = started();
    await wrong(20, () => guess());
    const beganMs = clock.now;
    let looked = 0;
    while (clock.now < beganMs + 3_600_000) {
      const found = await Promise.all(Array.from({ length: 5 }, () => wrong(1, () => guess())));
      looked += found.filter(([wait]) => wait !== undefined).length;
    }
    assert.ok(looked > 1_400 && looked <= 1_450, String(looked));
  });

  it("are looked at one at a time, the newest first: whoever hammers is pushed behind who comes after", async () => {
    const { attempts, wrong, tries } = started();
    await wrong(100, (index) => guess({ device: `device ${index}` }));
    const order: string[] = [];
    const hammering = Array.from({ length: 50 }, async (_, index) => {
      const waited = await tries(guess({ device: `hammer ${index}` }), "wrong");
      order.push(waited === undefined ? "refused" : "hammer");
    });
    const owner = tries(guess({ device: "owner" }), "right").then((waited) => order.push(waited === undefined ? "refused" : "owner"));
    await Promise.all([owner, ...hammering]);
    assert.equal(order[0], "owner");
    assert.equal(
      order.filter((one) => one === "hammer").length,
      4,
      "at once, 500, 1,000 and 2,000 ms later; then the others have waited too long",
    );
    const late = await attempts.begin(guess({ device: "gone", isWanted: () => false }));
    assert.ok("pauseSeconds" in late && late.pauseSeconds === 3, "what nobody waits for is not looked at");
  });

  it("count from their beginning, and who waits for those at work goes on when they were right, or not looked at", async () => {
    const { attempts } = started();
    let aside = 0;
    const stepAside = () => {
      aside += 1;
    };
    const begun = Array.from({ length: 30 }, () => Promise.resolve(attempts.begin(guess({ stepAside }))));
    let settled = 0;
    for (const one of begun) void one.then(() => (settled += 1));
    await turn();
    assert.deepEqual([settled, aside], [10, 20], "who waits holds no place");
    for (const [index, one] of begun.slice(0, 10).entries()) {
      const attempt = await one;
      assert.ok("end" in attempt);
      attempt.end(index % 2 === 0 ? "right" : "unknown");
    }
    await turn();
    assert.equal(settled, 20);
  });

  it("slow nobody when a clock that ran ahead is put right", async () => {
    const { clock, wrong } = started();
    clock.now += 86_400_000;
    assert.deepEqual(await wrong(15, () => guess()), [...free(10), ...growing.slice(0, 5)]);
    clock.now -= 86_400_000;
    assert.deepEqual(await wrong(11, () => guess()), [...free(10), 250]);
  });

  it("count in every process, once they are told, and no more after the right one", async () => {
    const told: string[] = [];
    const clock = clockAt(1_000);
    const nodes: ReturnType<typeof started>[] = [0, 1, 2].map((own) =>
      started((word) => {
        told.push(word);
        for (const [index, other] of nodes.entries()) if (index !== own) other.attempts.hear(word);
      }, clock),
    );
    const found: (number | undefined)[] = [];
    const tries = (index: number, outcome: "right" | "wrong", whose = guess()) => nodes[index % 3]!.tries(whose, outcome);
    for (let index = 0; index < 15; index += 1) found.push(await tries(index, "wrong"));
    assert.deepEqual(found, [...free(10), ...growing.slice(0, 5)]);
    assert.equal(await tries(2, "right", guess({ account: "8" })), 0, "another account is not concerned");
    assert.equal(await tries(1, "right"), 2_500);
    for (const index of [0, 1, 2]) assert.equal(await tries(index, "wrong"), 0, "after the right one there are ten again, of all together");
    assert.ok(told.length > 0 && !told.some((word) => /phone|token:1/.test(word)), "nobody can read who tried what");
  });
});

describe("attempts that the server which asks verifies", () => {
  it("count as wrong until their outcome is reported, and as not made where none comes", async () => {
    const { attempts, tries, clock } = started();
    for (let index = 0; index < 10; index += 1) assert.deepEqual(await attempts.beginDeferred(guess()), { hasWaited: false });
    const beganMs = clock.now;
    assert.deepEqual(await attempts.beginDeferred(guess()), { hasWaited: true });
    assert.ok(clock.now - beganMs >= 2_000, "it has waited for those that nobody reported");
    attempts.conclude(guess(), "right");
    assert.equal(await tries(guess(), "wrong"), 0);
  });

  it("count wherever their outcome is reported", async () => {
    const told: string[] = [];
    const [here, there] = [started((word) => told.push(word)), started()];
    for (let index = 0; index < 11; index += 1) here.attempts.conclude(guess(), "wrong");
    for (const word of told) there.attempts.hear(word);
    assert.equal(await there.tries(guess(), "wrong"), 500);
    here.attempts.conclude(guess(), "right");
    assert.equal(await here.tries(guess(), "wrong"), 0);
  });
});
