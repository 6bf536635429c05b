import { join, resolve } from "node:path";
import { Command, Option } from "commander";
import { CommandRefused } from "../../packages/server/src/commands/command-refused.ts";
import { integer, listOf, readDatabase } from "../options.ts";
import { type DatabaseName, databaseNames } from "../results.ts";
import { type Flood, floodOf, floods } from "./floods.ts";

/** What a command line of `npm run bench -- neighbour` asks for. */
export interface NeighbourOptions {
  readonly databases: readonly DatabaseName[];
  readonly floods: readonly Flood[];
  readonly rounds: number;
  readonly seconds: number;
  readonly save: boolean;
  readonly profiles: string | undefined;
  readonly data: string;
}

interface Parsed {
  readonly database: DatabaseName[];
  readonly only?: Flood[];
  readonly rounds: number;
  readonly seconds: number;
  readonly save?: true;
  readonly profile?: string;
  readonly data?: string;
}

/** Reads a command line. Commander says what is wrong with one and ends the process. */
export const readNeighbourOptions = (argv: readonly string[]): NeighbourOptions => {
  const parsed = new Command("npm run bench -- neighbour")
    .description("Measures what a flood of one tenant does to the slowest requests of another, in turns with a quiet neighbour.")
    .addOption(
      new Option("--database <name,…>", "databases").argParser(listOf(readDatabase)).default([...databaseNames], databaseNames.join()),
    )
    .addOption(new Option("--only <id,…>", "floods to measure (default: all)").argParser(listOf(floodOf)))
    .addOption(new Option("--rounds <n>", "rounds of each flood").argParser(integer(1, 100)).default(3))
    .addOption(new Option("--seconds <n>", "length of a round, quiet and flooded each").argParser(integer(1, 60)).default(5))
    .option("--save", "write bench/results/neighbour and docs/reference/performance.md")
    .option("--profile <folder>", "leave a CPU profile of gatehouse serve there")
    .option("--data <folder>", "where the databases of the run are made (default: bench/.data)")
    .addHelpText("after", `\nFloods:\n${floods.map(({ id, title }) => `  ${id.padEnd(14)} ${title}`).join("\n")}\n`)
    .showHelpAfterError()
    .showSuggestionAfterError()
    .parse(argv)
    .opts<Parsed>();
  if (parsed.save && (parsed.only || parsed.profile))
    throw new CommandRefused("--save keeps whole runs: drop --only and --profile, or drop --save.");
  return {
    databases: parsed.database,
    floods: parsed.only ?? floods,
    rounds: parsed.rounds,
    seconds: parsed.seconds,
    save: parsed.save === true,
    profiles: parsed.profile === undefined ? undefined : resolve(parsed.profile),
    data: parsed.data ?? join(import.meta.dirname, "../.data"),
  };
};
