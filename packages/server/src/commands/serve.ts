import cluster from "node:cluster";
import { availableParallelism } from "node:os";
import { type Command, InvalidArgumentError } from "commander";
import type { Logger } from "pino";
import { isLoopback } from "../config/machine-addresses.ts";
import type { Config } from "../config/settings.ts";
import { systemClock } from "../kernel/clock.ts";
import { openInstallation } from "../startup/installation.ts";
import { holdForServing } from "../startup/serving-hold.ts";
import { closingPatienceMs, endingSignals } from "../workers/worker-process.ts";
import { banner } from "./banner.ts";
import { CommandRefused } from "./command-refused.ts";
import { environmentConfig } from "./environment-config.ts";
import { bannerFacts, prepareFirstStart } from "./first-start.ts";
import { createLog, lifeTold } from "./log.ts";
import { serveAsWorker, superviseWorkers, warnOfSettings } from "./serve-workers.ts";

const maxWorkers = 64;

interface ServeOptions {
  readonly demo?: boolean;
  readonly workers: number;
}

export const addServeCommand = (program: Command): void => {
  program
    .command("serve")
    .description("bring the database up to date and answer requests until it is stopped")
    .option("--demo", "at the first start load the world of the API's documents (SQLite on loopback only)")
    .option("--workers <number>", `processes that answer requests on one port: 1 to ${maxWorkers}, or auto: one a core`, readWorkers, 1)
    .addHelpText(
      "after",
      "\nExamples:\n  $ gatehouse serve\n  $ GATEHOUSE_PORT=9090 gatehouse serve --demo\n  $ gatehouse serve --workers 4\n  $ DATABASE_URL=postgres://gatehouse@localhost/gatehouse GATEHOUSE_HOST=0.0.0.0 gatehouse serve\n",
    )
    .action(async ({ demo = false, workers }: ServeOptions) => {
      const config = environmentConfig();
      if (cluster.isWorker) return serveAsWorker(config);
      if (demo && !isLoopback(config.host)) {
        throw new CommandRefused(
          "--demo loads accounts with published passwords, and GATEHOUSE_HOST listens beyond this machine. Drop one of the two.",
        );
      }
      return workers === 1 ? serveAlone(config, demo) : superviseWorkers(config, { wantsDemo: demo, workers });
    });
};

const readWorkers = (value: string): number => {
  if (value === "auto") return Math.min(availableParallelism(), maxWorkers);
  const number = /^\d{1,2}$/.test(value) ? Number(value) : 0;
  if (number < 1 || number > maxWorkers) throw new InvalidArgumentError(`Give a number from 1 to ${maxWorkers}, or auto.`);
  return number;
};

/** Starts the server in this process, tells where it is, and ends it at the first signal to end. */
const serveAlone = async (config: Config, wantsDemo: boolean): Promise<void> => {
  const { logger, logRequest, collect } = createLog(config.logLevel);
  const ending = endOnSignal(logger);
  const hold = await holdForServing(config);
  const app = await openInstallation(config, logger, systemClock, { collectors: [collect], logRequest });
  const close = async () => {
    await app.close();
    await hold.release();
  };
  try {
    const facts = await prepareFirstStart(app, config, wantsDemo);
    const address = await app.http.listen({ host: config.host, port: config.port });
    app.start();
    ending.hasStarted(close);
    process.stdout.write(banner(await bannerFacts(app, facts, address)));
    warnOfSettings(config, facts, logger);
  } catch (error) {
    await close();
    throw error;
  }
};

/** Ends the process at a signal: at once while nobody was answered yet, and after that with what was begun. */
const endOnSignal = (logger: Logger) => {
  let close: (() => Promise<void>) | undefined;
  let isEnding = false;
  const end = async (signal: string) => {
    if (isEnding) return;
    isEnding = true;
    if (!close) {
      logger.info(lifeTold(signal), "Gatehouse ended before it had started");
      process.exit();
    }
    setTimeout(() => {
      logger.error(lifeTold(signal), "Gatehouse ended with requests unanswered: they took too long");
      process.exit(1);
    }, closingPatienceMs).unref();
    await close();
    logger.info(lifeTold(signal), "Gatehouse ended");
  };
  for (const signal of endingSignals) process.on(signal, () => void end(signal));
  return {
    /** From now on there is something to close. */
    hasStarted(how: () => Promise<void>): void {
      close = how;
    },
  };
};
