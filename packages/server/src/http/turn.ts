/** How long the steps of a turn hold the event loop before reading goes on. */
const heldMs = 2;
/** Steps between two looks at the clock. */
const stepsPerLook = 16;

/**
 * Lets what arrives in one turn of the event loop be worked on together, at the turn's end. Requests that came together
 * are then read together and answered one right after the other: the other side, often asleep, is woken once for all of
 * them instead of once for each, which took more CPU time than all the rest of a read by id. When nothing else
 * arrives, nothing is waited for.
 */
export type AtEndOfTurn = (step: () => void) => void;

/** `step` must not throw. */
export const createTurns = (): AtEndOfTurn => {
  let waiting: (() => void)[] = [];

  const run = (): void => {
    const steps = waiting;
    waiting = [];
    const endsAtMs = performance.now() + heldMs;
    for (let index = 0; index < steps.length; index += 1) {
      steps[index]!();
      if (index % stepsPerLook === stepsPerLook - 1 && index + 1 < steps.length && performance.now() >= endsAtMs) {
        if (waiting.length === 0) setImmediate(run);
        waiting = [...steps.slice(index + 1), ...waiting];
        return;
      }
    }
  };

  return (step) => {
    if (waiting.length === 0) setImmediate(run);
    waiting.push(step);
  };
};
