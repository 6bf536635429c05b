import cluster from "node:cluster";
import type { Logger } from "pino";
import type { Family } from "../metrics/family.ts";
import type { Role, Word } from "./messages.ts";
import { createWorkerPlace, type Death, type WorkerPlace } from "./worker-place.ts";
import { closingPatienceMs } from "./worker-process.ts";
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
  /** Settles when all workers are gone. Rejected with WorkerFailed when they ended because one could not be started again. */
  readonly ended: Promise<void>;
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

  const begin = async (place: WorkerPlace) => {
    await deps.prepared;
    // All share a socket by the port that they ask for, so that must be the same; only when none is left to share, a
    // port that the system chose must be asked for by its number.
    if (!places.some((one) => one.isListening())) port = found ?? deps.port;
    place.tell({ kind: "begin", task: { worker: place.number, role: place.role, port, writerSocket: deps.writerSocket } });
  };
  const heard = (place: WorkerPlace, word: Word) => {
    // What is wrong with the preparation is told by who prepares.
    if (word.kind === "loaded") begin(place).catch(() => {});
    else if (word.kind === "report") reports.receive(place.number, word.id, word.families);
    else if (word.kind === "metrics") {
      const workers = places.filter((one) => one.isListening()).map((one) => one.number);
      void reports.gather(workers).then((text) => place.tell({ kind: "metrics", id: word.id, text }));
    } else if (word.kind === "listening") {
      deps.logger.info({ listens: place.number, role: place.role, pid: place.pid() }, "a worker listens");
      found = Number(new URL(word.address).port);
      if (places.every((one) => one.isListening())) listening.resolve(word.address);
    }
  };
  const places = deps.roles.map((role, index) => {
    const place: WorkerPlace = createWorkerPlace({
      number: index + 1,
      role,
      heard: (word) => heard(place, word),
      died(death) {
        void reports.retire(place.number);
        life.died(place, death);
      },
    });
    return place;
  });
  const reports = createWorkerReports({
    ask: (number, id) => places[number - 1]!.tell({ kind: "report", id }),
    own: deps.figures,
  });
  life.begin(places);
  return { listening: listening.promise, ended: life.ended, end: life.end };
};

/** When workers are started, started again, and all ended. */
const createLife = (logger: Logger, listening: PromiseWithResolvers<string | undefined>) => {
  const ended = Promise.withResolvers<void>();
  let places: readonly WorkerPlace[] = [];
  let hasListened = false;
  let isEnding = false;
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
      ended.resolve();
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
    died(place: WorkerPlace, { code, signal, reason, pauseMs }: Death) {
      if (isEnding) return finishIfGone();
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
