import { Command } from "commander";
import { addDemoCommand } from "./commands/demo.ts";
import { explainFailure } from "./commands/failure.ts";
import { addMigrateCommand } from "./commands/migrate.ts";
import { addOpenApiCommand } from "./commands/openapi.ts";
import { addRadiusCommand } from "./commands/radius.ts";
import { addServeCommand } from "./commands/serve.ts";
import { addTokenCommand } from "./commands/token.ts";
import { productVersion } from "./http/swagger.ts";

/** Runs one command line. A failure is told in words on standard error and by exit code 1. */
export const main = async (argv: readonly string[]): Promise<void> => {
  const program = new Command("gatehouse")
    .description("The self-hosted AAA and subscriber platform with the GATE REST API.")
    .version(productVersion)
    .showHelpAfterError()
    .showSuggestionAfterError();
  addServeCommand(program);
  addMigrateCommand(program);
  addTokenCommand(program);
  addDemoCommand(program);
  addRadiusCommand(program);
  addOpenApiCommand(program);
  endQuietlyWhereNobodyReads(argv[2] === "serve");
  try {
    await program.parseAsync(argv);
  } catch (error) {
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
