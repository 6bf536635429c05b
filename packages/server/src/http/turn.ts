import { TurnsOfPayers } from "../kernel/turns-of-payers.ts";

/** How long the work of one turn holds the event loop before the next one begins, as far as it is known before. */
const heldMs = 3;
/** Steps of a turn whose cost is not known yet. */
const stepsAtFirst = 64;
/** Fewer that nobody waits behind are not worth a look at the clock. */
const stepsWorthMeasuring = 4;
/** How much the newest turn says of what a step costs. */
const weightOfNewest = 0.5;

/**
 * Lets what arrives in one turn of the event loop be worked on together, at the turn's end. Requests that came together
 * are then read together and answered one right after the other: the other side, often asleep, is woken once for all of
 * them instead of once for each, which took more CPU time than all the rest of a read by id. When nothing else
 * arrives, nothing is waited for. Where more has come than a turn may hold, payers take turns: pages of a thousand kilobytes
 * that one of them asks for delay the others by one, and not by all that came before.
 */
export type AtEndOfTurn = (step: () => void, payer?: string) => void;

/** `step` must not throw. */
export const createTurns = (): AtEndOfTurn => {
  const line = new TurnsOfPayers<() => void>();
  /** Of a step with all that follows it at once: most of it comes after the step has returned. */
  let costMs = heldMs / stepsAtFirst;
  let isPlanned = false;
  let measured: { readonly sinceMs: number; readonly steps: number } | undefined;

  const measure = (): void => {
    if (measured === undefined) return;
    const newestMs = (performance.now() - measured.sinceMs) / measured.steps;
    measured = undefined;
    costMs += (newestMs - costMs) * weightOfNewest;
  };

  const run = (): void => {
    isPlanned = false;
    measure();
    const sinceMs = performance.now();
    // What comes meanwhile is of the next turn.
    const most = Math.min(line.length, Math.max(1, Math.floor(heldMs / costMs)));
    let steps = 0;
    while (steps < most) {
      const { payer, item } = line.take()!;
      item();
      line.charge(payer, 1);
      steps += 1;
      if (performance.now() - sinceMs >= heldMs) break;
    }
    if (line.length === 0 && steps < stepsWorthMeasuring) return;
    measured = { sinceMs, steps };
    if (line.length > 0) plan();
    else setImmediate(measure);
  };

  const plan = (): void => {
    if (isPlanned) return;
    isPlanned = true;
    setImmediate(run);
  };

  return (step, payer = "") => {
    line.push(payer, step);
    plan();
  };
};
