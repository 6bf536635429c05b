import { TurnsOfPayers } from "../kernel/turns-of-payers.ts";

/** How long the work of one tick holds the event loop before the next one begins, as far as the costs of steps are known. */
const maxHeldMs = 3;
/** Steps of a tick while the cost of a step is unknown. */
const initialSteps = 64;
/** Fewer steps that nobody waits behind are not measured: two reads of the clock would cost more than they tell. */
const minMeasuredSteps = 4;
/** The weight of the newest tick in the cost of a step. */
const newestWeight = 0.5;

/**
 * Runs a step at the end of this tick of the event loop, together with all that arrived in it. Requests that came together are read
 * together and answered one right after the other: the other side, often asleep, is woken once for all of them instead of once for
 * each, which took more CPU time than all the rest of a read by id. When nothing else arrives, nothing is waited for. Where more arrived
 * than a tick may hold, payers take turns, so that one payer's long pages delay another's request by one page.
 */
export type AtEndOfTick = (step: () => void, payer?: string) => void;

/** `step` must not throw. */
export const createTicks = (): AtEndOfTick => {
  const line = new TurnsOfPayers<() => void>();
  /** Of a step with all that follows it in its tick: most of it comes after the step has returned. */
  let costMs = maxHeldMs / initialSteps;
  let isPlanned = false;
  let measured: { readonly sinceMs: number; readonly steps: number } | undefined;

  const measure = (): void => {
    if (measured === undefined) return;
    const newestMs = (performance.now() - measured.sinceMs) / measured.steps;
    measured = undefined;
    costMs += (newestMs - costMs) * newestWeight;
  };

  const run = (): void => {
    isPlanned = false;
    measure();
    const sinceMs = performance.now();
    // What arrives meanwhile belongs to the next tick.
    const maxSteps = Math.min(line.length, Math.max(1, Math.floor(maxHeldMs / costMs)));
    let steps = 0;
    while (steps < maxSteps) {
      const { payer, item } = line.take()!;
      item();
      line.charge(payer, 1);
      steps += 1;
      if (performance.now() - sinceMs >= maxHeldMs) break;
    }
    if (line.length === 0 && steps < minMeasuredSteps) return;
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
