import { TurnsOfPayers } from "../kernel/turns-of-payers.ts";

/** From so many bytes on a body is parsed alone: a megabyte holds the event loop for some 5 to 10 ms. */
const largeBytes = 128 * 1024;

/** Bodies that hold the event loop while they are parsed and judged. */
export interface LargeBodies {
  /** The turn of a body of so many bytes; undefined where it needs none. */
  turnOf(bytes: number, payer?: string): Promise<void> | undefined;
}

/**
 * Lets large bodies be parsed one in a turn of the event loop, with whole turns for everybody else between, and payers one
 * after the other, each charged by what it has sent: eight of 8 MB that came together would stand before everybody as one.
 */
export const createLargeBodies = (): LargeBodies => {
  const line = new TurnsOfPayers<() => void>();
  let isPlanned = false;

  const plan = (): void => {
    if (isPlanned) return;
    isPlanned = true;
    // What one of them leads to, up to its answer, comes in the two turns after it.
    setImmediate(() => setImmediate(() => setImmediate(next)));
  };

  const next = (): void => {
    isPlanned = false;
    line.take()?.item();
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
