import type { LogFn, LoggerOptions } from "pino";
import { type Collector, counter } from "./family.ts";

const levels: Readonly<Record<number, string>> = { 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "fatal" };

/** Counts the lines of a log by level: errors that nobody reads show up on a graph. */
export const createLogLines = (): { readonly hooks: NonNullable<LoggerOptions["hooks"]>; readonly collect: Collector } => {
  const lines: Record<number, number> = { 20: 0, 30: 0, 40: 0, 50: 0, 60: 0 };
  return {
    hooks: {
      logMethod(this: unknown, inputs: Parameters<LogFn>, method: LogFn, level: number) {
        lines[level] = (lines[level] ?? 0) + 1;
        method.apply(this as never, inputs);
      },
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
