/** Milliseconds since 1970. The only clock of the house: tests replace it, and nothing else reads the time. */
export interface Clock {
  nowMs(): number;
}

export const systemClock: Clock = { nowMs: () => Date.now() };
