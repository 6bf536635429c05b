import { monitorEventLoopDelay } from "node:perf_hooks";
import { type Collector, gauge } from "./family.ts";

/**
 * How often the loop is measured, in milliseconds. What holds the loop for less than this can go unseen, and a measurement
 * costs about 10 µs: half a percent of a busy core. Sampling by iteration would be free, and sees nothing of what
 * requests do, for they run inside the wait for input that it leaves out.
 */
const resolutionMs = 2;
/** An idle process is not woken 500 times a second to learn that nothing happened. */
const usualSleepsAfterMs = 2_000;

export interface LoopDelay {
  /** Says that something runs. Costs nothing while the sampler is awake. */
  noteActivity(): void;
  readonly collect: Collector;
  close(): void;
}

/** Samples how late the event loop is while requests come; each collection begins a new period. */
export const createLoopDelay = ({ sleepsAfterMs = usualSleepsAfterMs } = {}): LoopDelay => {
  let histogram: ReturnType<typeof monitorEventLoopDelay> | undefined;
  /** The worst of the times awake that have ended since the last collection. */
  let ended = { p99: 0, longest: 0 };
  let isAwake = false;
  let wasActive = false;
  let timer: NodeJS.Timeout | undefined;

  const sleep = () => {
    clearInterval(timer);
    if (!histogram) return;
    histogram.disable();
    ended = worst();
    histogram = undefined;
    isAwake = false;
  };
  const wake = () => {
    isAwake = true;
    // A new one each time: one that is enabled again takes the time that it slept for a delay.
    histogram = monitorEventLoopDelay({ resolution: resolutionMs });
    histogram.enable();
    timer = setInterval(() => {
      if (!wasActive) sleep();
      wasActive = false;
    }, sleepsAfterMs);
    timer.unref();
  };
  const secondsAt = (percentile: number) =>
    histogram === undefined || histogram.count === 0 ? 0 : Math.max(0, histogram.percentile(percentile) / 1e9 - resolutionMs / 1e3);
  const worst = () => ({ p99: Math.max(ended.p99, secondsAt(99)), longest: Math.max(ended.longest, secondsAt(100)) });

  return {
    noteActivity() {
      wasActive = true;
      if (!isAwake) wake();
    },
    collect() {
      const { p99, longest } = worst();
      const values = [
        { labels: { quantile: "0.99" }, value: p99 },
        { labels: { quantile: "1" }, value: longest },
      ];
      ended = { p99: 0, longest: 0 };
      histogram?.reset();
      return [
        // A metric whose lines differ by `quantile` is a summary to those who read the text.
        {
          ...gauge(
            "gatehouse_event_loop_delay_seconds",
            "How late the event loop was while requests came since the last scrape: 99 percent of the time less than 0.99's, never more than 1's. Of several workers the worst.",
            values,
            "max",
          ),
          type: "summary",
        },
      ];
    },
    close: sleep,
  };
};
