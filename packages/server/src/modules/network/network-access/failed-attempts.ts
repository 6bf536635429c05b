import { BoundedCache } from "../../../kernel/bounded-cache.ts";
import type { Clock } from "../../../kernel/clock.ts";

/** An attempt that counts as failed until its outcome is known. */
export interface Attempt {
  /** `right` wipes the slate clean; `unknown` is as if it had not been made. */
  end(outcome: "right" | "wrong" | "unknown"): void;
}

/** Counts wrong passwords of somebody, so that guessing ends after a few. */
export interface FailedAttempts {
  /** Begins an attempt, or says in how many seconds one may be made. Guesses at the same time count from their beginning. */
  begin(whose: string): Attempt | { readonly pauseSeconds: number };
}

interface Slate {
  readonly failedAtMs: readonly number[];
  readonly running: number;
}

const mostFailures = 10;
const withinMs = 5 * 60_000;
const rememberedSlates = 50_000;
const clean: Slate = { failedAtMs: [], running: 0 };

/** Each process counts for itself: with several, somebody has as many times the attempts, and no more. */
export const createFailedAttempts = (clock: Clock): FailedAttempts => {
  const slates = new BoundedCache<string, Slate>(rememberedSlates);
  const recent = (whose: string): Slate => {
    const sinceMs = clock.nowMs() - withinMs;
    const { failedAtMs, running } = slates.get(whose) ?? clean;
    return { failedAtMs: failedAtMs.filter((atMs) => atMs > sinceMs), running };
  };
  const keep = (whose: string, { failedAtMs, running }: Slate): void => {
    if (failedAtMs.length + running === 0) slates.delete(whose);
    else slates.set(whose, { failedAtMs: failedAtMs.slice(-mostFailures), running });
  };

  return {
    begin(whose) {
      const { failedAtMs, running } = recent(whose);
      if (failedAtMs.length >= mostFailures) {
        return { pauseSeconds: Math.max(1, Math.ceil((failedAtMs[0]! + withinMs - clock.nowMs()) / 1000)) };
      }
      // Those that are running may still turn out right.
      if (failedAtMs.length + running >= mostFailures) return { pauseSeconds: 1 };
      keep(whose, { failedAtMs, running: running + 1 });
      return {
        end(outcome) {
          const now = recent(whose);
          const failed = outcome === "right" ? [] : outcome === "wrong" ? [...now.failedAtMs, clock.nowMs()] : now.failedAtMs;
          keep(whose, { failedAtMs: failed, running: Math.max(0, now.running - 1) });
        },
      };
    },
  };
};
