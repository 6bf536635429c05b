import { join } from "node:path";
import { type Logger, pino } from "pino";
import type { App } from "../../src/composition/app.ts";
import type { Surroundings } from "../../src/composition/surroundings.ts";
import type { Config } from "../../src/config/settings.ts";
import { createWriteSender } from "../../src/handover/write-sender.ts";
import { openWorker } from "../../src/startup/installation.ts";

/** The socket on which the app of a test world takes the writes of reading workers. */
export const writerSocketOf = (config: Config): string => join(config.dataDir, "writer.sock");

/** Opens a reading worker beside a writing app, as `serve --workers` does. Close it before the writer. */
export const openReadingWorker = async (
  config: Config,
  logger: Logger = pino({ level: "silent" }),
  more: Pick<Surroundings, "lookup"> = {},
): Promise<App> => {
  const writes = createWriteSender(writerSocketOf(config));
  const app = await openWorker(config, logger, { writes, ...more });
  await writes.connected;
  return app;
};
