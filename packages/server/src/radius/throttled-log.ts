import type { Clock } from "../kernel/clock.ts";

/** The part of the log that the door needs. */
export interface DoorLogger {
  info(fields: object, sentence: string): void;
  warn(fields: object, sentence: string): void;
  error(fields: object, sentence: string): void;
}

const windowMs = 60_000;
/** Lines that a window may hold: anybody can send datagrams, and must not be able to fill the disk with them. */
const linesPerWindow = 20;

/** A log for what strangers can cause. */
export interface ThrottledLog {
  /** Writes a line, unless the same key had one in this minute, or the minute had its twenty; those left out are told with the next. */
  warn(key: string, fields: object, sentence: string): void;
}

export const createThrottledLog = (logger: DoorLogger, clock: Clock): ThrottledLog => {
  let windowEndsAtMs = 0;
  let unwritten = 0;
  const seen = new Set<string>();
  return {
    warn(key, fields, sentence) {
      const nowMs = clock.nowMs();
      if (nowMs >= windowEndsAtMs) {
        windowEndsAtMs = nowMs + windowMs;
        seen.clear();
      }
      if (seen.has(key) || seen.size >= linesPerWindow) {
        unwritten += 1;
        return;
      }
      seen.add(key);
      logger.warn(unwritten === 0 ? fields : { ...fields, unwrittenLines: unwritten }, sentence);
      unwritten = 0;
    },
  };
};
