import type { Job } from "../../../jobs/scheduler.ts";
import { systemCaller } from "../../../kernel/caller.ts";
import type { Clock } from "../../../kernel/clock.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { ClockAheadStore, DeadlinePlace } from "./clock-ahead.store.ts";

/** The clocks of two nodes differ by less, and what is put off is put off by less. */
const slackMs = 2 * 60_000;
const everyMs = 2_000;
/** Another node's clock may have been put right meanwhile. */
const passEveryMs = 10 * 60_000;
/** A clock is corrected by some milliseconds again and again. */
const stepMs = 1_000;
const perStep = 200;

export interface ClockAheadDependencies {
  readonly work: Work<{ readonly clockAhead: ClockAheadStore }>;
  readonly clock: Clock;
  /** Milliseconds that only grow, whatever is done to the clock. */
  steadyMs(): number;
}

/**
 * Puts right what a clock that ran ahead has planned and noted: what it put off would come only when the clock has caught
 * up. Looks at a process' first turn, each time when the clock was put back, and now and then.
 */
export const clockAheadJob = ({ work, clock, steadyMs }: ClockAheadDependencies): Job => {
  const caller = systemCaller("clock_ahead");
  let passedAtMs = Number.NEGATIVE_INFINITY;
  /** What the clock showed when the steady one began: the latest that it made of that. */
  let beganMs = Number.NEGATIVE_INFINITY;

  const pass = async (mayGoOn: () => boolean): Promise<void> => {
    const nowMs = clock.nowMs();
    const ahead = { nowMs, aheadMs: nowMs + slackMs };
    const { clockAhead } = work.acrossTenants("the clock is nobody's tenant");
    await work.run(caller, async (tx) => {
      await tx.clockAhead.settleRequests(ahead);
      await tx.clockAhead.settleContacts(ahead);
    });
    // Sessions before deadlines, which are made of them.
    for (let afterId: number | undefined = 0; afterId !== undefined && mayGoOn(); ) {
      const found: Awaited<ReturnType<ClockAheadStore["findSessions"]>> = await clockAhead.findSessions(ahead, afterId, perStep);
      for (const id of found.ids) await work.run(caller, (tx) => tx.clockAhead.settleSession(ahead, id));
      afterId = found.lastId;
    }
    for (let after: DeadlinePlace | undefined = { namespaceId: 0, userId: 0 }; after !== undefined && mayGoOn(); ) {
      const found: Awaited<ReturnType<ClockAheadStore["findDeadlines"]>> = await clockAhead.findDeadlines(ahead, after, perStep);
      for (const place of found.late) await work.run(caller, (tx) => tx.clockAhead.settleDeadline(ahead, place));
      after = found.last;
    }
  };

  return {
    name: "put right what a clock ahead wrote",
    runs: "in_one_process",
    everyMs,
    async run(mayGoOn) {
      const steady = steadyMs();
      const began = clock.nowMs() - steady;
      const wasPutBack = began < beganMs - stepMs;
      beganMs = Math.max(beganMs, began);
      if (!wasPutBack && steady - passedAtMs < passEveryMs) return;
      await pass(mayGoOn);
      passedAtMs = steady;
      beganMs = began;
    },
  };
};
