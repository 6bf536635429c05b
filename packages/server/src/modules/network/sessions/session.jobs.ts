import type { Job } from "../../../jobs/scheduler.ts";
import { systemCaller } from "../../../kernel/caller.ts";
import type { Clock } from "../../../kernel/clock.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { ReservationStore } from "../network-access/index.ts";
import { causeOf } from "./session.ts";
import { type ClosingStores, closeSessions } from "./session-change.ts";

export interface SessionJobDependencies {
  readonly work: Work<ClosingStores & { readonly reservations: ReservationStore }>;
  readonly clock: Clock;
}

const operation = "close_stale_sessions";
/** Live sessions that one statement reads, and reservations that one removes. */
const perStep = 200;
/** A reservation is of use beyond its minute: a late Start still learns from it what the Access-Accept promised. */
const reservationsKeptMs = 10 * 60_000;

/**
 * Closes stale sessions at their last update: time that was not reported is billed to nobody. Should the client report one of
 * them again, it reopens and the difference is billed.
 */
export const staleSessionJob = ({ work, clock }: SessionJobDependencies): Job => ({
  name: "close stale sessions",
  runs: "in_one_process",
  everyMs: 20_000,
  async run(mayGoOn) {
    for (let afterId: number | undefined = 0; afterId !== undefined && mayGoOn(); ) {
      const nowMs = clock.nowMs();
      const sessions = work.acrossTenants("stale sessions of all tenants are closed").sessions;
      const page: Awaited<ReturnType<typeof sessions.listStale>> = await sessions.listStale(nowMs, afterId, perStep);
      afterId = page.lastId;
      if (page.stale.length === 0) continue;
      const closing = { operation, closedBy: "stale", closedAtMs: nowMs, terminateCause: causeOf.stale } as const;
      await work.run(systemCaller("stale-sessions"), (tx) => closeSessions(tx, page.stale, closing));
    }
  },
});

/** Removes reservations that no session has confirmed. */
export const reservationJob = ({ work, clock }: SessionJobDependencies): Job => ({
  name: "remove expired reservations",
  runs: "in_one_process",
  everyMs: 60_000,
  async run(mayGoOn) {
    for (let removed = perStep; removed === perStep && mayGoOn(); ) {
      const beforeMs = clock.nowMs() - reservationsKeptMs;
      removed = await work.run(systemCaller("reservations"), (tx) => tx.reservations.removeExpired(beforeMs, perStep));
    }
  },
});
