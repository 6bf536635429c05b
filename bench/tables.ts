import { operations } from "./operations.ts";
import type { OperationResult, Result } from "./results.ts";
import type { Goal, Measured, Unit, Verdict } from "./targets.ts";

/** A table as people read it: on the terminal and on the page alike. */
export interface Table {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A table in Markdown. */
export const markdown = ({ headings, rows }: Table): string =>
  [headings, headings.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`)
    .join("\n");

/** A load generator as busy as this had no more to give: the bare server could have answered more. */
export const busyClient = 0.9;

/** Digits enough to tell two figures apart, and no more. */
export const figure = (value: number): string => {
  if (value === 0) return "0";
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 0.1 ? 2 : 3;
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
};

/** One result: each operation, then what was compared with bare statements. */
export const operationsTable = (result: Result): Table => {
  const listed = operations.filter(({ id }) => id in result.operations);
  return {
    headings: [
      "operation",
      "requests/s",
      "p50 ms",
      "p99 ms",
      "CPU s/1,000: ours",
      "database",
      "bare",
      "CPU ratio (least-most)",
      "requests/s ratio",
    ],
    rows: [
      ...listed.map(({ id, title, rows }) => rowOf(id, title, result.operations[id]!, rows)),
      ...Object.entries(result.references).map(([id, reference]) => {
        const rows = operations.find((operation) => operation.id === id)?.rows;
        return rowOf(id, "beside its bare statements", reference, rows);
      }),
    ],
  };
};

const rowOf = (id: string, title: string, { summary }: OperationResult, rows = 1): string[] => {
  const { cpuRatio, requestsRatio, clientLoad } = summary;
  const perSecond = figure(summary.requestsPerSecond);
  return [
    `${id} ${title}`,
    rows === 1 ? perSecond : `${perSecond} (${figure(summary.requestsPerSecond * rows)} rows)`,
    figure(summary.p50Ms),
    figure(summary.p99Ms),
    figure(summary.applicationCpu),
    summary.databaseCpu === 0 ? "-" : figure(summary.databaseCpu),
    figure(summary.bareCpu),
    `${figure(cpuRatio.median)} (${figure(cpuRatio.least)}-${figure(cpuRatio.most)})`,
    `${figure(requestsRatio.median)}${clientLoad > busyClient ? " *" : ""}`,
  ];
};

/** What stands in no row: starts, memory, and how the workers shared. */
export const factsOf = ({ startMs, memory, soak, shares, workers, barePair }: Result): string[] => {
  const megabytes = (bytes: number) => `${figure(bytes / 1_000_000)} MB`;
  const last = soak?.samples.at(-1);
  return [
    `Start to /readyz: ${startMs.map((ms) => figure(ms / 1_000)).join(", ")} s.`,
    `Resident memory: ${megabytes(memory.residentBytes)} after ${memory.requests.toLocaleString("en")} requests.`,
    ...(last && soak
      ? [
          `A process that was just started holds ${megabytes(last.residentBytes)} after ${last.requests.toLocaleString("en")} requests of the mix, in the second half ${figure(soak.slope)} bytes a request.`,
        ]
      : []),
    ...(workers > 1 && shares.length > 0
      ? [`Parts of the reads by id: ${shares.map((share) => `${Math.round(share * 100)} %`).join(", ")}.`]
      : []),
    ...(barePair ? [`Two bare servers take ${figure(1 / barePair.summary.cpuRatio.median)} times the CPU per request of one.`] : []),
  ];
};

/** What a star in the last column means. */
export const clientNote = `* The load generator was busy for over ${busyClient * 100} % of the bare server's rounds, which could therefore have answered more: read the CPU ratio.`;

const unitTexts: Readonly<Record<Unit, string>> = {
  ratio: "",
  seconds: " s",
  milliseconds: " ms",
  megabytes: " MB",
  "megabytes per million requests": " MB per 1,000,000",
};

const valueText = (measured: Measured | undefined, unit: Unit): string => {
  if (!measured) return "";
  return `${figure(measured.value)}${unitTexts[unit]}`;
};

const limitText = ({ atLeast, atMost, aim, unit }: Goal): string => {
  const limit = atLeast !== undefined ? `≥ ${atLeast}` : `≤ ${atMost}`;
  return `${limit}${unitTexts[unit]}${aim === undefined ? "" : ` (aim ${aim})`}`;
};

/** The targets beside what was measured of them. */
export const verdictsTable = (verdicts: readonly Verdict<Goal>[]): Table => ({
  headings: ["database", "what", "target", "measured", "beside it", "verdict"],
  rows: verdicts.map(({ target, measured, verdict }) => [
    target.database,
    target.what,
    limitText(target),
    valueText(measured, target.unit),
    measured?.beside === undefined
      ? ""
      : `${figure(measured.beside)}${target.unit === "ratio" ? ` by ${measured.besideWhat ?? "requests/s"}` : unitTexts[target.unit]}`,
    verdict,
  ]),
});
