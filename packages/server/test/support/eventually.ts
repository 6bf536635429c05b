import assert from "node:assert/strict";

const patienceMs = 60_000;
const pauseMs = 10;

/** Waits until something holds; fails with the sentence when it never does. */
export const eventually = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  const givesUpAtMs = performance.now() + patienceMs;
  while (!(await holds())) {
    assert.ok(performance.now() < givesUpAtMs, `never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
};
