import { formatInstant } from "@gatehouse-aaa/contract";
import { type DestinationStream, type LogFn, type Logger, pino } from "pino";
import type { AnsweredRequest } from "../http/dependencies.ts";
import { systemClock } from "../kernel/clock.ts";
import type { Collector } from "../metrics/family.ts";
import { createLogLines } from "../metrics/log-lines.ts";

/** The log of a process: one JSON line an event on standard output, in the words of its level. */
export interface Log {
  readonly logger: Logger;
  /** Writes the line of an answered request. */
  logRequest(request: AnsweredRequest): void;
  /** How many lines of each level were written. */
  readonly collect: Collector;
}

/**
 * Lines are written together: a write for each request was the dearest part of a read by id. At its end the process
 * writes what waits; one that is killed loses half a second of lines. Warnings and errors wait for nothing.
 */
const longestWaitMs = 500;
const batchOfOne = { minLength: 16_384, maxWrite: 65_536 } as const;
/** A write of at most 4096 bytes (PIPE_BUF) to a pipe is never mixed with another process' one, and holds whole lines. */
const batchOfMany = { minLength: 3072, maxWrite: 4096 } as const;

/** `worker` says which of several processes writes. */
export const createLog = (level: string, worker?: number | "primary"): Log => {
  const batch = worker === undefined ? batchOfOne : batchOfMany;
  const destination = pino.destination({ dest: 1, sync: false, periodicFlush: longestWaitMs, ...batch });
  return logTo(destination, level, worker);
};

/** What the last line of a process tells. */
export const lifeTold = (signal: string | undefined) => ({ signal: signal ?? null, upSeconds: Math.round(process.uptime()) });

const debug = 20;
const info = 30;
const warning = 40;

/** The same on any destination. */
export const logTo = (destination: DestinationStream & { flush?(): void }, level: string, worker?: number | "primary"): Log => {
  const lines = createLogLines();
  const logger = pino(
    {
      level,
      base: worker === undefined ? null : { worker },
      hooks: {
        logMethod(this: Logger, inputs: Parameters<LogFn>, method: LogFn, lineLevel: number) {
          lines.count(lineLevel);
          method.apply(this, inputs);
          if (lineLevel >= warning) destination.flush?.();
        },
      },
      timestamp: timeMember,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  const writes = { info: logger.isLevelEnabled("info"), debug: logger.isLevelEnabled("debug") };
  const process = worker === undefined ? "" : `,"worker":${JSON.stringify(worker)}`;
  return {
    logger,
    // The line as the logger would write it, in a third of its time: what is no number or word of ours is quoted.
    logRequest({ reqId, operation, method, path, address, isProbe, status, durationMs, actor }) {
      const ownLevel = isProbe ? "debug" : "info";
      if (!writes[ownLevel]) return;
      lines.count(isProbe ? debug : info);
      const named = operation === null ? "null" : `"${operation}"`;
      destination.write(
        `{"level":"${ownLevel}"${timeMember()}${process},"reqId":"${reqId}","operation":${named},"method":"${method}","path":${JSON.stringify(path)},"address":${JSON.stringify(address)},"status":${status},"durationMs":${durationMs},"actor":${actor},"msg":"request"}\n`,
      );
    },
    collect: lines.collect,
  };
};

let second = 0;
let untilSecond = "";

/** The time as a member of a line. Its date is written once a second: a date costs as much as the rest of a line. */
const timeMember = (): string => {
  const nowMs = systemClock.nowMs();
  const nowSecond = Math.floor(nowMs / 1_000);
  if (nowSecond !== second) {
    second = nowSecond;
    untilSecond = formatInstant(nowMs).slice(0, -1);
  }
  return `,"time":"${untilSecond}.${String(nowMs % 1_000).padStart(3, "0")}Z"`;
};
