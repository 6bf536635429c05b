import { Command } from "commander";
import { addRadiusCommand } from "./commands/radius.ts";
import { productVersion } from "./http/product-version.ts";

/** Runs one command line. A failure is a sentence on standard error and exit code 1. */
export const main = async (argv: readonly string[]): Promise<void> => {
  const program = new Command("gatehouse")
    .description("The self-hosted AAA and subscriber platform with the GATE REST API.")
    .version(productVersion)
    .showHelpAfterError()
    .showSuggestionAfterError();
  // What plays equipment is started for each packet, and needs nothing of the server: 0.2 s of CPU instead of 0.5.
  if (argv[2] !== "radius") (await import("./commands/server-commands.ts")).addServerCommands(program);
  addRadiusCommand(program);
  endQuietlyWhereNobodyReads(argv[2] === "serve");
  try {
    await program.parseAsync(argv);
  } catch (error) {
    const { explainFailure } = await import("./commands/failure.ts");
    process.stderr.write(`${explainFailure(error)}\n`);
    process.exitCode = 1;
  }
};

/** What a program that is killed by SIGPIPE ends with. */
const brokenPipe = 141;

/** Who reads only the beginning of what a command says, such as `head`, closes the pipe. A server goes on without a reader. */
const endQuietlyWhereNobodyReads = (goesOn: boolean): void => {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      if (!goesOn) process.exit(brokenPipe);
    });
  }
};
