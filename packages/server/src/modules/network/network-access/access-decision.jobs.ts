import type { Job } from "../../../jobs/scheduler.ts";
import { systemCaller } from "../../../kernel/caller.ts";
import type { Clock } from "../../../kernel/clock.ts";
import type { Work } from "../../../kernel/unit-of-work.ts";
import type { AccessDecisionStore } from "./access-decision.store.ts";

export interface DecisionJobDependencies {
  readonly work: Work<{ readonly accessDecisions: AccessDecisionStore }>;
  readonly clock: Clock;
  /** For how many days decisions are kept; 0: for ever. */
  readonly keptDays: number;
}

/** Decisions that one unit looks at: it holds the one who writes for some milliseconds. */
const perStep = 500;
const dayMs = 24 * 60 * 60_000;

/** Removes decisions with their traces when they are old enough, a few at a time. */
export const decisionJob = ({ work, clock, keptDays }: DecisionJobDependencies): Job => ({
  name: "remove old access decisions",
  runs: "in_one_process",
  everyMs: 10 * 60_000,
  async run(mayGoOn) {
    if (keptDays === 0) return;
    const beforeMs = clock.nowMs() - keptDays * dayMs;
    for (let afterId: number | undefined = 0; afterId !== undefined && mayGoOn(); ) {
      const from: number = afterId;
      const step = await work.run(systemCaller("decisions"), (tx) => tx.accessDecisions.removeOlder(beforeMs, from, perStep));
      afterId = step.lastId;
    }
  },
});
