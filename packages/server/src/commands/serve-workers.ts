import type { Logger } from "pino";
import type { Config } from "../config/settings.ts";
import { createWriteSender } from "../handover/write-sender.ts";
import { openInstallation, openWorker } from "../installation.ts";
import { createLogLines } from "../metrics/log-lines.ts";
import { processFigures } from "../metrics/process-figures.ts";
import type { Role } from "../workers/messages.ts";
import { supervise } from "../workers/supervisor.ts";
import { runWorker } from "../workers/worker-process.ts";
import { chooseWriterSocket } from "../workers/writer-socket.ts";
import { banner } from "./banner.ts";
import { explainFailure } from "./failure.ts";
import { prepareFirstStart } from "./first-start.ts";
import { createLogger } from "./with-installation.ts";

interface Wishes {
  readonly wantsDemo: boolean;
  readonly workers: number;
}

/**
 * The primary: prepares the database once, starts the workers, tells where they are, and ends them at the first SIGINT or
 * SIGTERM. It answers no request itself.
 */
export const superviseWorkers = async (config: Config, wishes: Wishes): Promise<void> => {
  const lines = createLogLines();
  const logger = createLogger(config.logLevel, { hooks: lines.hooks, worker: "primary" });
  const prepared = prepare(config, logger, wishes);
  const hasOneWriter = config.databaseUrl === undefined;
  const writerSocket = chooseWriterSocket(config.dataDir);
  const supervisor = supervise({
    roles: Array.from({ length: wishes.workers }, (_, index): Role => (!hasOneWriter ? "node" : index === 0 ? "writer" : "reader")),
    port: config.port,
    writerSocket: writerSocket.path,
    prepared,
    logger,
    figures: () => [...processFigures(), ...lines.collect()],
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => supervisor.end());
  const facts = await prepared.catch(async (error: unknown) => {
    supervisor.end();
    await supervisor.ended;
    throw error;
  });
  const address = await supervisor.listening;
  if (address !== undefined) process.stdout.write(banner({ address, ...facts }));
  if (config.rateLimit > 0) logger.warn("GATEHOUSE_RATE_LIMIT is set, and this version does not enforce it yet");
  await supervisor.ended;
  writerSocket.remove();
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
    const lines = createLogLines();
    const logger = createLogger(config.logLevel, { hooks: lines.hooks, worker: task.worker });
    const surroundings = { collectors: [lines.collect], gatherMetrics: primary.gatherMetrics };
    const writes = task.role === "reader" ? createWriteSender(task.writerSocket) : undefined;
    const app = await openWorker(config, logger, writes ? { ...surroundings, writes } : surroundings);
    if (task.role === "writer") await app.writeReceiver.listen(task.writerSocket);
    await writes?.connected;
    const address = await app.http.listen({ host: config.host, port: task.port });
    app.start();
    return { address, figures: app.figures, close: app.close };
  }, explainFailure);
