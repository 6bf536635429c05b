import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { createScheduler, type Job, type Scheduler } from "../jobs/scheduler.ts";
import { type Database, DatabaseUnavailable } from "../storage/database.ts";
import { createLease } from "../storage/lease.ts";

/** How long the jobs for all wait when the process that does them dies. */
const leaseMs = 30_000;

export interface ScheduleDependencies {
  /** The jobs of all modules. */
  readonly jobs: readonly Job[];
  readonly database: Database;
  readonly logger: Logger;
  /** A process that cannot write does what each process does, and nothing else. */
  readonly writes: boolean;
}

/** Runs recurring jobs. Those for all run in one process of all nodes: the one that holds the lease. */
export const createSchedule = ({ jobs, database, logger, writes }: ScheduleDependencies): Scheduler =>
  createScheduler({
    jobs: jobs.filter((job) => writes || job.runs === "in_each_process"),
    lease: createLease({ database, name: "scheduler", holder: randomUUID(), lengthMs: leaseMs }),
    leaseMs,
    onFailure(error, job) {
      if (error instanceof DatabaseUnavailable) logger.warn({ err: error, job }, "a job could not reach the database; it runs again");
      else logger.error({ err: error, job }, "a job failed; it runs again");
    },
  });
