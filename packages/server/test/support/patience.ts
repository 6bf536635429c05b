import type { Delay } from "../../src/kernel/clock.ts";

/** Waiting that passes when a test says so. */
export interface Patience {
  readonly delay: Delay;
  /** The waits that are under way, in milliseconds, in the order in which they began. */
  waiting(): number[];
  /** Ends the wait that began first. */
  end(): void;
}

export const createPatience = (): Patience => {
  const waits: { readonly act: () => void; readonly ms: number }[] = [];
  return {
    delay(act, ms) {
      const wait = { act, ms };
      waits.push(wait);
      return () => void (waits.includes(wait) && waits.splice(waits.indexOf(wait), 1));
    },
    waiting: () => waits.map(({ ms }) => ms),
    end: () => waits.shift()?.act(),
  };
};
