import type { Figures, Round, Spread, Summary } from "./results.ts";
import { median } from "./statistics.ts";

const middle = (values: readonly number[]): number => median(values)!;

/** The middle of some values, with the least and the most. */
export const spreadOf = (values: readonly number[]): Spread => ({
  median: middle(values),
  least: Math.min(...values),
  most: Math.max(...values),
});

/** CPU seconds of one request, the database server's included. */
export const cpuPerRequest = (figures: Figures): number => (figures.applicationCpuSeconds + figures.databaseCpuSeconds) / figures.requests;
export const requestsPerSecond = (figures: Figures): number => figures.requests / figures.seconds;

/** The middle of each figure; ratios are taken round by round, for what disturbs a round disturbs both of its sides. */
export const summarize = (rounds: readonly Round[]): Summary => {
  const ofOurs = (figure: (figures: Figures) => number) => middle(rounds.map(({ ours }) => figure(ours)));
  const ofBare = (figure: (figures: Figures) => number) => middle(rounds.map(({ bare }) => figure(bare)));
  return {
    requestsPerSecond: ofOurs(requestsPerSecond),
    bareRequestsPerSecond: ofBare(requestsPerSecond),
    p50Ms: ofOurs((figures) => figures.p50Ms),
    p99Ms: ofOurs((figures) => figures.p99Ms),
    applicationCpu: ofOurs((figures) => (figures.applicationCpuSeconds / figures.requests) * 1_000),
    databaseCpu: ofOurs((figures) => (figures.databaseCpuSeconds / figures.requests) * 1_000),
    bareCpu: ofBare((figures) => cpuPerRequest(figures) * 1_000),
    cpuRatio: spreadOf(rounds.map(({ bare, ours }) => cpuPerRequest(bare) / cpuPerRequest(ours))),
    requestsRatio: spreadOf(rounds.map(({ bare, ours }) => requestsPerSecond(ours) / requestsPerSecond(bare))),
    clientLoad: ofBare((figures) => figures.clientCpuSeconds / figures.seconds),
  };
};
