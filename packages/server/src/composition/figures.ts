import type { Scheduler } from "../jobs/scheduler.ts";
import { type Collector, counter, type Family, gauge } from "../metrics/family.ts";
import { createLoopDelay } from "../metrics/loop-delay.ts";
import { processFigures } from "../metrics/process-figures.ts";
import { createRequestDurations } from "../metrics/request-durations.ts";
import type { Database } from "../storage/database.ts";
import type { Signals } from "../storage/signals.ts";

/** The parts of the app that have something to show. */
export interface FigureSources {
  readonly database: Database;
  readonly signals: Signals;
  readonly scheduler: Scheduler;
  /** What else stands in the process: its modules, its log, its ways to other processes. */
  readonly others: readonly Collector[];
}

export interface Figures {
  onAnswered(operationId: string | undefined, status: number, elapsedMs: number): void;
  /** Everything that this process measures; each call begins a new period. */
  collect(): readonly Family[];
  close(): void;
}

/** What an app of this version measures of itself. */
export const createFigures = (version: string, operationIds: readonly string[], sources: FigureSources): Figures => {
  const durations = createRequestDurations(operationIds);
  const loopDelay = createLoopDelay();
  const collectors = [
    () => databaseFigures(version, sources.database),
    () => signalFigures(sources),
    () => jobFigures(sources),
    durations.collect,
    loopDelay.collect,
    processFigures,
    ...sources.others,
  ];
  return {
    onAnswered(operationId, status, elapsedMs) {
      loopDelay.noteActivity();
      durations.observe(operationId, status, elapsedMs);
    },
    collect: () => collectors.flatMap((collect) => collect()),
    close: loopDelay.close,
  };
};

const databaseFigures = (version: string, database: Database): readonly Family[] => {
  const { units, flushes, unitsWaiting, readsWaiting, connections } = database.figures();
  const labels = { version, database: database.name };
  return [
    gauge("gatehouse_info", "Always 1; the labels tell the version and the database.", [{ labels, value: 1 }], "max"),
    gauge("gatehouse_processes", "Processes that answer requests.", 1),
    counter("gatehouse_database_units_total", "Units of work that ended.", units),
    counter("gatehouse_database_flushes_total", "Commits that made units durable; units by flushes is how many shared one.", flushes),
    gauge("gatehouse_database_waiting", "What waits for the database: units of work, and reads without a connection.", [
      { labels: { kind: "unit" }, value: unitsWaiting },
      { labels: { kind: "read" }, value: readsWaiting },
    ]),
    gauge("gatehouse_database_connections", "Connections to the database.", [
      { labels: { state: "open" }, value: connections.open },
      { labels: { state: "idle" }, value: connections.idle },
    ]),
  ];
};

const signalFigures = ({ signals }: FigureSources): readonly Family[] => [
  gauge("gatehouse_signals_live", "Processes that hear at once what others change.", Number(signals.isLive())),
];

const jobFigures = ({ scheduler }: FigureSources): readonly Family[] => {
  const jobs = [...scheduler.figures()];
  return [
    gauge("gatehouse_scheduler_leases", "Processes that do the jobs for all: 1 over all nodes.", Number(scheduler.holdsLease())),
    counter(
      "gatehouse_job_runs_total",
      "Runs of recurring jobs.",
      jobs.map(([job, { runs }]) => ({ labels: { job }, value: runs })),
    ),
    counter(
      "gatehouse_job_failures_total",
      "Runs of recurring jobs that failed.",
      jobs.map(([job, { failures }]) => ({ labels: { job }, value: failures })),
    ),
  ];
};
