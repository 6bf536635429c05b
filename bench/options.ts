import { join, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { CommandRefused } from "../packages/server/src/commands/command-refused.ts";
import { type LoadTool, loadTools } from "./load-tools.ts";
import { type Operation, operations } from "./operations.ts";
import { type DatabaseName, databaseNames } from "./results.ts";
import { referenceUsers } from "./targets.ts";
import { hasWrk } from "./wrk.ts";

/** What a command line asks for. */
export interface Options {
  readonly users: readonly number[];
  readonly databases: readonly DatabaseName[];
  readonly workers: readonly number[];
  /** Undefined measures them all. */
  readonly only: readonly Operation[] | undefined;
  readonly rounds: number;
  readonly seconds: number;
  readonly quick: boolean;
  readonly soak: boolean;
  readonly check: boolean;
  readonly save: boolean;
  readonly tool: LoadTool;
  /** Where the processes that serve leave CPU profiles when they end. */
  readonly profiles: string | undefined;
  readonly data: string;
}

interface Parsed {
  readonly users: number[];
  readonly database: DatabaseName[];
  readonly workers?: number[];
  readonly only?: Operation[];
  readonly rounds?: number;
  readonly seconds?: number;
  readonly quick?: true;
  readonly soak?: true;
  readonly check?: true;
  readonly save?: true;
  readonly tool: LoadTool;
  readonly profile?: string;
  readonly data?: string;
}

/** Fewer have no page at the depth of the deep ones. */
const fewestUsers = 20_000;
const usual = { rounds: 5, seconds: 2, workers: [1, 2] } as const;
/** Both databases within three minutes: who asks what a change costs should get the answer while it matters. */
const quick = { rounds: 2, seconds: 1, workers: [1] } as const;

export const integer = (least: number, most: number) => (text: string) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new InvalidArgumentError(`Give an integer from ${least} to ${most}.`);
  return value;
};

export const listOf =
  <T>(read: (text: string) => T) =>
  (text: string): T[] => [...new Set(text.split(",").map((part) => read(part.trim())))];

export const readDatabase = (text: string): DatabaseName => {
  const found = databaseNames.find((name) => name === text);
  if (found) return found;
  throw new InvalidArgumentError(`The databases are: ${databaseNames.join(", ")}.`);
};

const readOperation = (text: string): Operation => {
  const found = operations.find(({ id }) => id.toLowerCase() === text.toLowerCase());
  if (found) return found;
  throw new InvalidArgumentError(`The operations are: ${operations.map(({ id }) => id).join(", ")}.`);
};

const examples = `
Examples:
  $ npm run bench                                     # both databases, 1 and 2 processes, 100,000 users
  $ npm run bench -- --quick                          # a first impression, one process
  $ npm run bench -- --only R1,L1 --rounds 9          # two operations, more closely
  $ npm run bench -- --only W2 --workers 1 --profile /tmp/profiles   # where does the time go?
  $ npm run bench -- --users 1000000 --workers 1      # does it stay as fast?
  $ npm run bench -- --soak --save                    # what is committed: the results, and docs/reference/performance.md
  $ npm run bench -- radius --help                    # the RADIUS server, beside FreeRADIUS
  $ npm run bench -- neighbour --seconds 5            # what a flood of one tenant does to another
  $ npm run bench -- arrays --help                    # what arrays of 1,000 rows take, beside no accounts and many
  $ npm run bench -- trips --files                    # which files a request visits, in order
  $ npm run bench -- one-account --help               # what one account bears when all happens to it
  $ npm run bench -- --check                          # did anything become dearer than the committed results?

Operations:
${operations.map(({ id, title }) => `  ${id.padEnd(10)} ${title.replaceAll("`", "")}`).join("\n")}
`;

/** Reads a command line. Commander says what is wrong with one and ends the process. */
export const readOptions = (argv: readonly string[]): Options => {
  const command = new Command("npm run bench --")
    .description("Measures Gatehouse beside a bare node:http server that answers the same bytes, in turns, on loopback.")
    .addOption(
      new Option("--users <n,…>", "accounts of the data set")
        .argParser(listOf(integer(fewestUsers, 100_000_000)))
        .default([referenceUsers]),
    )
    .addOption(
      new Option("--database <name,…>", "databases").argParser(listOf(readDatabase)).default([...databaseNames], databaseNames.join()),
    )
    .addOption(new Option("--workers <n,…>", "processes that serve (default: 1,2)").argParser(listOf(integer(1, 64))))
    .addOption(new Option("--only <id,…>", "operations to measure (default: all)").argParser(listOf(readOperation)))
    .addOption(new Option("--rounds <n>", `rounds of each operation (default: ${usual.rounds})`).argParser(integer(1, 1_000)))
    .addOption(new Option("--seconds <n>", `length of a round (default: ${usual.seconds})`).argParser(integer(1, 600)))
    .option("--quick", `${quick.rounds} rounds of ${quick.seconds} second and one process, for a first impression within three minutes`)
    .option("--soak", "also answer 1,000,000 requests and watch the memory")
    .option("--check", "compare with the committed results; exit code 1 where CPU per request rose by more than a fifth")
    .option("--save", "write bench/results and docs/reference/performance.md")
    .addOption(new Option("--tool <name>", "the load generator; wrk must be installed").choices(loadTools).default("autocannon"))
    .option("--profile <folder>", "leave CPU profiles of gatehouse serve there")
    .option("--data <folder>", "where data sets are kept from run to run (default: bench/.data)")
    .addHelpText("after", examples)
    .showHelpAfterError()
    .showSuggestionAfterError()
    .parse(argv);
  const parsed = command.opts<Parsed>();
  if (parsed.save && (parsed.only || parsed.quick || parsed.check || parsed.profile)) {
    throw new CommandRefused("--save keeps whole runs: drop --only, --quick, --check and --profile, or drop --save.");
  }
  if (parsed.check && parsed.soak)
    throw new CommandRefused("--check compares CPU time per request, and --soak watches memory: give one of them.");
  if (parsed.tool === "wrk" && !hasWrk()) throw new CommandRefused("wrk is not on the PATH. Install it, or drop --tool.");
  const lengths = parsed.quick ? quick : usual;
  return {
    users: parsed.users,
    databases: parsed.database,
    workers: parsed.workers ?? lengths.workers,
    only: parsed.only,
    rounds: parsed.rounds ?? lengths.rounds,
    seconds: parsed.seconds ?? lengths.seconds,
    quick: parsed.quick === true,
    soak: parsed.soak === true,
    check: parsed.check === true,
    save: parsed.save === true,
    tool: parsed.tool,
    profiles: parsed.profile === undefined ? undefined : resolve(parsed.profile),
    data: parsed.data ?? join(import.meta.dirname, ".data"),
  };
};
