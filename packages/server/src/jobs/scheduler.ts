/** Work that comes again. */
export interface Job {
  readonly name: string;
  /** In each process for itself, in each that writes, or in one for all: the one that holds the lease. */
  readonly runs: "in_each_process" | "in_each_writer" | "in_one_process";
  /** The pause between the end of one run and the beginning of the next, in milliseconds. */
  readonly everyMs: number;
  /** Runs once. A long run asks before each step whether it may go on, and ends when not. */
  run(mayGoOn: () => boolean): Promise<void>;
}

/** What one process at a time may hold. */
export interface JobLease {
  take(): Promise<boolean>;
  release(): Promise<void>;
}

export interface SchedulerDependencies {
  readonly jobs: readonly Job[];
  readonly lease: JobLease;
  /** How long the lease lasts when its holder dies. It is renewed three times in that time. */
  readonly leaseMs: number;
  onFailure(error: unknown, job: string): void;
}

export interface Scheduler {
  start(): void;
  /** Runs a job of this name at once, and then after its pauses; nothing where it runs already. */
  runNow(name: string): void;
  /** Whether this process does what one process does for all. */
  holdsLease(): boolean;
  /** How often each job ran and failed. */
  figures(): ReadonlyMap<string, { readonly runs: number; readonly failures: number }>;
  /** Lets the running jobs end and gives the lease back. */
  close(): Promise<void>;
}

/** Runs jobs again and again, those for all in one of all processes. A job never runs twice at once. */
export const createScheduler = (deps: SchedulerDependencies): Scheduler => {
  const timers = new Map<string, NodeJS.Timeout>();
  const figures = new Map(deps.jobs.map((job) => [job.name, { runs: 0, failures: 0 }]));
  const running = new Set<Promise<void>>();
  let heldUntilMs = 0;
  let isClosed = false;

  const holdsLease = () => !isClosed && performance.now() < heldUntilMs;

  /** Runs `act` after the pause, and again after each pause that follows its end. */
  const repeat = (name: string, pauseMs: number, act: () => Promise<void>, laterMs: number = pauseMs): void => {
    const timer = setTimeout(() => {
      const run = act().catch((error: unknown) => deps.onFailure(error, name));
      running.add(run);
      void run.then(() => {
        running.delete(run);
        if (!isClosed) repeat(name, laterMs, act);
      });
    }, pauseMs);
    timer.unref();
    timers.set(name, timer);
  };

  const runJob = async (job: Job): Promise<void> => {
    const mayGoOn = job.runs === "in_one_process" ? holdsLease : () => !isClosed;
    if (!mayGoOn()) return;
    const figure = figures.get(job.name)!;
    figure.runs += 1;
    try {
      await job.run(mayGoOn);
    } catch (error) {
      figure.failures += 1;
      throw error;
    }
  };
  const takeLease = async (): Promise<void> => {
    // Counted from before the asking: this process never believes longer in its lease than the database does.
    const askedAtMs = performance.now();
    heldUntilMs = (await deps.lease.take()) ? askedAtMs + deps.leaseMs : 0;
  };

  return {
    start() {
      if (deps.jobs.some((job) => job.runs === "in_one_process")) {
        running.add(takeLease().catch((error: unknown) => deps.onFailure(error, "lease")));
        repeat("lease", deps.leaseMs / 3, takeLease);
      }
      for (const job of deps.jobs) repeat(job.name, job.everyMs, () => runJob(job));
    },
    runNow(name) {
      const job = deps.jobs.find((one) => one.name === name);
      if (!job || !timers.has(name) || isClosed) return;
      clearTimeout(timers.get(name));
      repeat(name, 0, () => runJob(job), job.everyMs);
    },
    holdsLease,
    figures: () => figures,
    async close() {
      const held = holdsLease();
      isClosed = true;
      for (const timer of timers.values()) clearTimeout(timer);
      await Promise.all(running);
      if (held || performance.now() < heldUntilMs) await deps.lease.release().catch((error: unknown) => deps.onFailure(error, "lease"));
    },
  };
};
