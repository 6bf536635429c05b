/** Milliseconds since 1970. The only clock: tests replace it, and nothing else reads the time. */
export interface Clock {
  nowMs(): number;
}

/**
 * Whether an instant of this clock lies less than so long ago. One that lies ahead was written while the clock ran ahead, and
 * is held for long past: what would last until the clock has caught up may last for years.
 */
export const isWithin = (lengthMs: number, atMs: number, nowMs: number): boolean => atMs <= nowMs && nowMs - atMs < lengthMs;

/** Has something done so many milliseconds later; what it returns calls it off. Tests replace it where time would have to pass. */
export type Delay = (act: () => void, ms: number) => () => void;

export const systemDelay: Delay = (act, ms) => {
  const timer = setTimeout(act, ms);
  return () => clearTimeout(timer);
};

export const systemClock: Clock = { nowMs: () => Date.now() };

/** Waits for a random time up to so many milliseconds: of two that are in each other's way, none is always the later one. */
export const pauseByChance = (maxMs: number): Promise<void> => new Promise((resolve) => void systemDelay(resolve, Math.random() * maxMs));
