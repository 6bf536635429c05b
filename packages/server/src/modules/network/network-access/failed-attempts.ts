import { BoundedCache } from "../../../kernel/bounded-cache.ts";
import type { Clock } from "../../../kernel/clock.ts";

/** Counts wrong passwords of a name, so that guessing ends after a few. */
export interface FailedAttempts {
  /** In how many seconds the name may be tried again; 0 for now. */
  pauseOf(name: string): number;
  fail(name: string): void;
  /** A right password wipes the slate clean. */
  succeed(name: string): void;
}

const mostFailures = 10;
const withinMs = 5 * 60_000;
const rememberedNames = 50_000;

/** Each process counts for itself: with several, a name has as many times the attempts, and no more. */
export const createFailedAttempts = (clock: Clock): FailedAttempts => {
  const failures = new BoundedCache<string, readonly number[]>(rememberedNames);
  const recent = (name: string): readonly number[] => {
    const sinceMs = clock.nowMs() - withinMs;
    return (failures.get(name) ?? []).filter((atMs) => atMs > sinceMs);
  };
  return {
    pauseOf(name) {
      const found = recent(name);
      return found.length < mostFailures ? 0 : Math.max(1, Math.ceil((found[0]! + withinMs - clock.nowMs()) / 1000));
    },
    fail: (name) => failures.set(name, [...recent(name), clock.nowMs()].slice(-mostFailures)),
    succeed: (name) => failures.delete(name),
  };
};
