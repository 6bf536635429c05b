import { Command, InvalidArgumentError, Option } from "commander";
import { startPostgres } from "../../packages/server/test/support/postgres-server.ts";
import { startChild } from "../child.ts";
import { openEmpty } from "../empty-database.ts";
import { atEnd } from "../ending.ts";
import { listOf, readDatabase } from "../options.ts";
import { print } from "../print.ts";
import { say } from "../progress.ts";
import { type DatabaseName, databaseNames } from "../results.ts";
import type { NotedTrip } from "./traced-process.ts";
import { figuresOf, type TripFigures } from "./trip-figures.ts";
import { trips } from "./trip-list.ts";
import { exceeded, filesTable, tripsTable, writeTripsPage } from "./trips-page.ts";

interface Options {
  readonly database: readonly DatabaseName[];
  readonly only?: readonly string[];
  readonly files?: true;
  readonly check?: true;
  readonly save?: true;
}

const readTrip = (text: string): string => {
  if (trips.some(({ id }) => id === text)) return text;
  throw new InvalidArgumentError(`The trips are: ${trips.map(({ id }) => id).join(", ")}.`);
};

const readTripOptions = (argv: readonly string[]): Options =>
  new Command("npm run bench -- trips")
    .description("Notes which functions a request enters on its way through the code, and counts the files and the returns to them.")
    .addOption(
      new Option("--database <name,…>", "databases").argParser(listOf(readDatabase)).default([...databaseNames], databaseNames.join()),
    )
    .addOption(new Option("--only <id,…>", `trips to show: ${trips.map(({ id }) => id).join(", ")}`).argParser(listOf(readTrip)))
    .option("--files", "also show the files of each trip in order, with the functions entered")
    .option("--check", "exit code 1 where a trip exceeds its limit")
    .option("--save", "write docs/reference/trips.md")
    .showHelpAfterError()
    .parse(argv as string[])
    .opts<Options>();

/** `npm run bench -- trips`: counts files and functions, not time, so it needs no quiet machine. */
export const runTrips = async (argv: readonly string[]): Promise<void> => {
  const options = readTripOptions(argv);
  const server = options.database.includes("postgres") ? await startPostgres() : undefined;
  if (server) atEnd(() => server.stop());
  const noted = new Map<DatabaseName, readonly TripFigures[]>();
  for (const database of options.database) {
    say(`${database}: noting ${trips.length} trips`);
    const { environment, drop } = await openEmpty(database, server?.url);
    const child = startChild<Readonly<Record<string, string>>, NotedTrip[]>("trips/traced-process.ts", [
      "--disable-warning=ExperimentalWarning",
    ]);
    const figures = (await child.ask(environment)).map(figuresOf);
    if (figures.find(({ id }) => id === "patch-time")?.units === 0)
      throw new Error("No unit of work was noted in a PATCH: name its function anew in bench/trips/trip-figures.ts.");
    noted.set(
      database,
      figures.filter(({ id }) => options.only?.includes(id) ?? true),
    );
    await child.stop();
    await drop();
  }
  process.stdout.write("\n");
  print(tripsTable(noted));
  if (options.files) {
    for (const [database, figures] of noted) {
      for (const trip of figures) {
        process.stdout.write(`\n${trip.id} (${database})\n\n`);
        print(filesTable(trip));
      }
    }
  }
  const faults = exceeded(noted);
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  if (options.check && faults.length > 0) process.exitCode = 1;
  if (options.save) await writeTripsPage(noted);
};
