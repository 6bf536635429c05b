import cluster from "node:cluster";
import type { Logger } from "pino";
import type { Family } from "../metrics/family.ts";
import type { Role, Word } from "./messages.ts";
import { createWorkerPlace, type Death, type WorkerPlace } from "./worker-place.ts";
import { closingPatienceMs, endingSignals } from "./worker-process.ts";
import { createWorkerReports } from "./worker-reports.ts";

export interface SupervisorDependencies {
  /** The role of each worker. */
  readonly roles: readonly Role[];
  readonly port: number;
  readonly writerSocket: string;
  /** When the database is ready for workers: they are loaded meanwhile, which takes longer. */
  readonly prepared: Promise<unknown>;
  readonly logger: Logger;
  /** The figures of this process, which the workers' are added to. */
  figures(): readonly Family[];
}

export interface Supervisor {
  /** Where the workers listen, once all of them do; undefined when they were ended before. Rejected with WorkerFailed when one cannot. */
  readonly listening: Promise<string | undefined>;
  /**
   * Settles when all workers are gone: true when each had finished its requests. Rejected with WorkerFailed when they
   * ended because one could not be started again.
   */
  readonly ended: Promise<boolean>;
  /** Lets the workers finish their requests and end. */
  end(): void;
}

/** A worker could not start; the message is for the person who started it. */
export class WorkerFailed extends Error {
  override readonly name = "WorkerFailed";
}

/**
 * Starts workers that answer on one port, and starts those again that die, each after a pause that grows with its
 * failures. Connections go to the workers by turns. When one cannot start, all end.
 */
export const supervise = (deps: SupervisorDependencies): Supervisor => {
  cluster.schedulingPolicy = cluster.SCHED_RR;
  const listening = Promise.withResolvers<string | undefined>();
  const life = createLife(deps.logger, listening);
  let { port } = deps;
  let found: number | undefined;

  const answerMetrics = (place: WorkerPlace, id: number) => {
    const workers = places.filter((one) => one.isListening()).map((one) => one.number);
    reports.gather(workers).then(
      (text) => place.tell({ kind: "metrics", id, text }),
      (error: unknown) => {
        deps.logger.error({ err: error }, "the workers' metrics cannot be put together");
        place.tell({ kind: "metrics", id });
      },
    );
  };
  const begin = async (place: WorkerPlace) => {
    await deps.prepared;
    // All share a socket by the port that they ask for, so that must be the same; only when none is left to share, a
    // port that the system chose must be requested by its number.
    if (!places.some((one) => one.isListening())) port = found ?? deps.port;
    place.tell({ kind: "begin", task: { worker: place.number, role: place.role, port, writerSocket: deps.writerSocket } });
  };
  const onMessage = (place: WorkerPlace, word: Word) => {
    // The worker that prepares reports what is wrong with the preparation.
    if (word.kind === "loaded") begin(place).catch(() => {});
    else if (word.kind === "report") reports.receive(place.number, word.id, word.families);
    else if (word.kind === "metrics") answerMetrics(place, word.id);
    else if (word.kind === "troubles") troubles.note(place, word.troubles);
    else if (word.kind === "listening") {
      deps.logger.info({ listens: place.number, role: place.role, pid: place.pid() }, "a worker listens");
      found = Number(new URL(word.address).port);
      troubles.tell(place);
      if (places.every((one) => one.isListening())) listening.resolve(word.address);
    }
  };
  const died = (place: WorkerPlace, death: Death) => {
    reports.retire(place.number).catch((error: unknown) => deps.logger.error({ err: error }, "a dead worker's metrics are lost"));
    // What a dead worker could not do, nobody does.
    troubles.note(place, []);
    life.died(place, death);
  };
  const places = deps.roles.map((role, index) => createWorkerPlace({ number: index + 1, role, onMessage, died }));
  const troubles = shareTroubles(() => places);
  const reports = createWorkerReports({
    ask: (number, id) => places[number - 1]!.tell({ kind: "report", id }),
    own: deps.figures,
  });
  life.begin(places);
  return { listening: listening.promise, ended: life.ended, end: life.end };
};

/** Tells every worker what keeps the others from their work: a load balancer asks any one of them for the whole node. */
const shareTroubles = (places: () => readonly WorkerPlace[]) => {
  const known = new Map<WorkerPlace, readonly string[]>();
  const tell = (place: WorkerPlace): void => {
    const others = [...known].flatMap(([whose, troubles]) => (whose === place ? [] : troubles));
    place.tell({ kind: "troubles", troubles: [...new Set(others)] });
  };
  return {
    tell,
    note(place: WorkerPlace, troubles: readonly string[]): void {
      known.set(place, troubles);
      for (const other of places()) if (other !== place) tell(other);
    },
  };
};

/** When workers are started, started again, and all ended. */
const createLife = (logger: Logger, listening: PromiseWithResolvers<string | undefined>) => {
  const ended = Promise.withResolvers<boolean>();
  let places: readonly WorkerPlace[] = [];
  let hasListened = false;
  let isEnding = false;
  let isClean = true;
  let failure: WorkerFailed | undefined;
  listening.promise.then(
    () => {
      hasListened = true;
    },
    () => {},
  );
  ended.promise.catch(() => {});

  const finishIfGone = () => {
    if (places.some((place) => place.isAlive())) return;
    if (failure) {
      listening.reject(failure);
      ended.reject(failure);
    } else {
      listening.resolve(undefined);
      ended.resolve(isClean);
    }
  };
  const end = () => {
    if (isEnding) return;
    isEnding = true;
    for (const place of places) place.tell({ kind: "end" });
    const kill = () => {
      for (const place of places) place.kill();
    };
    setTimeout(kill, closingPatienceMs + 1_000).unref();
    finishIfGone();
  };

  return {
    ended: ended.promise,
    end,
    begin(all: readonly WorkerPlace[]) {
      places = all;
      for (const place of places) place.start();
    },
    died(place: WorkerPlace, { code, signal, hadListened, reason, pauseMs }: Death) {
      if (isEnding) {
        isClean &&= code === 0 || !hadListened;
        return finishIfGone();
      }
      // A terminal sends its signal to all: this one was loading, and had it before the primary.
      if (!hasListened && endingSignals.some((one) => one === signal)) return end();
      if (!hasListened || pauseMs === undefined) {
        failure = new WorkerFailed(
          `Worker ${place.number} does not start: ${reason?.replace(/^gatehouse: /, "") ?? `it ended with ${signal ?? `exit code ${code}`}`}`,
        );
        return end();
      }
      logger.error({ died: place.number, role: place.role, code, signal, reason, pauseMs }, "a worker died and is started again");
      setTimeout(() => {
        if (!isEnding) place.start();
      }, pauseMs);
    },
  };
};
