import type { Logger } from "pino";
import type { Config } from "../config/settings.ts";
import { createWriteSender } from "../handover/write-sender.ts";
import { openInstallation, openWorker } from "../installation.ts";
import { processFigures } from "../metrics/process-figures.ts";
import type { Role } from "../workers/messages.ts";
import { supervise } from "../workers/supervisor.ts";
import { runWorker } from "../workers/worker-process.ts";
import { chooseWriterSocket } from "../workers/writer-socket.ts";
import { banner } from "./banner.ts";
import { explainFailure } from "./failure.ts";
import { prepareFirstStart } from "./first-start.ts";
import { createLog } from "./log.ts";

interface Wishes {
  readonly wantsDemo: boolean;
  readonly workers: number;
}

/**
 * The primary: prepares the database once, starts the workers, tells where they are, and ends them at the first SIGINT or
 * SIGTERM. It answers no request itself.
 */
export const superviseWorkers = async (config: Config, wishes: Wishes): Promise<void> => {
  const { logger, collect } = createLog(config.logLevel, "primary");
  const prepared = prepare(config, logger, wishes);
  const hasOneWriter = config.databaseUrl === undefined;
  const writerSocket = chooseWriterSocket(config.dataDir);
  const supervisor = supervise({
    roles: Array.from({ length: wishes.workers }, (_, index): Role => (!hasOneWriter ? "node" : index === 0 ? "writer" : "reader")),
    port: config.port,
    writerSocket: writerSocket.path,
    prepared,
    logger,
    figures: () => [...processFigures(), ...collect()],
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => supervisor.end());
  try {
    const facts = await prepared;
    const address = await supervisor.listening;
    if (address !== undefined) process.stdout.write(banner({ address, ...facts }));
    if (config.rateLimit > 0) logger.warn("GATEHOUSE_RATE_LIMIT is set, and this version does not enforce it yet");
    if (!(await supervisor.ended)) process.exitCode = 1;
  } catch (error) {
    supervisor.end();
    await supervisor.ended.catch(() => {});
    throw error;
  } finally {
    writerSocket.remove();
  }
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
    const surroundings = { collectors: [collect], logRequest, gatherMetrics: primary.gatherMetrics };
    const writes = task.role === "reader" ? createWriteSender(task.writerSocket) : undefined;
    const app = await openWorker(config, logger, writes ? { ...surroundings, writes } : surroundings);
    if (task.role === "writer") await app.writeReceiver.listen(task.writerSocket);
    await writes?.connected;
    const address = await app.http.listen({ host: config.host, port: task.port });
    app.start();
    return { address, figures: app.figures, close: app.close };
  }, explainFailure);
