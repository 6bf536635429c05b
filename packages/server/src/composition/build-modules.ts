import type { Route } from "../http/route.ts";
import type { Job } from "../jobs/scheduler.ts";
import { systemDelay } from "../kernel/clock.ts";
import type { HandledWork } from "../kernel/unit-of-work.ts";
import type { Collector } from "../metrics/family.ts";
import { type Built, type House, type Module, serviceName } from "../modules/manifest.ts";
import type { Signals } from "../storage/signals.ts";
import type { Hooks } from "./house.ts";
import type { Noun, Stores } from "./modules.ts";

/** A scrape waits no longer for the database. */
const patienceMs = 1_000;

/** The modules of a list at work in this process. */
export interface BuiltModules {
  /** Their services, by the names under which other modules need them. */
  readonly services: object;
  readonly routes: readonly Route[];
  readonly jobs: readonly Job[];
  readonly collectors: readonly Collector[];
  /** Reads the figures that the database alone knows; what it cannot tell in time stays as it was. Never rejects. */
  refreshFigures(): Promise<void>;
  start(): void;
  close(): Promise<void>;
  flush(): Promise<void>;
}

export interface BuildDependencies {
  readonly house: House<Stores, Noun>;
  readonly hooks: Hooks;
  readonly work: HandledWork<Stores>;
  readonly signals: Signals;
  /** The services that are no module's: of rooms that modules must not import. */
  readonly ports: object;
  /** Whether this process writes itself. */
  readonly writes: boolean;
}

/** Builds modules one after another: each of the house and of what those before it serve. */
export const buildModules = (modules: readonly Module[], deps: BuildDependencies): BuiltModules => {
  const services: Record<string, object | undefined> = { ...deps.ports };
  const all: Built[] = [];
  for (const module of modules) {
    const built = module.build?.(deps.house as never, servicesFor(module, services) as never);
    if (!built) continue;
    all.push(built);
    register(built, deps);
    if (built.service) services[serviceName(module.name)] = built.service;
  }
  const figures = all.flatMap((built) => (built.figures && (deps.writes || !built.figures.refresh) ? [built.figures] : []));
  return {
    services,
    routes: all.flatMap(({ routes = [] }) => routes),
    jobs: all.flatMap(({ jobs = [] }) => jobs),
    collectors: figures.map(({ collect }) => collect),
    async refreshFigures() {
      // A database that does not answer is no reason to show nothing: that is when somebody looks.
      const inTime = new Promise<void>((resolve) => void systemDelay(resolve, patienceMs));
      await Promise.race([Promise.allSettled(figures.map((one) => one.refresh?.())), inTime]);
    },
    start() {
      for (const { start } of all) start?.();
      if (deps.writes) for (const { startWriting } of all) startWriting?.();
    },
    async close() {
      for (const { close } of all.toReversed()) await close?.();
    },
    async flush() {
      for (const { flush } of all) await flush?.();
    },
  };
};

/** Throws for a module that stands before one that it needs. */
const servicesFor = ({ name, needs = [] }: Module, services: Readonly<Record<string, object | undefined>>) => {
  const missing = needs.filter((need) => !(need in services));
  if (missing.length > 0) throw new Error(`The module ${name} needs ${missing.join(", ")}: list it after the modules that serve that.`);
  return Object.fromEntries(needs.map((need) => [need, services[need]]));
};

/** Has a module take part in what happens to other modules' records. */
const register = (built: Built, { hooks, work, signals }: BuildDependencies): void => {
  if (built.changeHandler) work.addHandler(built.changeHandler);
  if (built.onOrganization) hooks.onOrganization.unshift(built.onOrganization);
  if (built.onAccount) hooks.onAccount.unshift(built.onAccount);
  if (built.afterClientDelete) hooks.afterClientDelete.push(built.afterClientDelete);
  if (built.afterGrantChange) hooks.afterGrantChange.push(built.afterGrantChange);
  if (built.hears) signals.onMessage(built.hears);
  for (const [topic, forget] of Object.entries(built.forgets ?? {})) signals.on(topic, forget);
};
