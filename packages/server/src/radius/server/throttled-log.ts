import { type Clock, isWithin } from "../../kernel/clock.ts";

/** The part of the log that the RADIUS server needs. */
export interface RadiusLogger {
  info(fields: object, sentence: string): void;
  warn(fields: object, sentence: string): void;
  error(fields: object, sentence: string): void;
}

const windowMs = 60_000;
/** Lines of one payer in a window: anybody can send datagrams, and must not be able to fill the disk. */
const linesPerWindow = 20;
/** Payers that a window tells apart; those after them share one more place. */
const payersPerWindow = 1_000;

/** The payer of lines whose cause is unknown. */
export const stranger = "";

/** A log of what strangers and tenants can cause. */
export interface ThrottledLog {
  /**
   * Writes a line, unless the payer had one with the same key in this minute, or twenty lines. The payer's next line says how
   * many were left out. `payer` is the organization directly below the root, or a stranger: nobody's noise silences another's
   * lines.
   */
  warn(payer: string, key: string, fields: object, sentence: string): void;
}

interface Payer {
  readonly seen: Set<string>;
  unwritten: number;
}

export const createThrottledLog = (logger: RadiusLogger, clock: Clock): ThrottledLog => {
  let windowBeganAtMs = Number.NEGATIVE_INFINITY;
  const payers = new Map<string, Payer>();

  /** A payer with lines left out is kept until they are reported, as long as there is room for others. */
  const beginWindow = (): void => {
    for (const [name, payer] of payers) {
      if (payer.unwritten === 0 || payers.size >= payersPerWindow) payers.delete(name);
      else payer.seen.clear();
    }
  };

  const payerOf = (name: string): Payer => {
    const place = payers.has(name) || payers.size < payersPerWindow ? name : "the others";
    let payer = payers.get(place);
    if (payer === undefined) {
      payer = { seen: new Set(), unwritten: 0 };
      payers.set(place, payer);
    }
    return payer;
  };

  return {
    warn(name, key, fields, sentence) {
      const nowMs = clock.nowMs();
      if (!isWithin(windowMs, windowBeganAtMs, nowMs)) {
        windowBeganAtMs = nowMs;
        beginWindow();
      }
      const payer = payerOf(name);
      if (payer.seen.has(key) || payer.seen.size >= linesPerWindow) {
        payer.unwritten += 1;
        return;
      }
      payer.seen.add(key);
      logger.warn(payer.unwritten === 0 ? fields : { ...fields, unwrittenLines: payer.unwritten }, sentence);
      payer.unwritten = 0;
    },
  };
};
