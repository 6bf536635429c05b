import type { Logger } from "pino";
import type { Config } from "../config/settings.ts";
import { createWriteSender } from "../handover/write-sender.ts";
import { systemClock } from "../kernel/clock.ts";
import { processFigures } from "../metrics/process-figures.ts";
import { openInstallation, openWorker } from "../startup/installation.ts";
import { holdForServing } from "../startup/serving-hold.ts";
import type { Role } from "../workers/messages.ts";
import { type Supervisor, supervise } from "../workers/supervisor.ts";
import { endingSignals, runWorker } from "../workers/worker-process.ts";
import { chooseWriterSocket } from "../workers/writer-socket.ts";
import { banner } from "./banner.ts";
import { explainFailure } from "./failure.ts";
import { bannerFacts, type PreparedStart, prepareFirstStart } from "./first-start.ts";
import { createLog, lifeTold } from "./log.ts";

interface Wishes {
  readonly wantsDemo: boolean;
  readonly workers: number;
}

/**
 * The primary: prepares the database once, starts the workers, tells where they are, and ends them at the first signal
 * to end. It answers no request itself.
 */
export const superviseWorkers = async (config: Config, wishes: Wishes): Promise<void> => {
  const { logger, collect } = createLog(config.logLevel, "primary");
  let supervisor: Supervisor | undefined;
  let endedBy: string | undefined;
  for (const signal of endingSignals) {
    process.on(signal, () => {
      endedBy ??= signal;
      supervisor?.end();
    });
  }
  const hold = await holdForServing(config);
  const prepared = prepare(config, logger, wishes);
  const hasOneWriter = config.databaseUrl === undefined;
  const writerSocket = chooseWriterSocket(config.dataDir);
  supervisor = supervise({
    roles: Array.from({ length: wishes.workers }, (_, index): Role => (!hasOneWriter ? "node" : index === 0 ? "writer" : "reader")),
    port: config.port,
    writerSocket: writerSocket.path,
    prepared,
    logger,
    figures: () => [...processFigures(), ...collect()],
  });
  if (endedBy !== undefined) supervisor.end();
  try {
    const facts = await prepared;
    const address = await supervisor.listening;
    if (address !== undefined) process.stdout.write(banner(await factsAtLast(config, logger, facts, address)));
    warnOfSettings(config, facts, logger);
    const isClean = await supervisor.ended;
    if (isClean) logger.info(lifeTold(endedBy), "Gatehouse ended");
    else {
      logger.error(lifeTold(endedBy), "Gatehouse ended with requests unanswered: they took too long");
      process.exitCode = 1;
    }
  } catch (error) {
    supervisor.end();
    await supervisor.ended.catch(() => {});
    throw error;
  } finally {
    writerSocket.remove();
    await hold.release();
  }
};

/** The primary holds no database open: it opens it once more where a first token waits to be shown. */
const factsAtLast = async (config: Config, logger: Logger, facts: PreparedStart, address: string) => {
  if (!facts.hasUnshownToken) return { ...facts, address, token: undefined };
  const app = await openInstallation(config, logger, systemClock, {}, "must_exist");
  try {
    return await bannerFacts(app, facts, address);
  } finally {
    await app.close();
  }
};

/** Says in the log which settings have no effect, beside the banner that a service manager may throw away. */
export const warnOfSettings = (config: Config, { bootstrap }: Pick<PreparedStart, "bootstrap">, logger: Logger): void => {
  if (bootstrap === "ignored") logger.warn("GATEHOUSE_BOOTSTRAP_TOKEN is ignored: there was a first token before it was set");
  if (config.rateLimit > 0) logger.warn("GATEHOUSE_RATE_LIMIT is set, and this version does not enforce it yet");
};

/** Brings the database up to date and makes what must be there first; closes it again, for the workers open it themselves. */
const prepare = async (config: Config, logger: Logger, wishes: Wishes) => {
  const app = await openInstallation(config, logger);
  try {
    const limits = await app.database.connectionLimits();
    if (limits && limits.process * wishes.workers > limits.all) {
      logger.warn(
        { needed: limits.process * wishes.workers, given: limits.all },
        "the workers may need more connections than the database gives: lower GATEHOUSE_DATABASE_POOL, or raise its max_connections",
      );
    }
    return await prepareFirstStart(app, config, wishes.wantsDemo);
  } finally {
    await app.close();
  }
};

/** One of the workers: answers requests until the primary says that it is enough. */
export const serveAsWorker = (config: Config): Promise<void> =>
  runWorker(async (task, primary) => {
    const { logger, logRequest, collect } = createLog(config.logLevel, task.worker);
    const surroundings = {
      collectors: [collect],
      logRequest,
      gatherMetrics: primary.gatherMetrics,
      troublesOfOthers: primary.troublesOfOthers,
      sharesRadiusPorts: task.role === "node",
    };
    const writes = task.role === "reader" ? createWriteSender(task.writerSocket) : undefined;
    const app = await openWorker(config, logger, writes ? { ...surroundings, writes } : surroundings);
    if (task.role === "writer") await app.writeReceiver.listen(task.writerSocket);
    await writes?.connected;
    const address = await app.http.listen({ host: config.host, port: task.port });
    app.start();
    return { address, figures: app.figures, troubles: app.troubles, close: app.close };
  }, explainFailure);
