import type { Command } from "commander";
import type { App } from "../app.ts";
import { type Config, isLoopback } from "../config/settings.ts";
import { loadDemoWorld } from "../demo/load-demo-world.ts";
import { ensureFirstToken, ensureRootOrganization } from "../first-start.ts";
import { openInstallation } from "../installation.ts";
import { banner } from "./banner.ts";
import { CommandRefused } from "./failure.ts";
import { createLogger, environmentConfig } from "./with-installation.ts";

export const addServeCommand = (program: Command): void => {
  program
    .command("serve")
    .description("bring the database up to date and answer requests until told to stop")
    .option("--demo", "at the first start load the world of the API's documents (SQLite on loopback only)")
    .addHelpText(
      "after",
      "\nExamples:\n  $ gatehouse serve\n  $ GATEHOUSE_PORT=9090 gatehouse serve --demo\n  $ DATABASE_URL=postgres://gatehouse@localhost/gatehouse GATEHOUSE_HOST=0.0.0.0 gatehouse serve\n",
    )
    .action(async (options: { demo?: boolean }) => serve(environmentConfig(), options.demo === true));
};

/** Starts the server, tells where it is, and ends it at the first SIGINT or SIGTERM. */
const serve = async (config: Config, wantsDemo: boolean): Promise<void> => {
  if (wantsDemo && !isLoopback(config.host)) {
    throw new CommandRefused(
      "--demo loads accounts with published passwords, and GATEHOUSE_HOST listens beyond this machine. Drop one of the two.",
    );
  }
  const logger = createLogger(config.logLevel);
  const app = await openInstallation(config, logger);
  try {
    const isFirstStart = await ensureRootOrganization(app);
    const loadsDemo = isFirstStart && wantsDemo && config.databaseUrl === undefined;
    if (loadsDemo) await loadDemoWorld(app);
    const token = await ensureFirstToken(app, config.bootstrapToken);
    const address = await app.http.listen({ host: config.host, port: config.port });
    process.stdout.write(
      banner({
        address,
        token: token === undefined ? undefined : token === config.bootstrapToken ? "bootstrap" : { generated: token },
        demo: loadsDemo ? "loaded" : wantsDemo && isFirstStart ? "refused" : "none",
        database: app.database.name,
      }),
    );
    if (config.rateLimit > 0) logger.warn("GATEHOUSE_RATE_LIMIT is set, and this version does not enforce it yet");
    endOnSignal(app);
  } catch (error) {
    await app.close();
    throw error;
  }
};

/** How long open requests may take to end before the process does. */
const closingPatienceMs = 10_000;

const endOnSignal = (app: App): void => {
  let isEnding = false;
  const end = async () => {
    if (isEnding) return;
    isEnding = true;
    setTimeout(() => process.exit(1), closingPatienceMs).unref();
    await app.close();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void end());
};
