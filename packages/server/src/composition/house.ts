import type { Logger } from "pino";
import type { Config } from "../config/settings.ts";
import { type Clock, type Delay, systemDelay } from "../kernel/clock.ts";
import { createWork } from "../kernel/unit-of-work.ts";
import { createSecretBox, createSigner } from "../modules/foundation/keys/index.ts";
import type { House } from "../modules/manifest.ts";
import type { Database, Handle } from "../storage/database.ts";
import { createIdSource } from "../storage/ids.ts";
import { doTogether } from "../storage/runner.ts";
import { createSignals } from "../storage/signals.ts";
import { attributeDictionary } from "./attribute-dictionary.ts";
import type { Declarations } from "./declarations.ts";
import type { Noun, Stores } from "./modules.ts";

type HooksOfHouse = House<Stores, Noun>["hooks"];
/** The hooks while modules are built, each of which adds its own. */
export type Hooks = { readonly [Name in keyof HooksOfHouse]: HooksOfHouse[Name][number][] };

export interface HouseDependencies {
  readonly config: Config;
  readonly database: Database;
  readonly secretKey: Buffer;
  readonly clock: Clock;
  readonly delay?: Delay | undefined;
  readonly logger: Logger;
}

/** What stands before the first module is built: it knows the modules by their declarations alone. */
export const createHouse = (
  { config, database, secretKey, clock, delay = systemDelay, logger }: HouseDependencies,
  declared: Declarations,
) => {
  const { capabilities, reader, announce } = database;
  const { isSecret: isSecretAttribute, nameAttribute } = attributeDictionary;
  const secretBox = createSecretBox(secretKey);
  const onTrouble = (message: string, error?: unknown) => logger.warn({ err: error }, message);
  const signals = createSignals({ database, topics: declared.signals, onTrouble });
  const work = createWork<Handle, Stores>({
    database: { reader, write: database.write, doTogether, announce },
    clock,
    stores: declared.storesOver({ capabilities, secretBox, isSecretAttribute, nameAttribute }),
    onEffectFailure: (error) => logger.error({ err: error }, "an effect after a commit failed"),
  });
  const hooks: Hooks = { onOrganization: [], onAccount: [], afterClientDelete: [], afterGrantChange: [] };
  const house: House<Stores, Noun> = {
    work,
    ids: createIdSource<Noun>(database, clock),
    clock,
    delay,
    logger,
    settings: config,
    isConcurrent: capabilities.needsRowLocks,
    signer: (purpose) => createSigner(secretKey, purpose),
    tell: signals.send,
    deletionBlockers: declared.deletionBlockers,
    moveBlockers: declared.moveBlockers,
    hooks,
  };
  return { house, hooks, work, signals, secretBox };
};
