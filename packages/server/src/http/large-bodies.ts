import { TurnsOfPayers } from "../kernel/turns-of-payers.ts";

/** From so many bytes on a body is parsed alone: a megabyte holds the event loop for some 5 to 10 ms. */
const largeBytes = 128 * 1024;

/** Bodies that hold the event loop while they are parsed and judged. */
export interface LargeBodies {
  /** The turn of a body of so many bytes; undefined where it needs none. */
  turnOf(bytes: number, payer?: string): Promise<void> | undefined;
}

/** Large bodies have a quarter of the event loop: each is followed by a rest of three times what it took. */
const restTimes = 3;

/**
 * Lets large bodies be parsed one at a time, payers one after the other, each charged by what it has sent: eight of 8 MB that
 * came together would hold everybody up as one, and eight without rests would take the loop for as long as somebody sends them.
 */
export const createLargeBodies = (): LargeBodies => {
  const line = new TurnsOfPayers<() => void>();
  let isPlanned = false;
  let restUntilMs = 0;

  const plan = (): void => {
    if (isPlanned) return;
    isPlanned = true;
    const restMs = restUntilMs - performance.now();
    if (restMs > 0) setTimeout(next, restMs);
    else setImmediate(next);
  };

  const next = (): void => {
    const sinceMs = performance.now();
    line.take()?.item();
    // What it leads to, up to its answer, comes in the two turns after it.
    setImmediate(() => setImmediate(() => setImmediate(rest, sinceMs)));
  };

  const rest = (sinceMs: number): void => {
    const nowMs = performance.now();
    restUntilMs = nowMs + restTimes * (nowMs - sinceMs);
    isPlanned = false;
    if (line.length > 0) plan();
  };

  return {
    turnOf(bytes, payer = "") {
      if (bytes < largeBytes) return undefined;
      return new Promise((resolve) => {
        line.push(payer, () => {
          line.charge(payer, bytes);
          resolve();
        });
        plan();
      });
    },
  };
};
