import type { Spread } from "../results.ts";
import { median } from "../statistics.ts";
import { cpuPerRequest, requestsPerSecond, spreadOf, summarize } from "../summary.ts";
import type { RadiusCaseResult, RadiusFigures, RadiusRound, TheirSummary } from "./radius-results.ts";

/** The middle of each figure, and of each ratio round by round. */
export const summarizeRadius = (rounds: readonly RadiusRound[]): RadiusCaseResult => ({
  summary: summarize(rounds),
  theirs: summarizeTheirs(rounds),
  lost: sum(rounds.map(({ ours }) => ours.lost)),
  rounds,
});

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const summarizeTheirs = (rounds: readonly RadiusRound[]): TheirSummary | undefined => {
  const both = rounds.flatMap(({ ours, theirs }) => (theirs ? [{ ours, theirs }] : []));
  if (both.length === 0) return undefined;
  const middle = (figure: (theirs: RadiusFigures) => number): number => median(both.map(({ theirs }) => figure(theirs)))!;
  const ratio = (figure: (figures: RadiusFigures) => number, isTheirsByOurs = false): Spread =>
    spreadOf(both.map(({ ours, theirs }) => (isTheirsByOurs ? figure(theirs) / figure(ours) : figure(ours) / figure(theirs))));
  return {
    requestsPerSecond: middle(requestsPerSecond),
    p50Ms: middle(({ p50Ms }) => p50Ms),
    p99Ms: middle(({ p99Ms }) => p99Ms),
    cpu: middle((figures) => cpuPerRequest(figures) * 1_000),
    rateRatio: ratio(requestsPerSecond),
    p99Ratio: ratio(({ p99Ms }) => p99Ms),
    cpuRatio: ratio(cpuPerRequest, true),
    lost: sum(both.map(({ theirs }) => theirs.lost)),
  };
};
