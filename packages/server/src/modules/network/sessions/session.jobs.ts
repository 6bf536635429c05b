import type { Job } from "../../../jobs/scheduler.ts";
import { systemCaller } from "../../../kernel/caller.ts";
import type { Clock } from "../../../kernel/clock.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { AccessSlotStore } from "../network-access/index.ts";
import { causeOf } from "./session.ts";
import { type ClosingStores, closeSessions } from "./session-change.ts";

export interface SessionJobDependencies {
  readonly work: Work<ClosingStores & { readonly accessSlots: AccessSlotStore }>;
  readonly clock: Clock;
}

const operation = "session_reaper";
/** Live sessions that one statement looks at, and slots that one removes. */
const perStep = 200;
/** A slot is of use beyond its minute: a late Start still learns from it what its decision said. */
const slotsKeptMs = 10 * 60_000;

/**
 * Closes sessions whose client has fallen silent, at their last update: what was not reported is nobody's time. Should the
 * client be heard again, the session reopens and the difference is billed.
 */
export const reaperJob = ({ work, clock }: SessionJobDependencies): Job => ({
  name: "close silent sessions",
  runs: "in_one_process",
  everyMs: 20_000,
  async run(mayGoOn) {
    for (let afterId: number | undefined = 0; afterId !== undefined && mayGoOn(); ) {
      const nowMs = clock.nowMs();
      const sessions = work.acrossTenants("silence is nobody's tenant").sessions;
      const found: Awaited<ReturnType<typeof sessions.listSilent>> = await sessions.listSilent(nowMs, afterId, perStep);
      afterId = found.lastId;
      if (found.silent.length === 0) continue;
      const closing = { operation, closedBy: "reaper", closedAtMs: nowMs, terminateCause: causeOf.reaper } as const;
      await work.run(systemCaller("reaper"), (tx) => closeSessions(tx, found.silent, closing));
    }
  },
});

/** Removes slots that no session has confirmed. */
export const slotJob = ({ work, clock }: SessionJobDependencies): Job => ({
  name: "remove expired slots",
  runs: "in_one_process",
  everyMs: 60_000,
  async run(mayGoOn) {
    for (let removed = perStep; removed === perStep && mayGoOn(); ) {
      const beforeMs = clock.nowMs() - slotsKeptMs;
      removed = await work.run(systemCaller("slots"), (tx) => tx.accessSlots.removeExpired(beforeMs, perStep));
    }
  },
});
