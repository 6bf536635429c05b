import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { currentCommit } from "../machine.ts";
import type { DatabaseName } from "../results.ts";
import { markdown, type Table } from "../tables.ts";
import { isDomain, type TripFigures } from "./trip-figures.ts";
import { before, firstNoted, limits } from "./trip-limits.ts";
import { trips } from "./trip-list.ts";

export type NotedTrips = ReadonlyMap<DatabaseName, readonly TripFigures[]>;

/** One figure where all databases have the same, else one for each. */
const shared = (figures: readonly (string | number)[]): string => [...new Set(figures.map(String))].join(" / ");

const figureColumns = ["files", "functions", "domainFiles", "stays", "returns", "units"] as const;

/** A row a trip, with the databases apart where they differ, and beside them what they were. */
export const tripsTable = (noted: NotedTrips): Table => ({
  headings: ["Trip", "Files", "Functions", "Domain files", "Stays", "Returns", "Units of work", "Limit"],
  rows: trips.flatMap(({ id, title }) => {
    const figures = [...noted.values()].flatMap((all) => all.filter((trip) => trip.id === id));
    if (figures.length === 0) return [];
    const cells = figureColumns.map((column) => {
      const now = shared(figures.map((trip) => trip[column]));
      const then = column === "units" ? undefined : before.trips[id]?.[column];
      return then === undefined ? now : `${now} (was ${then})`;
    });
    const limit = limits[id];
    return [[title, ...cells, limit ? `${limit.domainFiles} files, ${limit.returns} returns` : ""]];
  }),
});

/** What trips were at earlier commits. */
const earlierTable: Table = {
  headings: [
    "Trip",
    ...[firstNoted, before].flatMap(({ commit }) => ["domain files", "stays", "returns"].map((what) => `${what}, ${commit}`)),
  ],
  rows: trips.map(({ id, title }) => [
    title,
    ...[firstNoted, before].flatMap(({ trips: then }) =>
      (["domainFiles", "stays", "returns"] as const).map((what) => String(then[id]![what])),
    ),
  ]),
};

/** The stays of a trip in order. Files outside of the domain are set apart by brackets. */
export const filesTable = ({ way }: TripFigures): Table => ({
  headings: ["", "File", "Functions"],
  rows: way.map(({ file, functions }, index) => [String(index + 1), isDomain(file) ? file : `(${file})`, shortly(functions).join(", ")]),
});

/** Names in a row that are the same are one, with their count. */
const shortly = (names: readonly string[]): string[] => {
  const runs: { name: string; count: number }[] = [];
  for (const name of names) {
    const last = runs.at(-1);
    if (last?.name === name) last.count += 1;
    else runs.push({ name, count: 1 });
  }
  return runs.map(({ name, count }) => (count === 1 ? name : `${name} ×${count}`));
};

/** A sentence for each limit that a trip exceeds. */
export const exceeded = (noted: NotedTrips): string[] =>
  [...noted].flatMap(([database, figures]) =>
    figures.flatMap((trip) =>
      (["domainFiles", "returns"] as const).flatMap((what) => {
        const most = limits[trip.id]?.[what];
        if (most === undefined || trip[what] <= most) return [];
        const named = what === "returns" ? "returns" : "files of the domain";
        return [`${trip.id} (${database}): ${trip[what]} ${named}; ${most} are the most.`];
      }),
    ),
  );

const explanation = `The real application runs in one process, on SQLite and on PostgreSQL, and answers one request at a time over real
sockets. A module hook adds a call to the start of each function of both packages, which notes that it was entered. Each
trip is made several times and the shortest is taken, so caches are warm and no recurring job is counted.

- **Functions**: different functions that were entered.
- **Domain**: all files but storage, the RADIUS codec, the contract package and files of the kernel that import no other.
- **Stay**: calls in a row in one file of the domain. **Return**: a stay in a file that had been left before.
- **Units of work**: transactions that the trip runs before it is over. Traces of access decisions are written later.

\`npm run bench -- trips --files\` shows the files of each trip in order. \`--check\` fails where a trip exceeds its limit.`;

export const writeTripsPage = async (noted: NotedTrips): Promise<void> => {
  const text = [
    "<!-- Made by `npm run bench -- trips --save`. Note the trips again instead of changing this page. -->",
    "# Trips",
    "How many files a request visits on its way through the code, and how often it returns to one.",
    `At commit ${currentCommit()}, in brackets at ${before.commit}. Where the databases differ: SQLite / PostgreSQL.`,
    markdown(tripsTable(noted)),
    `The limits are set by what was noted at ${firstNoted.commit}: returns are to be half of those. Until ${before.commit}, which was the last
commit before the code was ordered anew, the same trips grew with what they do:`,
    markdown(earlierTable),
    explanation,
  ];
  await writeFile(join(import.meta.dirname, "../../docs/reference/trips.md"), `${text.join("\n\n")}\n`);
};
