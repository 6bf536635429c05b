import { join, resolve } from "node:path";
import { Command, Option } from "commander";
import { CommandRefused } from "../../packages/server/src/commands/command-refused.ts";
import { integer, listOf, readDatabase } from "../options.ts";
import { type DatabaseName, databaseNames } from "../results.ts";
import { type RadiusCase, radiusCases } from "./cases.ts";
import { usualThreads } from "./freeradius-configuration.ts";
import { lanes } from "./plan.ts";

/** What a command line of `npm run bench -- radius` asks for. */
export interface RadiusOptions {
  /** Accounts of each kind. */
  readonly accounts: number;
  readonly databases: readonly DatabaseName[];
  /** Undefined measures them all. */
  readonly only: readonly RadiusCase[] | undefined;
  readonly rounds: number;
  readonly seconds: number;
  readonly window: number;
  readonly freeRadius: boolean;
  /** Of FreeRADIUS; undefined are those that suit the database. */
  readonly threads: number | undefined;
  readonly check: boolean;
  readonly save: boolean;
  readonly profiles: string | undefined;
  readonly data: string;
}

interface Parsed {
  readonly accounts?: number;
  readonly database: DatabaseName[];
  readonly only?: RadiusCase[];
  readonly rounds?: number;
  readonly seconds?: number;
  readonly window: number;
  readonly quick?: true;
  readonly freeradius: boolean;
  readonly threads?: number;
  readonly check?: true;
  readonly save?: true;
  readonly profile?: string;
  readonly data?: string;
}

const usual = { accounts: 5_000, rounds: 5, seconds: 3 } as const;
const quick = { accounts: 1_000, rounds: 2, seconds: 1 } as const;
/** The server remembers 50,000 right passwords. */
const maxAccounts = 20_000;

const readCase = (text: string): RadiusCase => {
  const found = radiusCases.find(({ id }) => id.toLowerCase() === text.toLowerCase());
  if (found) return found;
  throw new CommandRefused(`There is no case ${text}. The cases are: ${radiusCases.map(({ id }) => id).join(", ")}.`);
};

const examples = `
Examples:
  $ npm run bench -- radius                                     # both databases, beside FreeRADIUS where it is installed
  $ npm run bench -- radius --quick --database sqlite           # a first impression
  $ npm run bench -- radius --only Interim --window 128         # one case, more at once
  $ npm run bench -- radius --only PAP --no-freeradius --profile /tmp/profiles   # where does the time go?
  $ npm run bench -- radius --save                              # what is committed
  $ npm run bench -- radius --check                             # did anything become dearer than the committed results?

Beside FreeRADIUS: sudo apt-get install freeradius freeradius-postgresql, as root or as a member of the group freerad.

Cases:
${radiusCases.map(({ id, title }) => `  ${id.padEnd(10)} ${title}`).join("\n")}
`;

/** Reads a command line. Commander says what is wrong with one and ends the process. */
export const readRadiusOptions = (argv: readonly string[]): RadiusOptions => {
  const parsed = new Command("npm run bench -- radius")
    .description(
      "Measures the RADIUS door beside a bare node:dgram echo of the same bytes and beside FreeRADIUS with rlm_sql, in turns, on loopback.",
    )
    .addOption(
      new Option(
        "--accounts <n>",
        `accounts with a balance, and as many without one (default: ${usual.accounts.toLocaleString("en")})`,
      ).argParser(integer(lanes * 50, maxAccounts)),
    )
    .addOption(
      new Option("--database <name,…>", "databases").argParser(listOf(readDatabase)).default([...databaseNames], databaseNames.join()),
    )
    .addOption(new Option("--only <id,…>", "cases to measure (default: all)").argParser(listOf(readCase)))
    .addOption(new Option("--rounds <n>", `rounds of each case (default: ${usual.rounds})`).argParser(integer(1, 100)))
    .addOption(new Option("--seconds <n>", `length of a round (default: ${usual.seconds})`).argParser(integer(1, 60)))
    .addOption(new Option("--window <n>", "requests that wait for their answers at once").argParser(integer(lanes, 400)).default(64))
    .option("--quick", `${quick.rounds} rounds of ${quick.seconds} second and ${quick.accounts.toLocaleString("en")} accounts`)
    .option("--no-freeradius", "leave FreeRADIUS out although it is installed")
    .addOption(
      new Option(
        "--threads <n>",
        `threads of FreeRADIUS (default: ${usualThreads.sqlite} on SQLite, ${usualThreads.postgres} on PostgreSQL)`,
      ).argParser(integer(1, 64)),
    )
    .option("--check", "compare with the committed results; exit code 1 where CPU per packet rose by more than a fifth")
    .option("--save", "write bench/results/radius and docs/reference/performance.md")
    .option("--profile <folder>", "leave a CPU profile of gatehouse serve there")
    .option("--data <folder>", "where the databases of the run are made (default: bench/.data)")
    .addHelpText("after", examples)
    .showHelpAfterError()
    .showSuggestionAfterError()
    .parse(argv)
    .opts<Parsed>();
  if (parsed.save && (parsed.only || parsed.quick || parsed.check || parsed.profile || parsed.threads || !parsed.freeradius)) {
    throw new CommandRefused(
      "--save keeps whole runs: drop --only, --quick, --check, --profile, --threads and --no-freeradius, or drop --save.",
    );
  }
  return settle(parsed);
};

const settle = (parsed: Parsed): RadiusOptions => {
  const lengths = parsed.quick ? quick : usual;
  return {
    accounts: parsed.accounts ?? lengths.accounts,
    databases: parsed.database,
    // In the order of the table: what one case reports must be billed before the next one uses the same accounts.
    only: parsed.only && radiusCases.filter((one) => parsed.only!.includes(one)),
    rounds: parsed.rounds ?? lengths.rounds,
    seconds: parsed.seconds ?? lengths.seconds,
    window: parsed.window,
    freeRadius: parsed.freeradius,
    threads: parsed.threads,
    check: parsed.check === true,
    save: parsed.save === true,
    profiles: parsed.profile === undefined ? undefined : resolve(parsed.profile),
    data: parsed.data ?? join(import.meta.dirname, "../.data"),
  };
};
