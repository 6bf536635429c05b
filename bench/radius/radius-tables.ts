import type { MemoryResult, Spread } from "../results.ts";
import { busyClient, figure, type Table } from "../tables.ts";
import { radiusCases } from "./cases.ts";
import type { RadiusCaseResult, RadiusResult } from "./radius-results.ts";

const spread = ({ median, least, most }: Spread): string => `${figure(median)} (${figure(least)}-${figure(most)})`;

/** What Gatehouse took for each case, beside the bare echo. */
export const radiusTable = (result: RadiusResult): Table => ({
  headings: [
    "case",
    "packets/s",
    "p50 ms",
    "p99 ms",
    "CPU s/1,000: ours",
    "database",
    "bare",
    "CPU ratio (least-most)",
    "packets/s ratio",
    "lost",
  ],
  rows: listed(result).map(({ id, title, measured: { summary, lost } }) => [
    `${id} ${title}`,
    figure(summary.requestsPerSecond),
    figure(summary.p50Ms),
    figure(summary.p99Ms),
    figure(summary.applicationCpu),
    summary.databaseCpu === 0 ? "-" : figure(summary.databaseCpu),
    figure(summary.bareCpu),
    spread(summary.cpuRatio),
    `${figure(summary.requestsRatio.median)}${summary.clientLoad > busyClient ? " *" : ""}`,
    String(lost),
  ]),
});

/** The same beside FreeRADIUS; undefined where that was not measured. */
export const besideFreeRadiusTable = (result: RadiusResult): Table | undefined => {
  if (result.freeRadius === undefined) return undefined;
  return {
    headings: [
      "case",
      "packets/s: FreeRADIUS",
      "p50 ms",
      "p99 ms",
      "CPU s/1,000",
      "our packets/s by its (least-most)",
      "our p99 by its",
      "its CPU by ours",
      "lost",
    ],
    rows: listed(result).flatMap(({ id, measured: { theirs } }) =>
      theirs === undefined
        ? []
        : [
            [
              id,
              figure(theirs.requestsPerSecond),
              figure(theirs.p50Ms),
              figure(theirs.p99Ms),
              figure(theirs.cpu),
              spread(theirs.rateRatio),
              figure(theirs.p99Ratio.median),
              figure(theirs.cpuRatio.median),
              String(theirs.lost),
            ],
          ],
    ),
  };
};

const listed = ({ operations }: RadiusResult): { id: string; title: string; measured: RadiusCaseResult }[] =>
  radiusCases.flatMap(({ id, title }) => {
    const measured = operations[id];
    return measured ? [{ id, title, measured }] : [];
  });

/** What stands in no row. */
export const radiusFacts = ({ memory: { ours, theirs }, settings, freeRadius }: RadiusResult): string[] => {
  const text = (name: string, { residentBytes, requests }: MemoryResult) =>
    `${name} ${figure(residentBytes / 1_000_000)} MB after ${requests.toLocaleString("en")} packets`;
  return [
    `Resident memory: ${[text("Gatehouse", ours), ...(theirs ? [text("FreeRADIUS", theirs)] : [])].join("; ")}.`,
    `${settings.rounds} rounds of ${settings.seconds} s with ${settings.window} requests under way; FreeRADIUS ${freeRadius ?? "was not measured"}.`,
  ];
};
