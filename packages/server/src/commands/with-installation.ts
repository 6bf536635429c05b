import type { App } from "../composition/app.ts";
import type { Config } from "../config/settings.ts";
import { systemClock } from "../kernel/clock.ts";
import { openInstallation } from "../startup/installation.ts";
import { environmentConfig } from "./environment-config.ts";
import { createLog } from "./log.ts";

/**
 * Opens the installation for a command, runs it, and closes everything again. Commands keep the log to problems, and make
 * no installation: in the wrong directory they would make one that nobody serves.
 */
export const withInstallation = async <T>(command: (app: App, config: Config) => Promise<T>): Promise<T> => {
  const config = environmentConfig();
  const app = await openInstallation(config, createLog("warn").logger, systemClock, {}, "must_exist");
  try {
    return await command(app, config);
  } finally {
    await app.close();
  }
};
