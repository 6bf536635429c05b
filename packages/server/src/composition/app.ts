import type { FastifyInstance } from "fastify";
import { createWriteReceiver, type WriteReceiver } from "../handover/write-receiver.ts";
import { productVersion } from "../http/product-version.ts";
import type { Job } from "../jobs/scheduler.ts";
import type { IdSource } from "../kernel/ids.ts";
import type { Work } from "../kernel/unit-of-work.ts";
import type { Family } from "../metrics/family.ts";
import { keptCountsHandler } from "../modules/foundation/kept-counts/index.ts";
import type { SecretBox } from "../modules/foundation/keys/index.ts";
import type { Module } from "../modules/manifest.ts";
import type { RadiusServer } from "../radius/server/radius-server.ts";
import type { Database } from "../storage/database.ts";
import { signalsHandler } from "../storage/signals.ts";
import { buildModules } from "./build-modules.ts";
import { createErrorTranslation } from "./constraint-errors.ts";
import { declarationsOf } from "./declarations.ts";
import { createFigures } from "./figures.ts";
import { createHouse, type HouseDependencies } from "./house.ts";
import { allModules, type Noun, type Services, type Stores } from "./modules.ts";
import { createPorts } from "./ports.ts";
import { buildRadiusServer, openWithClients, radiusFigures } from "./radius-server.ts";
import { createReadiness } from "./readiness.ts";
import { createSchedule } from "./schedule.ts";
import type { Surroundings } from "./surroundings.ts";
import { createWebServer } from "./web-server.ts";

export type { Stores } from "./modules.ts";
export type { Surroundings } from "./surroundings.ts";

export interface AppDependencies extends Omit<HouseDependencies, "delay"> {
  readonly surroundings?: Surroundings;
  /** Modules beside the house's own; they are built after those. */
  readonly moreModules?: readonly Module[];
}

/** A Gatehouse that is wired together and does not listen yet. */
export interface App {
  readonly http: FastifyInstance;
  readonly work: Work<Stores>;
  readonly ids: IdSource<Noun>;
  /** What the modules serve. */
  readonly services: Services;
  /** The recurring jobs of the modules. */
  readonly jobs: readonly Job[];
  readonly secretBox: SecretBox;
  /** The embedded RADIUS server; it opens when there is a client. */
  readonly radius: RadiusServer;
  readonly database: Database;
  /** Carries out the writes of other processes of this node. */
  readonly writeReceiver: WriteReceiver;
  /** What this process measures of itself; each call begins a new period. */
  figures(): Promise<readonly Family[]>;
  /** What keeps this process from its work; empty where nothing does. */
  troubles(): readonly string[];
  /** Begins what runs beside requests: hearing other processes, recurring jobs. */
  start(): void;
  /** Writes what modules may write a moment later. */
  flush(): Promise<void>;
  /** Ends what runs, in order: requests, jobs, the database. */
  close(): Promise<void>;
}

/** Builds the modules one after another, and what stands around them. `serve` and the tests build the same. */
export const buildApp = ({ surroundings = {}, moreModules = [], ...deps }: AppDependencies): App => {
  const { config, database, clock, logger } = deps;
  const { writes } = surroundings;
  const modules: readonly Module[] = [...allModules, ...moreModules];
  const declared = declarationsOf(modules);
  const { house, hooks, work, signals, secretBox } = createHouse({ ...deps, delay: surroundings.delay }, declared);
  const ports = createPorts({ config, house, lookup: surroundings.lookup, writes });
  const built = buildModules(modules, { house, hooks, work, signals, ports, writes: !writes });
  // The rows of the counts are everybody's: they come after what may have to wait.
  work.addHandler(keptCountsHandler(declared.counting));
  work.addHandler(signalsHandler(signals));
  const services = built.services as Services;
  const sharesPorts = surroundings.sharesRadiusPorts ?? false;
  const radius = buildRadiusServer({ services, config, sharesPorts, clock, logger });
  const readiness = createReadiness({ database, work, radius, logger });
  const scheduler = createSchedule({ jobs: [readiness.damageJob, ...built.jobs], database, logger, writes: !writes });
  const figures = createFigures(
    productVersion,
    built.routes.map(({ operation }) => operation.operationId),
    {
      database,
      signals,
      scheduler,
      others: [...(surroundings.collectors ?? []), writes?.collect ?? (() => radiusFigures(radius)), ...built.collectors],
    },
  );
  const collectFigures = async () => {
    await built.refreshFigures();
    return figures.collect();
  };
  const translateError = createErrorTranslation(declared.refusals);
  const { callerOf, noteUses } = services.apiTokens;
  const writeReceiver = createWriteReceiver({ routes: built.routes, callerOf, translateError, noteUses, logger });
  const web = createWebServer(
    { surroundings, config, logger },
    { routes: built.routes, services, signals, readiness, translateError, figures: { ...figures, collect: collectFigures } },
  );

  return {
    http: web.server,
    work,
    ids: house.ids,
    services,
    jobs: built.jobs,
    secretBox,
    radius,
    database,
    writeReceiver,
    figures: collectFigures,
    troubles: readiness.troubles,
    start() {
      signals.start();
      scheduler.start();
      built.start();
      if (writes) return;
      // A process that cannot write leaves network equipment to the one that can.
      scheduler.runNow(readiness.damageJob.name);
      openWithClients(radius, services.aaaClients.table);
    },
    flush: built.flush,
    async close() {
      figures.close();
      await scheduler.close();
      await web.close();
      await radius.close();
      ports.coaClient.close();
      await built.close();
      await signals.close();
      await writeReceiver.close();
      await built.flush();
      await writes?.close();
      await database.close();
    },
  };
};
