import { join } from "node:path";
import type { KeptResult } from "../results.ts";
import { readResults, resultsFolder, writeResults } from "../saved-results.ts";
import { median } from "../statistics.ts";
import { figure, markdown, type Table } from "../tables.ts";
import { floods } from "./floods.ts";
import { type QuietWork, quietWork, type Times } from "./quiet-tenant.ts";

/** What one round measured of the quiet tenant, without the flood and beside it. */
export interface NeighbourRound {
  readonly quiet: Readonly<Record<QuietWork, Times>>;
  readonly flooded: Readonly<Record<QuietWork, Times>>;
  /** What the flood was answered, by outcome. */
  readonly outcomes: Readonly<Record<string, number>>;
}

/** Everything that one run measured of one database. */
export interface NeighbourResult extends KeptResult {
  readonly settings: { readonly rounds: number; readonly seconds: number };
  /** How many processes wanted a processor just before, on average over five minutes: what else kept the machine busy. */
  readonly load: number;
  /** An array of 1,000 accounts without passwords, while nothing else is going on: one unit of work. */
  readonly arrayMs: number;
  readonly floods: Readonly<Record<string, readonly NeighbourRound[]>>;
}

const folder = join(resultsFolder, "neighbour");

/** The committed results. */
export const readSavedNeighbours = (from = folder): Promise<NeighbourResult[]> => readResults<NeighbourResult>(from);

/** Writes each result to the file of its database. */
export const saveNeighbours = (results: readonly NeighbourResult[], to = folder): Promise<void> => writeResults(results, to);

/** The middle of the rounds, in milliseconds. */
export interface Compared {
  readonly quiet: number;
  readonly flooded: number;
  /** Whether it is at most twice its quiet value, or one array's unit more. */
  readonly isHeld: boolean;
}

export const compareTimes = (rounds: readonly NeighbourRound[], work: QuietWork, part: "p50" | "p99", arrayMs: number): Compared => {
  const middle = (side: "quiet" | "flooded") => median(rounds.map((round) => round[side][work][part]))!;
  const [quiet, flooded] = [middle("quiet"), middle("flooded")];
  return { quiet, flooded, isHeld: flooded <= Math.max(2 * quiet, quiet + arrayMs) };
};

/** The slowest hundredth of each kind, quiet and flooded; what is over its bound is marked. */
export const neighbourTable = ({ floods: measured, arrayMs }: NeighbourResult, part: "p50" | "p99" = "p99"): Table => {
  const kinds = Object.keys(quietWork) as QuietWork[];
  return {
    headings: [`${part} in ms, quiet → flooded (ratio)`, ...kinds.map((kind) => quietWork[kind])],
    rows: floods
      .filter(({ id }) => id in measured)
      .map(({ id, title }) => [
        title,
        ...kinds.map((kind) => {
          const { quiet, flooded, isHeld } = compareTimes(measured[id]!, kind, part, arrayMs);
          return `${figure(quiet)} → ${figure(flooded)} (${figure(flooded / quiet)})${isHeld || part === "p50" ? "" : " over"}`;
        }),
      ]),
  };
};

const introduction = `## Beside a flooding neighbour

What a flood of one tenant does to the slowest hundredth of what another one does, a few dozen things a second of each kind. Quiet and flooded
values are of the same run, in turns, and each is the middle of its rounds. The flood comes from a process of its own on the same cores, so
that a part of each ratio is the machine's and not the server's, most of it where other work kept the machine busy (a load above its cores). The design allows twice the quiet value, or one array's unit of work more;
\`over\` marks what is beyond.`;

const repeat = `\`\`\`console
npm run bench -- neighbour            # both databases, on your machine
npm run bench -- neighbour --save     # what made this section
npm run bench -- neighbour --only starts,top-ups --rounds 5
\`\`\``;

/** The page's part about neighbours; undefined where nothing of it is committed. */
export const neighbourPart = (results: readonly NeighbourResult[]): string | undefined => {
  if (results.length === 0) return undefined;
  const ordered = [...results].sort((one, other) => other.database.localeCompare(one.database));
  const sections = ordered.map((result) => {
    const { machine, settings, load } = result;
    return [
      `### Neighbours on ${result.database === "sqlite" ? "SQLite" : "PostgreSQL"}, one process`,
      [
        `${machine.processor}, ${machine.cores} cores, Node ${machine.node.slice(1)}; commit ${result.commit}, ${result.date.slice(0, 10)};`,
        `${settings.rounds} rounds of ${settings.seconds} s; an array's unit of work takes ${figure(result.arrayMs)} ms; load of the machine before ${figure(load)}.`,
      ].join("\n"),
      markdown(neighbourTable(result)),
      markdown(neighbourTable(result, "p50")),
    ].join("\n\n");
  });
  return [introduction, ...sections, repeat].join("\n\n");
};
