import { TurnsOfPayers } from "../kernel/turns-of-payers.ts";

/** A body of this size or more is parsed alone: a megabyte holds the event loop for some 5 to 10 ms. */
export const largeBytes = 128 * 1024;

export interface LargeBodyTicks {
  /** Resolves in the tick in which a body of so many bytes may be parsed. */
  next(bytes: number, payer?: string): Promise<void>;
}

/** Each large body is followed by a rest of so many times what it took: large bodies have a quarter of the event loop. */
const restTimes = 3;

/**
 * Lets large bodies be parsed one at a time. Payers take turns, each charged by what it has sent: eight bodies of 8 MB that came together
 * would otherwise delay everybody as one, and eight without rests would take the loop for as long as somebody sends them.
 */
export const createLargeBodyTicks = (): LargeBodyTicks => {
  const line = new TurnsOfPayers<() => void>();
  let isPlanned = false;
  let restUntilMs = 0;

  const plan = (): void => {
    if (isPlanned) return;
    isPlanned = true;
    const restMs = restUntilMs - performance.now();
    if (restMs > 0) setTimeout(run, restMs);
    else setImmediate(run);
  };

  const run = (): void => {
    const sinceMs = performance.now();
    line.take()?.item();
    // What a body leads to, up to its answer, runs in the two ticks after it.
    setImmediate(() => setImmediate(() => setImmediate(rest, sinceMs)));
  };

  const rest = (sinceMs: number): void => {
    const nowMs = performance.now();
    restUntilMs = nowMs + restTimes * (nowMs - sinceMs);
    isPlanned = false;
    if (line.length > 0) plan();
  };

  return {
    next: (bytes, payer = "") =>
      new Promise((resolve) => {
        line.push(payer, () => {
          line.charge(payer, bytes);
          resolve();
        });
        plan();
      }),
  };
};
