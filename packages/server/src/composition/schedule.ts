import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { createScheduler, type Job, type Scheduler } from "../jobs/scheduler.ts";
import { type Database, DatabaseUnavailable } from "../storage/database.ts";
import { createLease } from "../storage/lease.ts";

/** How long the jobs for all wait when the process that does them dies. */
const leaseMs = 30_000;

/** What the recurring jobs are made of. */
export interface ScheduledWork {
  /** Stores when tokens were used, as this process has seen it. */
  noteTokenUses(): Promise<void>;
  readonly ledgerProof: Job;
  /** What the network needs done: by processes that write alone. */
  readonly network: readonly Job[];
}

/** Every recurring job and who runs it. Those for all run in one process of all nodes: the one that holds the lease. */
const jobsOf = (work: ScheduledWork): readonly Job[] => [
  { name: "note token uses", runs: "in_each_process", everyMs: 30_000, run: work.noteTokenUses },
  work.ledgerProof,
  ...work.network,
];

export interface ScheduleDependencies {
  readonly work: ScheduledWork;
  readonly database: Database;
  readonly logger: Logger;
  /** A process that cannot write leaves the jobs for all to those that can. */
  readonly writes: boolean;
}

export const createSchedule = ({ work, database, logger, writes }: ScheduleDependencies): Scheduler =>
  createScheduler({
    jobs: jobsOf(work).filter((job) => writes || job.runs === "in_each_process"),
    lease: createLease({ database, name: "scheduler", holder: randomUUID(), lengthMs: leaseMs }),
    leaseMs,
    onFailure(error, job) {
      if (error instanceof DatabaseUnavailable) logger.warn({ err: error, job }, "a job could not reach the database; it runs again");
      else logger.error({ err: error, job }, "a job failed; it runs again");
    },
  });
