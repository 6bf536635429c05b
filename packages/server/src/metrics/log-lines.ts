import { type Collector, counter } from "./family.ts";

const levels: Readonly<Record<number, string>> = { 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "fatal" };

export interface LogLines {
  /** Counts a line of a level, by the logger's number for it. */
  count(level: number): void;
  readonly collect: Collector;
}

/** Counts the lines of a log by level: errors that nobody reads show up on a graph. */
export const createLogLines = (): LogLines => {
  const lines: Record<number, number> = { 20: 0, 30: 0, 40: 0, 50: 0, 60: 0 };
  return {
    count(level) {
      lines[level] = (lines[level] ?? 0) + 1;
    },
    collect: () => [
      counter(
        "gatehouse_log_lines_total",
        "Lines of the log by level.",
        Object.entries(levels).map(([level, name]) => ({ labels: { level: name }, value: lines[Number(level)]! })),
      ),
    ],
  };
};
