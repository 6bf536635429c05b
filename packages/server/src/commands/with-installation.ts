import { type Logger, type LoggerOptions, pino } from "pino";
import type { App } from "../app.ts";
import { type Config, readConfig } from "../config/settings.ts";
import { openInstallation } from "../installation.ts";

/** Reads the configuration from the environment: no other place does. */
export const environmentConfig = (): Config => readConfig(process.env);

/**
 * Lines are written together: a write for each request was the dearest part of a read by id. At its end the process writes what waits; one that is killed loses half a second of lines. A write of at most 4096 bytes (PIPE_BUF) to a
 * pipe is never mixed with another process' one, and holds whole lines.
 */
const logBatch = { bytes: 3072, mostBytes: 4096, longestWaitMs: 500 } as const;

export interface LogOptions {
  readonly hooks?: NonNullable<LoggerOptions["hooks"]>;
  /** Which of several processes writes. */
  readonly worker?: number | "primary";
}

/** The log: one JSON line an event on standard output, in the words of its level. */
export const createLogger = (level: string, { hooks = {}, worker }: LogOptions = {}): Logger =>
  pino(
    {
      level,
      base: worker === undefined ? null : { worker },
      hooks,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({
      dest: 1,
      sync: false,
      minLength: logBatch.bytes,
      maxWrite: logBatch.mostBytes,
      periodicFlush: logBatch.longestWaitMs,
    }),
  );

/** Opens the installation for a command, runs it, and closes everything again. Commands keep the log to problems. */
export const withInstallation = async <T>(command: (app: App, config: Config) => Promise<T>): Promise<T> => {
  const config = environmentConfig();
  const app = await openInstallation(config, createLogger("warn"));
  try {
    return await command(app, config);
  } finally {
    await app.close();
  }
};
